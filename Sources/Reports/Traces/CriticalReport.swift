import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import SpanKitSummaries

/// The critical path of traces: averages over many traces, or the steps of one.
package struct CriticalReport: Sendable {
    /// The time of one operation on the critical paths.
    private struct Entry {
        var critical: UInt128 = 0
        /// The total duration of its spans, on and off the path.
        var total: UInt128 = 0
        /// The number of traces whose path contains it.
        var traceCount = 0
        /// The critical time of spans with parts, and how much of it they waited for an actor, for a thread, and for anything else.
        var parted = 0.0
        var forActor = 0.0
        var forThread = 0.0
        var suspended = 0.0

        /// Adds the critical time of a span whose self time has parts.
        mutating func add(_ critical: UInt64, _ own: SpanParts) {
            let scale = Double(critical) / Double(max(1, own.running + own.queued + own.suspended))
            parted += Double(critical)
            forActor += Double(own.forActor) * scale
            forThread += Double(own.queued - own.forActor) * scale
            suspended += Double(own.suspended) * scale
        }
    }

    private var entries: [OperationNumbers: Entry] = [:]
    private let mergesServices: Bool
    private var whole: UInt128 = 0
    /// The number of traces whose longest root has a start and an end.
    private var traceCount = 0
    private var limits = PathLimits()

    /// - Parameter mergesServices: Whether operations with the same name are merged across services.
    package init(mergesServices: Bool = false) {
        self.mergesServices = mergesServices
    }

    /// Adds the critical path of a trace's longest root.
    package mutating func add(_ trace: Trace) {
        guard let root = limits.root(of: trace) else { return }
        traceCount += 1
        whole += UInt128(trace.spans[root].duration)
        var seen: Set<OperationNumbers> = []
        let selfTimes = trace.hasParts ? trace.selfTimes() : []
        let times = CriticalPath(of: trace, root: root).times(spanCount: trace.spans.count)
        for (place, (span, time)) in zip(trace.spans, times).enumerated() {
            let operation = OperationNumbers(span, mergesServices: mergesServices)
            entries[operation, default: Entry()].total += UInt128(span.duration)
            guard time > 0 else { continue }
            entries[operation]?.critical += UInt128(time)
            if span.parts != nil, let own = trace.ownParts(place, selfTime: selfTimes[place]) {
                entries[operation]?.add(time, own)
            }
            if seen.insert(operation).inserted { entries[operation]?.traceCount += 1 }
        }
    }

    /// Sentences about what the paths leave out.
    package var leftOut: [String] { limits.sentences() }

    /// A row for each operation on the critical paths.
    package func listing(names: NameTable, limit: Int = 40) -> Listing {
        let sorted = entries.filter { $0.value.critical > 0 }.map { (key: $0.key.key(names), entry: $0.value) }.sorted {
            ($1.entry.critical, $0.key) < ($0.entry.critical, $1.key)
        }
        let hasServices = Set(entries.keys.lazy.map(\.service)).count > 1
        func share(_ part: UInt128, of whole: UInt128) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
        let traces = UInt128(max(1, traceCount))
        typealias Row = (key: OperationKey, entry: Entry)
        let operation: [Listing.Field<Row>] =
            [.init("name", "Operation", .name) { .text($0.key.name.text) }]
            + Listing.Field.service(isShown: hasServices) { $0.key.service?.text }
        let numbers: [Listing.Field<Row>] = [
            .init("critical_ns", "", .duration, in: .programs) { Listing.whole($0.entry.critical) },
            .init("critical_ns_per_trace", "Per trace", .duration) { .number(share($0.entry.critical, of: traces)) },
            .init("critical_fraction", "Share", .share) { .number(share($0.entry.critical, of: whole)) },
            .init("", "", .bar, priority: 2) { .number(share($0.entry.critical, of: whole)) },
            .init("trace_fraction", "In traces", .share, priority: 1) {
                .number(share(UInt128($0.entry.traceCount), of: traces))
            },
            .init("own_critical_fraction", "Of its time", .share, priority: 3) {
                .number(share($0.entry.critical, of: $0.entry.total))
            },
        ]
        return Listing(sorted, limit: limit, operation + numbers + (knowsParts ? states : []))
    }

    /// Whether any span on a path says how long its task ran and waited.
    private var knowsParts: Bool { entries.values.contains { $0.parted > 0 } }

    /// What the tasks of an operation waited for on the path.
    private var states: [Listing.Field<(key: OperationKey, entry: Entry)>] {
        func share(_ part: KeyPath<Entry, Double>) -> ((key: OperationKey, entry: Entry)) -> Listing.Value {
            { $0.entry.parted > 0 ? .number($0.entry[keyPath: part] / $0.entry.parted) : .none }
        }
        return [
            .init("actor_wait_fraction", "Actor", .share, share(\.forActor)),
            .init("thread_wait_fraction", "Thread", .share, share(\.forThread)),
            .init("suspended_fraction", "Suspended", .share, share(\.suspended)),
        ]
    }

    /// The average critical path as a machine-readable report.
    package func document(names: NameTable, limit: Int) -> ReportDocument {
        ReportDocument(
            .critical,
            facts: [
                ("trace_count", .count(traceCount)), ("untimed_trace_count", .count(limits.untimedTraceCount)),
                ("detached_span_count", .count(limits.detachedCount)), ("total_ns", .count(whole)),
            ],
            listing(names: names, limit: limit)
        )
    }

    /// The critical path of one trace as a machine-readable report.
    package static func document(of trace: Trace, names: NameTable, limit: Int) -> ReportDocument {
        ReportDocument(
            .criticalPath,
            facts: [
                ("trace_id", .string("\(trace.id)")),
                ("name", .text(trace.mainRoot.map { names[trace.spans[$0].name] })),
                ("duration_ns", .count(duration(of: trace))),
                ("detached_span_count", .count(PathLimits(trace).detachedCount)),
            ],
            steps(of: trace, names: names, limit: limit)
        )
    }

    /// The average critical path as a report.
    package func text(names: NameTable, limit: Int = 40, style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard traceCount > 0 else {
            page.paragraph("No spans.", role: .quiet)
            for line in leftOut { page.paragraph(line, role: .quiet) }
            return page.text
        }
        let average = Readable.durationInText(UInt64(clamping: whole / UInt128(traceCount)))
        let shown = listing(names: names, limit: limit)
        let cut =
            shown.leftOutCount > 0
            ? " · \(Readable.count(shown.rows.count)) of \(Readable.count(shown.total ?? 0, of: "operation"))" : ""
        page.heading("Critical path", "\(Readable.count(traceCount, of: "trace")), \(average) on average\(cut)")
        page.table(shown.table)
        page.paragraph(
            "A trace gets shorter only if work on its critical path gets shorter. \"Of its time\" is the part of an "
                + "operation's duration that is on the path.",
            role: .quiet
        )
        if knowsParts {
            page.paragraph(
                "Actor and Thread: the share of the time on the path in which the task waited for an actor or for a thread of the pool. "
                    + "Suspended: it waited for anything else, such as I/O, a timer or another task. The rest, it was on a thread.",
                role: .quiet
            )
        }
        for line in leftOut { page.paragraph(line, role: .quiet) }
        return page.text
    }

    /// The duration of the path in nanoseconds; `nil` if the longest root has no times.
    private static func duration(of trace: Trace) -> UInt64? {
        trace.mainRoot.flatMap { trace.spans[$0].hasTimes ? trace.spans[$0].duration : nil }
    }

    /// Sentences about what the path of one trace leaves out.
    package static func leftOut(of trace: Trace) -> [String] { PathLimits(trace).sentences() }

    /// The critical path of one trace as a report.
    package static func text(
        of trace: Trace,
        names: NameTable,
        limit: Int = .max,
        style: TerminalStyle
    ) -> String {
        var page = ReportPage(style: style)
        let title = trace.mainRoot.map { names[trace.spans[$0].name] } ?? ""
        let shown = steps(of: trace, names: names, limit: limit)
        let cut =
            shown.leftOutCount > 0
            ? " · \(Readable.count(shown.rows.count)) of \(Readable.count(shown.total ?? 0, of: "step"))" : ""
        // The path covers the longest root; other roots may start earlier and end later.
        let times = duration(of: trace).map { duration in
            let start = trace.mainRoot.map { trace.spans[$0].start } ?? trace.start
            return "\(Readable.moment(start, in: style.zone)) · \(Readable.durationInText(duration))"
        }
        page.heading("Critical path of \(title)", "trace \(trace.id) · \(times ?? "no start or end")\(cut)")
        page.table(shown.table)
        for line in leftOut(of: trace) { page.paragraph(line, role: .quiet) }
        return page.text
    }

    /// A row for each step on the critical path of one trace.
    package static func steps(of trace: Trace, names: NameTable, limit: Int = .max) -> Listing {
        let root = trace.mainRoot
        let (start, whole) = root.map { (trace.spans[$0].start, Double(max(1, trace.spans[$0].duration))) } ?? (0, 1)
        func share(_ step: CriticalPath.Step) -> Listing.Value { .number(Double(step.end - step.start) / whole) }
        let hasServices = Set(trace.spans.lazy.map(\.service)).count > 1
        let operation: [Listing.Field<CriticalPath.Step>] =
            [.init("name", "Operation", .name) { .text(names[trace.spans[$0.place].name]) }]
            + Listing.Field.service(isShown: hasServices) { names[trace.spans[$0.place].service] }
        return Listing(
            root.map { CriticalPath(of: trace, root: $0).steps } ?? [],
            limit: limit,
            operation + [
                .init("offset_ns", "From", .duration) { Listing.whole($0.start - start) },
                .init("duration_ns", "Time", .duration) { Listing.whole($0.end - $0.start) },
                .init("span_id", "", .text, in: .programs) { .text(trace.spans[$0.place].spanID.hexadecimalDigits) },
                .init("duration_fraction", "Share", .share, share), .init("", "", .bar, priority: 1, share),
            ]
        )
    }
}
