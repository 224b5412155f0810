import SpanKitPercentiles
import SpanKitSummaries

/// What traces waited for: of one trace step by step, of many on average.
package struct CriticalReport: Sendable {
    private var times: [UInt32: (total: UInt128, traces: Int, spans: Int)] = [:]
    private var whole: UInt128 = 0
    private var traceCount = 0
    private var elsewhere: [UInt32: UInt128] = [:]

    package init() {}

    /// Adds the critical path below the longest root of a trace.
    package mutating func add(_ trace: Trace) {
        guard let root = trace.mainRoot else { return }
        traceCount += 1
        whole += UInt128(trace.spans[root].duration)
        let onPath = CriticalPath(of: trace, root: root).times(spanCount: trace.spans.count)
        var seen: Set<UInt32> = []
        for (place, time) in onPath.enumerated() {
            let name = trace.spans[place].name
            elsewhere[name, default: 0] += UInt128(trace.spans[place].duration)
            guard time > 0 else { continue }
            var entry = times[name] ?? (0, 0, 0)
            entry.total += UInt128(time)
            entry.spans += 1
            if seen.insert(name).inserted { entry.traces += 1 }
            times[name] = entry
        }
    }

    /// A row for each name that was waited for.
    package func listing(names: NameTable, limit: Int = 40) -> Listing {
        var listing = Listing([
            .init("name", "Operation", .name), .init("criticalNanosecondsPerTrace", "A trace", .duration),
            .init("criticalShare", "Share", .share), .init("bar", "", .bar, priority: 2),
            .init("traceShare", "In traces", .share, priority: 1),
            .init("ownCriticalShare", "Of its time", .share, priority: 3),
        ])
        let sorted = times.sorted {
            $0.value.total != $1.value.total ? $0.value.total > $1.value.total : names[$0.key] < names[$1.key]
        }
        for (name, entry) in sorted.prefix(limit) {
            let share = whole == 0 ? 0 : Double(entry.total) / Double(whole)
            let ran = Double(elsewhere[name] ?? 0)
            listing.rows.append([
                .text(names[name]), .number(Double(entry.total) / Double(max(1, traceCount))), .number(share),
                .number(share),
                .number(Double(entry.traces) / Double(max(1, traceCount))),
                .number(ran > 0 ? Double(entry.total) / ran : 0),
            ])
        }
        return listing
    }

    /// The path of the average trace.
    package func text(names: NameTable, limit: Int = 40, style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard traceCount > 0 else {
            page.paragraph("No spans.", role: .quiet)
            return page.text
        }
        let average = Readable.durationInText(UInt64(clamping: whole / UInt128(traceCount)))
        page.heading("Critical path", "\(Readable.count(traceCount, of: "trace")) of \(average) on average")
        page.table(listing(names: names, limit: limit).table)
        page.paragraph(
            "What a trace waited for: shortening anything else makes no trace shorter. "
                + "\"Of its time\": how much of an operation's running time kept the trace waiting.",
            role: .quiet
        )
        return page.text
    }

    /// The path of one trace, as a report.
    package static func text(of trace: Trace, names: NameTable, style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        let title = trace.mainRoot.map { names[trace.spans[$0].name] } ?? ""
        page.heading("Critical path of \(title)", "trace \(trace.id) · \(Readable.durationInText(trace.duration))")
        page.table(steps(of: trace, names: names).table)
        return page.text
    }

    /// The path of one trace, step by step.
    package static func steps(of trace: Trace, names: NameTable) -> Listing {
        var listing = Listing([
            .init("name", "Operation", .name), .init("offsetNanoseconds", "From", .duration),
            .init("durationNanoseconds", "Waited", .duration), .init("share", "Share", .share),
            .init("bar", "", .bar, priority: 1),
        ])
        guard let root = trace.mainRoot else { return listing }
        let whole = Double(max(1, trace.spans[root].duration))
        for step in CriticalPath(of: trace, root: root).steps {
            let time = Double(step.end - step.start)
            listing.rows.append([
                .text(names[trace.spans[step.place].name]), Listing.whole(step.start - trace.spans[root].start),
                .number(time), .number(time / whole), .number(time / whole),
            ])
        }
        return listing
    }
}
