import ArgumentParser
import Foundation
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// The format of a report.
enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
    case text, json, csv, md

    /// Writes a report to standard output: the text, or the document in another format.
    /// - Parameter zone: The zone of times in text and Markdown.
    func write(
        _ document: @autoclosure () -> ReportDocument,
        zone: DisplayZone = .utc,
        text: (TerminalStyle) -> String
    ) {
        var style = TerminalStyle.ofTraces
        style.zone = zone
        if self == .text { return StandardStreams.output.write(text(style)) }
        var document = document()
        document.rows.zone = zone
        write(document)
    }

    /// Writes a report to standard output in a format other than text.
    /// - Parameter limitOption: The option that limits the rows.
    func write(_ document: ReportDocument, limitOption: String = "--limit") {
        let rows = document.rows
        let output =
            switch self {
            case .text, .json: document.json.text
            case .csv: Self.printable(rows.csv)
            case .md: rows.markdown
            }
        StandardStreams.output.write(output)
        if rows.leftOutCount > 0 {
            // The text contains this in its title.
            let shown = "\(Readable.count(rows.rows.count)) of \(Readable.count(rows.total ?? 0, of: "row"))"
            StandardStreams.note("\(shown) written; without \(limitOption), all are written")
        }
    }

    /// Replaces control characters if standard output is a terminal. A file or a pipe gets them unchanged.
    private static func printable(_ text: String) -> String {
        guard isatty(STDOUT_FILENO) == 1 else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { TerminalStyle().printable(String($0)) }.joined(separator: "\n")
    }
}

/// The maximum number of rows that a command prints.
///
/// Without `--limit`, text is limited to a readable length, and the other formats contain all rows.
struct RowLimit {
    let noun: String
    let inText: Int
    /// Whether Markdown is limited to the same length as text.
    var limitsMarkdown = false

    var help: ArgumentHelp {
        "The maximum number of \(noun) (default: \(inText) as text\(limitsMarkdown ? " and Markdown" : ""), all in other formats)."
    }

    func rows(_ given: Int?, as format: OutputFormat) -> Int {
        given ?? (format == .text || format == .md && limitsMarkdown ? inText : .max)
    }
}

struct OutputOptions: ParsableArguments {
    @Option(help: "The output format: text, json, csv or md.")
    var format = OutputFormat.text
}

extension TerminalStyle {
    /// The style of standard output, with the maximum width for traces.
    static var ofTraces: TerminalStyle { StandardStreams.output.traceStyle }
}

extension StandardStream {
    /// The style of the stream, with the maximum width for traces.
    package var traceStyle: TerminalStyle {
        TerminalStyle(fileDescriptor: fileDescriptor, widest: TerminalStyle.widestTraces)
    }
}

/// Parses whole numbers on the command line.
enum WholeNumber {
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// A transform for options with `parsing: .unconditional`. Without that, the parser would take `-1` for an option.
    static func atLeast(_ least: Int) -> @Sendable (String) throws -> Int {
        from(least, through: .max, "\(least) or more")
    }

    /// The same for options that have a limit.
    static func from(_ least: Int, through limit: Int) -> @Sendable (String) throws -> Int {
        from(least, through: limit, "\(least) to \(limit)")
    }

    private static func from(_ least: Int, through limit: Int, _ range: String) -> @Sendable (String) throws -> Int {
        { text in
            guard let number = Int(text), (least...limit).contains(number) else {
                throw Problem(description: "give a whole number, \(range)")
            }
            return number
        }
    }
}
