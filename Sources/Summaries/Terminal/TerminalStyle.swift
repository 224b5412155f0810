import Foundation
import SpanKitPlatform

/// The capabilities of an output: its width, colours, and characters beyond ASCII.
public struct TerminalStyle: Sendable, Equatable {
    /// The maximum number of columns of a line.
    public let width: Int
    /// Whether to write escape sequences for colours.
    public let usesColor: Bool
    /// Whether to write characters such as `█` and `µ`; otherwise all output is ASCII.
    public let usesUnicode: Bool
    /// The time zone in which times are shown.
    package var zone = DisplayZone.utc

    /// The maximum width of sentences and of operation reports, in columns. Longer lines are hard to read.
    public static let widestText = 100
    /// The maximum width of reports of traces, which have long names and waterfalls.
    package static let widestTraces = 160
    /// The minimum width. Narrower terminals wrap the lines.
    static let narrowestText = 40

    /// Creates a style. The width is clamped to 40…100.
    public init(width: Int = TerminalStyle.widestText, usesColor: Bool = false, usesUnicode: Bool = true) {
        self.init(width: width, widest: Self.widestText, usesColor: usesColor, usesUnicode: usesUnicode)
    }

    /// - Parameter widest: The maximum width: ``widestText``, or ``widestTraces`` for reports of traces.
    package init(width: Int, widest: Int, usesColor: Bool = false, usesUnicode: Bool = true) {
        self.width = min(max(width, Self.narrowestText), widest)
        self.usesColor = usesColor
        self.usesUnicode = usesUnicode
    }

    /// Creates the style for a file descriptor.
    ///
    /// Colours are used on a terminal, unless `NO_COLOR` is set (https://no-color.org) or `TERM` is `dumb`. Unicode is
    /// used if the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set names UTF-8, as in POSIX.
    public init(
        fileDescriptor: Int32,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.init(fileDescriptor: fileDescriptor, widest: Self.widestText, environment: environment)
    }

    /// - Parameter widest: The maximum width: ``widestText``, or ``widestTraces`` for reports of traces.
    package init(
        fileDescriptor: Int32,
        widest: Int,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let isTerminal = isatty(fileDescriptor) == 1
        let columns = isTerminal ? Self.columns(of: fileDescriptor) : nil
        self.init(isTerminal: isTerminal, columns: columns, widest: widest, environment: environment)
    }

    init(
        isTerminal: Bool,
        columns: Int?,
        widest: Int = TerminalStyle.widestText,
        environment: [String: String]
    ) {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let charset = locale.lowercased().filter { $0 != "-" }
        self.init(
            width: columns ?? Self.widestText,
            widest: widest,
            usesColor: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb",
            usesUnicode: charset.contains("utf8")
        )
    }

    private static func columns(of fileDescriptor: Int32) -> Int? {
        guard let columns = terminalSize(fileDescriptor)?.columns, columns > 0 else { return nil }
        return columns
    }
}

extension TerminalStyle {
    /// The meaning of a text. The style chooses its colour.
    package enum Role: Sendable {
        case normal, title, quiet, bar, good, caution, bad

        fileprivate var escapeCode: String? {
            switch self {
            case .normal: nil
            case .title: "1"
            case .quiet: "2"
            case .bar: "36"
            case .good: "32"
            case .caution: "33"
            case .bad: "31"
            }
        }
    }

    /// The text in the colour of its role; unchanged if the style has no colours.
    package func paint(_ text: String, _ role: Role) -> String {
        guard usesColor, !text.isEmpty, let code = role.escapeCode else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// Replaces the characters of a text that would control the terminal or that it cannot show.
    ///
    /// Names come from untrusted files and programs. A control character in a name must not move the cursor.
    package func printable(_ text: String) -> String {
        if text.utf8.allSatisfy({ 0x20 <= $0 && $0 < 0x7F }) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.steersTerminal {
                result += usesUnicode ? "\u{FFFD}" : "?"
            } else if usesUnicode || scalar.isASCII {
                result.unicodeScalars.append(scalar)
            } else {
                result += Self.inASCII[scalar] ?? "?"
            }
        }
        return result
    }

    private static let inASCII: [Unicode.Scalar: String] = [
        "µ": "u", "…": "~", "–": "-", "—": "-", "─": "-", "→": "->", "·": "-", "×": "x", "≤": "<=", "≥": ">=", "−": "-",
        "✓": "+", "✗": "x", "•": "*", "≈": "~", "’": "'", "“": "\"", "”": "\"", "█": "#",
    ]
}
