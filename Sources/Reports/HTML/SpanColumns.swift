import SpanKitPlatform
import SpanKitRecording

/// The spans of the HTML page as columns: one list for each property, with an element for each span.
///
/// The spans of a trace are in preorder, so the descendants of a span follow it.
struct SpanColumns: Sendable {
    /// A property that most spans lack: the spans that have it, with their values.
    struct Attached {
        var span = JSONColumn()
        var counts = JSONColumn()
        var pairs = JSONColumn()

        mutating func add(to number: Int, _ numbers: [Int]) {
            span.append(number)
            counts.append(numbers.count)
            for number in numbers { pairs.append(number) }
        }
    }

    /// The attributes of a resource, and after them those of a scope.
    private struct Source: Hashable {
        var numbers: [Int] = []
        /// How many of the attributes are those of the scope.
        var scopeCount = 0
    }

    private var ids = JSONColumn()
    private var parents = JSONColumn()
    private var names = JSONColumn()
    private var services = JSONColumn()
    private var sources = JSONColumn()
    private var facts = JSONColumn()
    private var starts = JSONColumn()
    private var durations = JSONColumn()
    private var own = JSONColumn()
    private var critical = JSONColumn()
    private var messages = JSONColumn()
    private var stepCounts = JSONColumn()
    private var stepSpans = JSONColumn()
    private var stepLengths = JSONColumn()
    private var pairCounts = JSONColumn()
    private var pairs = JSONColumn()
    private var events = Attached()
    private var eventNames = JSONColumn()
    private var eventTimes = JSONColumn()
    private var links = Attached()
    private var linkIDs = JSONColumn()
    private var dropped = JSONColumn()
    private var partSpans = JSONColumn()
    private var partTimes = JSONColumn()
    private var logs = LogColumns()

    /// The services in the order in which they first occur.
    private(set) var serviceNames: [String] = []
    private var serviceNumbers: [UInt32: Int] = [:]
    private var sourceLists = JSONColumn()
    private var scopeCounts = JSONColumn()
    private var sourceNumbers: [Source: Int] = [:]
    /// The origin of the last span, which the next one usually shares.
    private var last: (origin: SpanOrigin, number: Int)?
    private(set) var count = 0

    mutating func add(_ entry: KeptTraces.Entry, _ table: NameTable, _ texts: inout PairTable) {
        let trace = entry.trace
        let order = trace.preorder().map(\.place).filter { entry.shown?.contains($0) ?? true }
        var positions = [Int](repeating: -1, count: trace.spans.count)
        for (position, place) in order.enumerated() { positions[place] = position }
        let path = trace.mainRoot.map { CriticalPath(of: trace, root: $0) }
        let onPath = path?.times(spanCount: trace.spans.count)
        let selfTimes = trace.selfTimes()
        var digits = ""
        for place in order {
            let span = trace.spans[place]
            let parent = trace.parents[place]
            digits += span.spanID.hexadecimalDigits
            parents.append(parent < 0 ? 0 : positions[place] - positions[parent])
            names.append(texts.number(of: table[span.name]))
            services.append(service(span.service, table))
            starts.append(span.start - trace.start)
            durations.append(span.duration)
            own.append(selfTimes[place])
            critical.append(onPath?[place] ?? 0)
            append(span, from: trace.start, &texts)
            for log in trace.logs(of: place) { logs.add(log, to: count, from: trace.start, &texts) }
            if place == order.first {
                for log in trace.logsOutsideSpans {
                    logs.add(log, to: count, from: trace.start, isOutside: true, &texts)
                }
            }
            count += 1
        }
        ids.append(digits)
        appendSteps(path?.steps ?? [], positions)
    }

    /// The steps of a critical path: the span, or -1 if it is not on the page, and the time in it. The first step
    /// starts with the root. Every other step starts where the previous one ends.
    private mutating func appendSteps(_ steps: [CriticalPath.Step], _ positions: [Int]) {
        stepCounts.append(steps.count)
        for step in steps {
            stepSpans.append(positions[step.place])
            stepLengths.append(step.end - step.start)
        }
    }

