import ArgumentParser
import Reports

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
        case .text: StandardStreams.output.write(text(TerminalStyle(fileDescriptor: 1)))
        case .json: StandardStreams.output.write(listing().json.text)
        case .csv: StandardStreams.output.write(listing().csv)
        case .md: StandardStreams.output.write(listing().markdown)
        }
    }
}
