import ArgumentParser
import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitReports
import SpanKitShipping
import SpanKitSummaries

/// Where the commands that look at traces find them.
struct TraceInput: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Files of OTLP JSON lines from anybody, gzip or not; '-' is standard input.",
            valueName: "files"
        )
    )
    var files: [String] = []

    @Option(help: ArgumentHelp("Read what waits in a spool, without taking it.", valueName: "directory"))
    var spool: String?

    /// Hands out every span, and says on standard error what could not be read.
    /// - Throws: ``CommandFailure`` with status 65 where there was no span at all.
    func read(_ body: (DecodedSpan) throws -> Void) throws {
        var count = 0
        func counted(_ span: DecodedSpan) throws {
            count += 1
            try body(span)
        }
        var problemCount = 0
        if let spool {
            guard files.isEmpty else { throw CommandFailure(.usage, "give either files or --spool, not both") }
            problemCount = try SpoolReading(directory: spool).read(counted)
        } else {
            for file in try inputs { problemCount += try Self.read(file, counted) }
        }
        guard count == 0 else { return }
        throw CommandFailure(.data, problemCount > 0 ? "no spans could be read" : "no spans in the input")
    }

    private var inputs: [String] {
        get throws {
            if !files.isEmpty { return files }
            guard isatty(STDIN_FILENO) == 0 else {
                throw CommandFailure(.usage, "nothing to read: give files of OTLP JSON lines, '-' or --spool DIR")
            }
            return ["-"]
        }
    }

    /// Reads one file.
    /// - Returns: how many places of it could not be read.
    static func read(_ file: String, _ body: (DecodedSpan) throws -> Void) throws -> Int {
        let input: InputFile
        do { input = try InputFile(file) } catch { throw CommandFailure(.data, error.description) }
        if input.kind == .json, RunInput.results(file) != nil {
            throw CommandFailure(
                .data,
                "\(file): is a results file, which holds no traces; give OTLP JSON lines, or ask 'spankit top'"
            )
        }
        return try input.readSpans(note: note, body)
    }

    static func note(_ line: String) {
        StandardStreams.error.write("spankit: \(TerminalStyle(usesUnicode: true).printable(line))\n")
    }
}
