import ArgumentParser
import Foundation
import SpanKitReports
import SpanKitSummaries

/// The format of a report.
enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
    case text, json, csv, md

    /// Writes a report to standard output: the text, or the rows in another format.
    func write(_ listing: @autoclosure () -> Listing, text: (TerminalStyle) -> String) {
        guard self != .text else { return StandardStreams.output.write(text(.ofTraces)) }
        let listing = listing()
        let output =
            switch self {
            case .text, .json: listing.json.text
            case .csv: Self.printable(listing.csv)
            case .md: listing.markdown
            }
        StandardStreams.output.write(output)
        if listing.leftOutCount > 0 {
            // The text contains this in its title.
            let rows = "\(Readable.count(listing.rows.count)) of \(Readable.count(listing.total ?? 0, of: "row"))"
            StandardStreams.note("\(rows) written; without --limit, all are written")
        }
    }

    /// Replaces control characters if standard output is a terminal. A file or a pipe gets them unchanged.
    private static func printable(_ text: String) -> String {
        guard isatty(STDOUT_FILENO) == 1 else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { TerminalStyle().printable(String($0)) }.joined(separator: "\n")
    }
}

/// The number of rows that a command prints at most.
///
/// Without `--limit`, the text has a length that can be read, and the other formats are complete.
struct RowLimit {
    let noun: String
    let inText: Int

    var help: ArgumentHelp { "The maximum number of \(noun) (default: \(inText) as text, all in other formats)." }

    func rows(_ given: Int?, as format: OutputFormat) -> Int { given ?? (format == .text ? inText : .max) }
}

struct OutputOptions: ParsableArguments {
    @Option(help: "The output format: text, json, csv or md.")
    var format = OutputFormat.text
}

extension TerminalStyle {
    /// The style of standard output, with the maximum width for traces.
    static var ofTraces: TerminalStyle { TerminalStyle(fileDescriptor: STDOUT_FILENO, widest: widestTraces) }
}

/// Parses whole numbers on the command line.
enum WholeNumber {
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// A transform for options with `parsing: .unconditional`, so that `-1` is not taken for a missing value.
    static func atLeast(_ least: Int) -> @Sendable (String) throws -> Int {
        { text in
            guard let number = Int(text), number >= least else {
                throw Problem(description: "give a whole number, \(least) or more")
            }
            return number
        }
    }
}
