import SpanKitInputs
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitReports
import SpanKitShipping
import SpanKitSummaries

/// One frame of `spankit live`: the open spans and the recently ended operations of each process.
struct LiveReport: Sendable {
    let processes: [LiveProcess]
    let now: Int64
    private let height: Int?
    let leftBehind: LeftBehind

    /// The spans and log records in the files of processes that have ended.
    struct LeftBehind: Sendable, Equatable {
        /// The spool.
        let directory: String
        var spanCount = 0
        var logRecordCount = 0
        var processCount = 0

        /// The number of both.
        var count: Int { spanCount + logRecordCount }
    }

    /// - Parameters:
    ///   - now: The time of the frame in Unix nanoseconds.
    ///   - leftBehind: The spans of processes that have ended.
    ///   - height: The number of lines of the terminal; `nil` for as many as needed.
    init(
        _ processes: [LiveProcess],
        now: Int64,
        leftBehind: LeftBehind = LeftBehind(directory: ""),
        height: Int? = nil
    ) {
        self.processes = processes
        self.leftBehind = leftBehind
        self.now = now
        self.height = height
    }

    /// The number of lines around the tables of a process: headings, rules, blank lines, counts of omitted rows.
    private static let frameLines = 11
    /// The number of lines per process below which its export is shown on one line.
    private static let fewLines = 30

