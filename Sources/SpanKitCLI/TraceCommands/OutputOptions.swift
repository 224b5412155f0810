import ArgumentParser
import Foundation
import SpanKitReports
import SpanKitSummaries

/// The format of a report.
enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
    case text, json, csv, md

    /// Writes a report to standard output: the text, or the rows in another format.
    func write(_ listing: @autoclosure () -> Listing, text: (TerminalStyle) -> String) {
        let output =
            switch self {
            case .text: text(.ofTraces)
            case .json: listing().json.text
            case .csv: Self.printable(listing().csv)
            case .md: listing().markdown
            }
        StandardStreams.output.write(output)
    }

    /// Replaces control characters if standard output is a terminal. A file or a pipe gets them unchanged.
    private static func printable(_ text: String) -> String {
        guard isatty(STDOUT_FILENO) == 1 else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { TerminalStyle().printable(String($0)) }.joined(separator: "\n")
    }
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
