import ArgumentParser
import Foundation
import SpanKitReports
import SpanKitSummaries

extension OutputFormat: ExpressibleByArgument {}

/// How the commands that look at traces write what they found.
struct OutputOptions: ParsableArguments {
    @Option(help: "text, json, csv or md.")
    var format = OutputFormat.text

    /// Writes a report: as text for people, or its rows for programs.
    func write(_ listing: @autoclosure () -> Listing, text: (TerminalStyle) -> String) {
        format.write(listing(), text: text)
    }
}

extension OutputFormat {
    /// Writes a report to standard output.
    func write(_ listing: @autoclosure () -> Listing, text: (TerminalStyle) -> String) {
        switch self {
        case .text: StandardStreams.output.write(text(.ofTraces))
        case .json: StandardStreams.output.write(listing().json.text)
        case .csv: StandardStreams.output.write(Self.forTerminals(listing().csv))
        case .md: StandardStreams.output.write(listing().markdown)
        }
    }
}

extension OutputFormat {
    /// Programs get every character of a name; a terminal would obey some of them.
    private static func forTerminals(_ text: String) -> String {
        guard isatty(STDOUT_FILENO) == 1 else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map {
            TerminalStyle().printable(String($0))
        }
        .joined(separator: "\n")
    }
}

extension TerminalStyle {
    /// Standard output, as wide as what shows traces may be.
    static var ofTraces: TerminalStyle { TerminalStyle(fileDescriptor: STDOUT_FILENO, widest: widestTraces) }
}