    /// Appends everything that is shown when the span is selected.
    private mutating func append(_ span: TraceSpan, from start: Int64, _ texts: inout PairTable) {
        let content = span.pageContent
        let status =
            switch content?.span.status {
            case .ok: 1
            case .error: 2
            default: 0
            }
        facts.append(
            (span.isError ? 1 : 0) | (span.isUnfinished ? 2 : 0) | (span.hasTimes ? 0 : 4)
                | status << 3 | Int(span.kind.rawValue) << 5
        )
        if case .error(let message) = content?.span.status {
            messages.append(texts.number(ofValue: message))
        } else {
            messages.append(0)
        }
        if let parts = span.parts {
            partSpans.append(count)
            for time in [parts.running, parts.forActor, parts.queued - parts.forActor, parts.suspended] {
                partTimes.append(time)
            }
        }
        let numbers = texts.numbers(of: content?.span.attributes ?? [])
        pairCounts.append(numbers.count)
        for number in numbers { pairs.append(number) }
        sources.append(source(content, &texts))
        guard let content = content else { return }
        for event in content.span.events {
            events.add(to: count, texts.numbers(of: event.attributes))
            eventNames.append(texts.number(of: event.name))
            if event.unixNanoseconds > 0 {
                eventTimes.append(event.unixNanoseconds &- start)
            } else {
                eventTimes.appendNull()
            }
        }
        for link in content.span.links {
            links.add(to: count, texts.numbers(of: link.attributes))
            linkIDs.append("\(link.context.traceID)" + "\(link.context.spanID)")
        }
        let lost = [content.span.droppedAttributeCount, content.span.droppedEventCount, content.span.droppedLinkCount]
        if lost.contains(where: { $0 > 0 }) {
            dropped.append(count)
            for number in lost { dropped.append(number) }
        }
    }

    private mutating func service(_ number: UInt32, _ table: NameTable) -> Int {
        if let known = serviceNumbers[number] { return known }
        serviceNumbers[number] = serviceNames.count
        serviceNames.append(table[number])
        return serviceNames.count - 1
    }

    /// The index of the list of attributes of a resource and a scope. Spans with the same resource and scope share the
    /// list.
    private mutating func source(_ content: PageContent?, _ texts: inout PairTable) -> Int {
        guard let content else { return source(Source()) }
        if let last, last.origin === content.origin { return last.number }
        let resource = texts.numbers(of: content.origin.resource.attributes)
        let scope = texts.numbers(of: content.origin.scope.attributesOfPage)
        let number = source(Source(numbers: resource + scope, scopeCount: scope.count))
        last = (content.origin, number)
        return number
    }

    private mutating func source(_ source: Source) -> Int {
        if let known = sourceNumbers[source] { return known }
        sourceNumbers[source] = sourceNumbers.count
        var list = JSONColumn()
        for number in source.numbers { list.append(number) }
        sourceLists.append(list)
        scopeCounts.append(source.scopeCount)
        return sourceNumbers.count - 1
    }

    /// The columns as members of a JSON object.
    var members: [(String, String)] {
        [
            ("ids", ids.json), ("parents", parents.json), ("names", names.json), ("services", services.json),
            ("sources", sources.json), ("sourceLists", sourceLists.json), ("scopeCounts", scopeCounts.json),
            ("facts", facts.json),
            ("starts", starts.json), ("durations", durations.json), ("own", own.json), ("critical", critical.json),
            ("messages", messages.json), ("stepCounts", stepCounts.json), ("stepSpans", stepSpans.json),
            ("stepLengths", stepLengths.json), ("pairCounts", pairCounts.json), ("spanPairs", pairs.json),
            ("eventSpans", events.span.json), ("eventCounts", events.counts.json), ("eventPairs", events.pairs.json),
            ("eventNames", eventNames.json), ("eventTimes", eventTimes.json), ("linkSpans", links.span.json),
            ("linkCounts", links.counts.json), ("linkPairs", links.pairs.json), ("linkIDs", linkIDs.json),
            ("dropped", dropped.json), ("partSpans", partSpans.json), ("partTimes", partTimes.json),
        ] + logs.members
    }
}
