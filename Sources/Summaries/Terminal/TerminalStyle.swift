import Foundation
import SpanKitPlatform

/// What the place that text is written to can show: how wide it is, whether it has colours, whether it knows more than ASCII.
public struct TerminalStyle: Sendable, Equatable {
    /// Columns to fill at most. For reports never above ``widestText``: longer lines are hard to follow with the eye.
    public let width: Int
    /// Whether escape sequences for colour are written.
    public let usesColor: Bool
    /// Whether block characters, `µ` and the like are written; otherwise everything is ASCII.
    public let usesUnicode: Bool

    /// No sentence, and no line of a report of operations, is wider than this.
    public static let widestText = 100
    /// What shows traces may be as wide as this: their names are long, and a waterfall tells more the wider it is.
    package static let widestTraces = 160
    /// Below this nothing readable fits; narrower terminals wrap.
    static let narrowestText = 40

    /// Creates a style; `width` is brought into 40…100.
    public init(width: Int = TerminalStyle.widestText, usesColor: Bool = false, usesUnicode: Bool = true) {
        self.init(width: width, widest: Self.widestText, usesColor: usesColor, usesUnicode: usesUnicode)
    }

    /// - Parameter widest: ``widestText``, or ``widestTraces`` for what shows traces.
    package init(width: Int, widest: Int, usesColor: Bool = false, usesUnicode: Bool = true) {
        self.width = min(max(width, Self.narrowestText), widest)
        self.usesColor = usesColor
        self.usesUnicode = usesUnicode
    }

    /// The style that fits a file descriptor.
    ///
    /// Colour only on a terminal, without `NO_COLOR` (https://no-color.org: set and not empty) and with `TERM` other than
    /// `dumb`. Unicode where the first of `LC_ALL`, `LC_CTYPE`, `LANG` that is set names UTF-8, as POSIX orders them.
    public init(
        fileDescriptor: Int32,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.init(fileDescriptor: fileDescriptor, widest: Self.widestText, environment: environment)
    }

    /// - Parameter widest: ``widestText``, or ``widestTraces`` for what shows traces.
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
        var size = winsize()
        guard ioctl(fileDescriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}

extension TerminalStyle {
    /// What a piece of text means; the style decides how that looks.
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

    /// The text in the colour of its role, or as it is without colour. Takes the same number of columns.
    package func paint(_ text: String, _ role: Role) -> String {
        guard usesColor, !text.isEmpty, let code = role.escapeCode else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// The text with nothing in it that the terminal would obey or could not show.
    ///
    /// Names come from files and programs that may be anybody's: a control character in one must not move the cursor.
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
