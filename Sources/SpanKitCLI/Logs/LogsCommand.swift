import ArgumentParser
import Foundation
import SpanKitInputs
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// `spankit logs`
struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "logs",
        abstract: "List log records in the order of their times, and follow growing files.",
        discussion: """
            A record is one line: its time, level, message, attributes, source location, logger, trace and span. Further lines of \
            a message are indented. The service is shown if there are several. A record without a time follows the record before it in the \
            input. 'spankit tree --trace ID' shows a trace with its records.

            --follow prints the records in the files and then each new one as it is written, until Ctrl-C. It reads files without compression, \
            and standard input. If a file is replaced, it reads the new one. New records are printed in the order in which they are \
            read. With --format json, each record is a JSON object on a line of its own.

            Exit status: 0 printed, 64 wrong usage, 65 nothing could be read, there is no such trace, or the digits are the \
            beginning of several ids.
            """,
        examples: [
            "logs logs.jsonl", "logs --severity warn --since 1h logs.jsonl",
            "logs --where 'service=checkout and body~timeout' --format json logs.jsonl",
        ]
    )

    @OptionGroup var source: SourceOptions
    @OptionGroup var selected: LogSelectionOptions
    @OptionGroup var output: OutputOptions

    static let rows = RowLimit(noun: "log records, of which the latest are shown", inText: 1_000)

    @Option(parsing: .unconditional, help: LogsCommand.rows.help, transform: WholeNumber.atLeast(1))
    var limit: Int?

    @Flag(help: "Print new records as they are written.")
    var follow = false

    func run() throws {
        var selection = try selected.selection()
        selection.isPreselected = source.server.server != nil
        var latest = LatestLogs(limit: Self.rows.rows(limit, as: output.format))
        guard !follow else { return try followFiles(selection, &latest) }
        var tally = LogTally(selection, hasLevel: selected.severity != nil)
        let sink = SourceSink(reader: SelectedLogs.reader(selection)) { part in
            tally.add(part)
            for log in part.logs { latest.add(log) }
        }
        _ = try source.read("log records", selecting: selection, sink)
        selection = tally.selection
        try selection.checkTrace()
        let logs = latest.sorted()
        tally.report(zone: selected.zone)
        report(latest)
        guard output.format != .text else {
            var style = TerminalStyle.ofTraces
            style.zone = selected.zone
            var lines = LogLines(style: style)
            return StandardStreams.output.write(logs.isEmpty ? "No log records.\n" : lines.text(logs))
        }
        var document = LogReport(logs, total: latest.count).document
        document.rows.zone = selected.zone
        output.format.write(document, limitOption: latest.beyondMemoryCount > 0 ? "a limit of memory" : "--limit")
    }

    private func report(_ latest: LatestLogs) {
        if latest.untimedCount > 0 {
            let records = Readable.count(latest.untimedCount, of: "log record", "has", "have")
            let verb = latest.untimedCount == 1 ? "it follows" : "they follow"
            StandardStreams.note("\(records) no time; \(verb) the previous record of the input")
        }
        if latest.beyondMemoryCount > 0 {
            let records = Readable.count(latest.beyondMemoryCount, of: "log record")
            StandardStreams.note(
                "the earliest \(records) left out, to limit memory; select fewer with --since or --where"
            )
        }
        let limited = latest.leftOutCount - latest.beyondMemoryCount
        // Output in the other formats reports this number by itself.
        if limited > 0, output.format == .text || follow {
            let shown = Readable.count(latest.count - latest.leftOutCount)
            StandardStreams.note(
                "the latest \(shown) of \(Readable.count(latest.count, of: "log record", "is", "are")) shown; --limit shows more"
            )
        }
    }

    // MARK: Following

    private func followFiles(_ selection: SpanSelection, _ latest: inout LatestLogs) throws {
        guard output.format == .text || output.format == .json else {
            throw CommandFailure(.usage, "--follow writes text or JSON lines, not \(output.format.rawValue)")
        }
        guard source.spool == nil, source.server.server == nil, !source.files.isEmpty else {
            throw CommandFailure(.usage, "--follow needs files, or '-' for standard input")
        }
        var tally = LogTally(selection, hasLevel: selected.severity != nil)
        var files = try source.files.map { try FollowedFile($0, selection) }
        let quit = Locked(false)
        let signals = TerminationSignals()
        signals.listen()
        signals.onFirst { quit.withLock { $0 = true } }
        var style = TerminalStyle.ofTraces
        style.zone = selected.zone
        var lines = LogLines(style: style)
        func write(_ logs: [DecodedLog]) {
            guard !logs.isEmpty else { return }
            StandardStreams.output.write(output.format == .json ? LogReport.lines(logs) : lines.text(logs))
        }
        /// - Returns: The records that were read, and whether there was anything to read.
        func step() throws -> (logs: [DecodedLog], hasRead: Bool) {
            var logs: [DecodedLog] = []
            var hasRead = false
            for place in files.indices {
                guard let part = try files[place].next() else { continue }
                hasRead = true
                tally.add(part)
                logs += part.logs
            }
            return (logs, hasRead)
        }
        // The records that are already in the files, in the order of their times.
        while !quit.withLock({ $0 }), files.contains(where: { !$0.isAtEnd }) {
            let (logs, hasRead) = try step()
            for log in logs { latest.add(log) }
            if !hasRead { break }
        }
        write(latest.sorted())
        report(latest)
        while !quit.withLock({ $0 }), StandardStreams.output.isOpen, files.contains(where: { !$0.hasEnded }) {
            let (logs, hasRead) = try step()
            write(logs)
            if !hasRead { usleep(100_000) }
        }
        for place in files.indices { if let part = files[place].finish() { tally.add(part); write(part.logs) } }
        tally.report(zone: selected.zone)
    }
}
