import SpanKitPercentiles
import SpanKitSummaries

/// One frame of `spankit live`: for each process what is open and since when, and what has ended lately.
package struct LiveReport: Sendable {
    let processes: [LiveProcess]
    let now: Int64
    /// Lines there are; nil for as many as needed.
    let height: Int?
    let leftBehind: LeftBehind

    /// What waits in files of processes that are gone and have left nothing else.
    package struct LeftBehind: Sendable, Equatable {
        let directory: String
        package var spanCount = 0
        package var processCount = 0

        /// - Parameter directory: the spool.
        package init(directory: String) {
            self.directory = directory
        }
    }

    /// - Parameters:
    ///   - now: Unix nanoseconds of the frame.
    ///   - leftBehind: what others have left in the same spool.
    ///   - height: lines of the terminal; tables are cut to fit.
    package init(
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

    /// Lines that stand around the rows of a process: headings, rules, blanks, the line of what is left out.
    private static let frameLines = 11
    /// With fewer lines for a process its export is told in one.
    private static let lowShare = 30

    /// The frame, ending with a line feed.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !processes.isEmpty else {
            page.paragraph(
                "No process records here. Set SPANKIT_SPOOL_DIR to this directory in its environment.",
                role: .quiet
            )
            tellOfLeftBehind(on: &page)
            return page.text
        }
        let rest = leftBehind.spanCount > 0 ? 2 : 0
        let share = height.map { max(0, $0 - rest) / processes.count } ?? .max
        for process in processes {
            let destinations = process.destinations?.count ?? 0
            let isLow = share < Self.lowShare
            let export = destinations == 0 ? 0 : isLow ? destinations : 3 * destinations + 4
            let room = share == .max ? .max : max(4, share - Self.frameLines - export)
            append(process, room: room, isLow: isLow, to: &page)
        }
        tellOfLeftBehind(on: &page)
        return page.text
    }

    private func tellOfLeftBehind(on page: inout ReportPage) {
        guard leftBehind.spanCount > 0 else { return }
        let (spans, processes) = (leftBehind.spanCount, leftBehind.processCount)
        page.paragraph(
            "\(Readable.count(spans, of: "span")) of \(processes == 1 ? "1 process that is" : "\(Readable.count(processes)) processes that are") gone "
                + "\(spans == 1 ? "waits" : "wait") here; send \(spans == 1 ? "it" : "them") with 'spankit ship --spool \(leftBehind.directory)'.",
            role: .caution
        )
    }

    private func append(_ process: LiveProcess, room: Int, isLow: Bool, to page: inout ReportPage) {
        let name =
            process.service.isEmpty
            ? "process \(process.processID)" : "\(process.service) (process \(process.processID))"
        let ended = process.operations.reduce(UInt64(0)) { $0 + $1.histogram.count }
        var facts = [
            process.isRunning
                ? "up \(age(process.createdUnixNanoseconds))" : "has ended; what it left is shown",
            "\(Readable.count(process.openSpans.count)) open",
            "\(rate(ended, process.windowSeconds)) spans/s",
            "\(Readable.bytes(Double(process.waitingLogBytes))) in the log",
        ]
        if let held = process.queued?.tailSampling, held > 0 {
            facts.append("\(Readable.count(held)) held by tail sampling")
        }
        if process.waitingSpanCount > 0 {
            facts.append("\(Readable.count(process.waitingSpanCount)) spans wait in files")
        }
        page.heading(name, facts.joined(separator: " · "))
        if isLow { exportLines(process, on: &page) }
        // Where it is stuck matters more than what went by.
        let openRoom = room == .max ? Int.max : max(3, room * 3 / 5)
        open(process, room: openRoom, on: &page)
        let used = min(process.openSpans.count, openRoom)
        operations(process, room: room == .max ? .max : max(3, room - used), on: &page)
        if !isLow { export(process, on: &page) }
    }

    /// What becomes of the spans, a line for each destination.
    private func exportLines(_ process: LiveProcess, on page: inout ReportPage) {
        for one in process.destinations ?? [] {
            var facts = [
                "\(Readable.count(one.exported)) delivered", "\(Readable.count(one.waiting)) waiting",
                "\(Readable.count(one.droppedCount)) dropped",
            ]
            if one.isFailing { facts.append("receiver unavailable") }
            let isFine = !one.isFailing && one.droppedCount == 0
            page.paragraph(
                facts.joined(separator: " · "),
                lead: (process.destinations?.count ?? 0) > 1 ? "\(one.name): " : "export: ",
                role: isFine ? .quiet : one.droppedCount > 0 ? .bad : .caution
            )
        }
    }

    /// What becomes of the spans, and what was lost.
    private func export(_ process: LiveProcess, on page: inout ReportPage) {
        guard let destinations = process.destinations, !destinations.isEmpty else { return }
        page.heading("Export", "spans, as the process told within the last second")
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
                page.paragraph(lead + "receiver unavailable; the waiting spans are sent again.", role: .caution)
            }
            let reasons = one.dropped.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
                .map { "\(Readable.count($0.value)) \($0.key)" }
            if !reasons.isEmpty { page.paragraph(lead + "dropped: \(reasons.joined(separator: ", ")).", role: .bad) }
        }
    }

    private func open(_ process: LiveProcess, room: Int, on page: inout ReportPage) {
        page.heading("Open spans", "oldest first")
        let forest = process.openForest
        guard !forest.isEmpty else { return page.paragraph("None: nothing is under way.", role: .quiet) }
        var table = Table(columns: [
            .init("Span", .name), .init("Age"), .init("Details", .name, priority: 1),
            .init("Trace", .name, priority: 2),
        ])
        for (span, depth) in forest.prefix(room) {
            let age = nanoseconds(since: span.startUnixNanoseconds)
            table.add(
                .text(String(repeating: "  ", count: min(depth, 16)) + span.name),
                .text(Readable.duration(age), age >= Self.noticeableAge ? .caution : .normal),
                .text(span.details, .quiet),
                .text(span.traceID, .quiet)
            )
        }
        page.table(table)
        left(forest.count - min(room, forest.count), "open span", on: &page)
    }

    /// From here on an age is coloured: few operations of a server take that long.
    private static let noticeableAge: UInt64 = 10_000_000_000

    private func operations(_ process: LiveProcess, room: Int, on page: inout ReportPage) {
        page.heading("Ended", "in the last \(Readable.fixed(process.windowSeconds, decimals: 0)) s")
        guard !process.operations.isEmpty else { return page.paragraph("Nothing.", role: .quiet) }
        var table = Table(columns: [
            .init("Operation", .name), .init("Count"), .init("Per second", priority: 1), .init("Errors", priority: 2),
            .init("p50"), .init("p95", priority: 3), .init("p99", priority: 4), .init("Max", priority: 5),
        ])
        for operation in process.operations.prefix(room) {
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
        left(process.operations.count - min(room, process.operations.count), "operation", on: &page)
    }

    private func left(_ count: Int, _ noun: String, on page: inout ReportPage) {
        if count > 0 { page.paragraph("\(Readable.count(count, of: "more \(noun)")).", role: .quiet) }
    }

    private func age(_ unixNanoseconds: Int64) -> String {
        Readable.durationInText(nanoseconds(since: unixNanoseconds))
    }

    func nanoseconds(since unixNanoseconds: Int64) -> UInt64 {
        UInt64(max(0, now.subtractingSaturating(unixNanoseconds)))
    }

    private func rate(_ count: UInt64, _ seconds: Double) -> String {
        let rate = Double(count) / max(seconds, 1)
        return rate >= 100 ? Readable.count(UInt64(rate.rounded())) : Readable.fixed(rate, decimals: 1)
    }
}

extension Readable {
    /// A count that is never negative.
    fileprivate static func count(_ value: Int) -> String { count(UInt64(clamping: value)) }
}