    /// The frame, ending with a line feed.
    func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        if processes.isEmpty {
            page.paragraph(
                "No process records into this directory. Set SPANKIT_SPOOL_DIR to it in the environment of a process.",
                role: .quiet
            )
        }
        let rest = leftBehind.count > 0 ? 2 : 0
        let lines = height.map { max(0, $0 - rest) / max(1, processes.count) } ?? .max
        for process in processes {
            let destinations = process.destinations.count
            let isLow = lines < Self.fewLines
            let export = destinations == 0 ? 0 : isLow ? destinations : 3 * destinations + 4
            append(process, rows: lines == .max ? .max : max(4, lines - Self.frameLines - export), isLow, to: &page)
        }
        if leftBehind.count > 0 {
            let waiting = waitingText(spans: leftBehind.spanCount, logRecords: leftBehind.logRecordCount)
            let processes = Readable.count(leftBehind.processCount, of: "process", plural: "processes")
            page.paragraph(
                "\(waiting) \(leftBehind.count == 1 ? "waits" : "wait") in files of \(processes) that ended. "
                    + "Send \(leftBehind.count == 1 ? "it" : "them") with 'spankit ship --spool \(leftBehind.directory)'.",
                role: .caution
            )
        }
        return page.text
    }

    private func append(_ process: LiveProcess, rows: Int, _ isLow: Bool, to page: inout ReportPage) {
        let metrics = MetricReport(process.metrics, limit: rows == .max ? 40 : max(3, rows / 6))
        let warnings = process.logs.latestWarnings.prefix(rows == .max ? 10 : max(2, rows / 6))
        let warningLines = warnings.isEmpty ? 0 : warnings.count + 4
        let rows = rows == .max ? rows : max(4, rows - metrics.lines - warningLines)
        let name =
            process.service.isEmpty
            ? "process \(process.processID)" : "\(process.service) (process \(process.processID))"
        let ended = process.operations.reduce(UInt64(0)) { $0 + $1.histogram.count }
        var facts = [
            process.isRunning
                ? "up \(Readable.durationInText(nanoseconds(since: process.createdUnixNanoseconds)))" : "ended",
            "\(Readable.count(process.openSpans.count)) open",
            "\(rate(ended, process.windowSeconds)) spans/s",
        ]
        if process.logs.count > 0 || !process.logs.latestWarnings.isEmpty || !(process.account?.logs.isEmpty ?? true) {
            facts.append("\(rate(process.logs.count, process.logs.windowSeconds)) log records/s")
        }
        facts.append("\(Readable.bytes(Double(process.waitingLogBytes))) in the log")
        if let held = process.account?.tailSampling, held > 0 {
            facts.append("\(Readable.count(held)) held by tail sampling")
        }
        if process.waitingSpanCount + process.waitingLogRecordCount > 0 {
            let waiting = waitingText(spans: process.waitingSpanCount, logRecords: process.waitingLogRecordCount)
            facts.append("\(waiting) in files")
        }
        page.heading(name, facts.joined(separator: " · "))
        let destinations = process.destinations
        if isLow { exportLines(destinations, on: &page) }
        // Open spans show where a process is stuck, so they get most of the rows.
        let openRows = rows == .max ? Int.max : max(3, rows * 3 / 5)
        open(process, rows: openRows, on: &page)
        let used = min(process.openSpans.count, openRows)
        operations(process, rows: rows == .max ? .max : max(3, rows - used), on: &page)
        append(warnings, of: process, to: &page)
        if metrics.seriesCount > 0 { metrics.append(to: &page) }
        if process.lostSeries > 0 {
            let series = Readable.count(process.lostSeries, of: "series", plural: "series")
            page.paragraph("\(series) cannot be read, because the file is damaged or had no room for them.", role: .bad)
        }
        if !isLow { export(process, on: &page) }
    }

    private func waitingText(spans: Int, logRecords: Int) -> String {
        let both = [(spans, "span"), (logRecords, "log record")].filter { $0.0 > 0 }
        return both.map { Readable.count($0.0, of: $0.1) }.joined(separator: " and ")
    }

    /// Adds a table of the latest warnings and errors of the program itself, the latest first.
    private func append(_ warnings: ArraySlice<DecodedLog>, of process: LiveProcess, to page: inout ReportPage) {
        guard !warnings.isEmpty else { return }
        let logs = process.logs
        let seconds = Readable.fixed(logs.windowSeconds, decimals: 0)
        page.heading(
            "Latest warnings",
            "\(Readable.count(logs.warningCount)) in the last \(seconds) s, of which \(Readable.count(logs.errorCount)) \(logs.errorCount == 1 ? "is an error" : "are errors")"
        )
        var table = Table(columns: [
            .init("Age"), .init("Level", .name), .init("Message", .name), .init("Logger", .name, priority: 2),
            .init("Trace", .name, priority: 1),
        ])
        for log in warnings {
            let role = TerminalStyle.Role(ofSeverity: log.severity)
            table.add(
                .text(Readable.duration(nanoseconds(since: log.time))),
                .text(log.levelText, role),
                .text(log.firstLine, role),
                .text(log.scope.name, .quiet),
                .text(log.traceID?.description ?? "", .quiet)
            )
        }
        page.table(table)
    }

    /// Adds a line for each destination.
    private func exportLines(_ destinations: [AccountNote.Destination], on page: inout ReportPage) {
        for one in destinations {
            var facts = [
                "\(Readable.count(one.exported)) delivered", "\(Readable.count(one.waiting)) waiting",
                "\(Readable.count(one.droppedCount)) dropped",
            ]
            if one.isFailing { facts.append("receiver unavailable") }
            let isFine = !one.isFailing && one.droppedCount == 0
            page.paragraph(
                facts.joined(separator: " · "),
                lead: destinations.count > 1 ? "\(one.name): " : "export: ",
                role: isFine ? .quiet : one.droppedCount > 0 ? .bad : .caution
            )
        }
    }

    /// Adds a table of the destinations with the reasons of drops.
    private func export(_ process: LiveProcess, on page: inout ReportPage) {
        let destinations = process.destinations
        guard !destinations.isEmpty else { return }
        let nouns = process.account?.logs.isEmpty ?? true ? "spans" : "spans and of log records"
        page.heading("Export", "numbers of \(nouns), up to a second old")
        var table = Table(columns: [
            .init("Destination", .name), .init("Delivered"), .init("In memory"), .init("In files"),
            .init("In flight", priority: 1), .init("Dropped"),
        ])
        for one in destinations {
            table.add(
                .text(one.name),
                .text(Readable.count(one.exported)),
                .text(Readable.count(one.waiting - min(one.files, one.waiting)), one.isFailing ? .caution : .normal),
                .text(Readable.count(one.files), one.isFailing ? .caution : .normal),
                .text(Readable.count(one.inFlight)),
                .text(Readable.count(one.droppedCount), one.droppedCount > 0 ? .bad : .quiet)
            )
        }
        page.table(table)
        for one in destinations {
            let lead = destinations.count > 1 ? "\(one.name): " : ""
            if one.isFailing {
                page.paragraph(lead + "receiver unavailable; the export is retried.", role: .caution)
            }
            let reasons = one.dropped.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
                .map { "\(Readable.count($0.value)) \($0.key)" }
            if !reasons.isEmpty { page.paragraph(lead + "dropped: \(reasons.joined(separator: ", ")).", role: .bad) }
        }
    }

    private func open(_ process: LiveProcess, rows: Int, on page: inout ReportPage) {
        page.heading("Open spans", "oldest first")
        let forest = process.openForest
        guard !forest.isEmpty else { return page.paragraph("None.", role: .quiet) }
        var table = Table(columns: [
            .init("Span", .name), .init("Age"), .init("Details", .name, priority: 1),
            .init("Trace", .name, priority: 2),
        ])
        for (span, depth) in forest.prefix(rows) {
            let age = nanoseconds(since: span.startUnixNanoseconds)
            table.add(
                .text(String(repeating: "  ", count: min(depth, 16)) + span.name),
                .text(Readable.duration(age), age >= Self.noticeableAge ? .caution : .normal),
                .text(span.details, .quiet),
                .text(span.traceID, .quiet)
            )
        }
        page.table(table)
        omitted(forest.count - rows, "open span", on: &page)
    }

    /// The age in nanoseconds from which an open span is highlighted. Few operations of a server take that long.
    private static let noticeableAge: UInt64 = 10_000_000_000

    private func operations(_ process: LiveProcess, rows: Int, on page: inout ReportPage) {
        page.heading("Ended", "in the last \(Readable.fixed(process.windowSeconds, decimals: 0)) s")
        guard !process.operations.isEmpty else { return page.paragraph("None.", role: .quiet) }
        var table = Table(columns: [
            .init("Operation", .name), .init("Count"), .init("Per second", priority: 1), .init("Errors", priority: 2),
            .init("p50"), .init("p95", priority: 3), .init("p99", priority: 4), .init("Max", priority: 5),
        ])
        for operation in process.operations.prefix(rows) {
            let statistics = operation.statistics
            table.add(
                .text(statistics.name),
                .text(Readable.count(statistics.count)),
                .text(rate(statistics.count, process.windowSeconds)),
                .text(Readable.count(statistics.errorCount), statistics.errorCount > 0 ? .bad : .quiet),
                .text(Readable.duration(wholeNanoseconds(statistics.p50Nanoseconds))),
                .text(Readable.duration(wholeNanoseconds(statistics.p95Nanoseconds))),
                statistics.knowsP99
                    ? .text(Readable.duration(wholeNanoseconds(statistics.p99Nanoseconds))) : .text("–", .quiet),
                .text(Readable.duration(statistics.maximumNanoseconds))
            )
        }
        page.table(table)
        omitted(process.operations.count - rows, "operation", on: &page)
    }

    private func omitted(_ count: Int, _ noun: String, on page: inout ReportPage) {
        if count > 0 { page.paragraph("\(Readable.count(count, of: "more \(noun)")).", role: .quiet) }
    }

    func nanoseconds(since unixNanoseconds: Int64) -> UInt64 {
        UInt64(max(0, now.subtractingSaturating(unixNanoseconds)))
    }

    private func rate(_ count: UInt64, _ seconds: Double) -> String {
        let rate = Double(count) / max(seconds, 1)
        return rate >= 100 ? Readable.count(UInt64(rate.rounded())) : Readable.fixed(rate, decimals: 1)
    }
}
