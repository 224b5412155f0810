import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording

/// Puts traces together from spans in any order, in bounded memory.
///
/// The spans of a trace stand close together in what exporters write. A trace is handed out when the input ends, or, when more
/// spans wait than memory is meant for, the one that nothing was added to for longest; what still comes of it then is a
/// part of its own, and counted in ``partedTraceCount``.
package struct TraceAssembler {
    private struct OpenTrace {
        var spans: [TraceSpan] = []
        var lastSpan = 0
        /// Spans, and their texts counted as spans.
        var weight = 0
    }

    /// The names of all spans so far.
    package private(set) var names = NameTable()
    /// Spans so far.
    package private(set) var spanCount = 0
    /// Traces so far; one that was handed out in parts counts with each.
    package private(set) var traceCount = 0
    /// Traces that were handed out before the input ended, and lack a parent that may have come later.
    package private(set) var partedTraceCount = 0

    private let spanLimit: Int
    private let details: TraceSpan.DetailLevel
    private var open: [TraceID: OpenTrace] = [:]
    private var waitingWeight = 0

    /// - Parameters:
    ///   - spanLimit: how many spans may wait for the rest of their traces.
    ///   - details: what is kept of attributes and events; long texts take the room of spans.
    package init(spanLimit: Int = 400_000, details: TraceSpan.DetailLevel = .none) {
        self.spanLimit = max(1, spanLimit)
        self.details = details
    }

    /// Takes a span; hands out traces to make room.
    package mutating func add(_ span: DecodedSpan, _ body: (Trace, NameTable) -> Void) {
        let known = TraceSpan(span, names: &names, details: details)
        spanCount += 1
        let weight = known.weight
        waitingWeight += weight
        open[span.span.context.traceID, default: OpenTrace()].spans.append(known)
        open[span.span.context.traceID]?.lastSpan = spanCount
        open[span.span.context.traceID]?.weight += weight
        if waitingWeight > spanLimit { makeRoom(body) }
    }

    /// Says that there is nothing more.
    package mutating func finish(_ body: (Trace, NameTable) -> Void) {
        for (id, trace) in open.sorted(by: { $0.value.lastSpan < $1.value.lastSpan }) { handOut(id, trace, body) }
        open = [:]
        waitingWeight = 0
    }

    /// Half of what waits goes, so that looking for the oldest is done once in many spans.
    private mutating func makeRoom(_ body: (Trace, NameTable) -> Void) {
        var parted = 0
        defer { partedTraceCount += parted }
        for (id, trace) in open.sorted(by: { $0.value.lastSpan < $1.value.lastSpan }) {
            guard waitingWeight > spanLimit / 2 else { return }
            open[id] = nil
            waitingWeight -= trace.weight
            handOut(id, trace) { trace, names in
                if trace.orphanCount > 0 { parted += 1 }
                body(trace, names)
            }
        }
    }

    private mutating func handOut(_ id: TraceID, _ trace: OpenTrace, _ body: (Trace, NameTable) -> Void) {
        traceCount += 1
        body(Trace(id: id, spans: trace.spans), names)
    }
}

extension TraceSpan {
    /// The room it takes, in spans without anything: about 128 bytes each. What Swift keeps in place (15 bytes of text) is free.
    fileprivate var weight: Int {
        let text = details?.utf8.count ?? 0
        return 1 + (text > 15 ? (text + 159) / 128 : 0) + (call == nil ? 0 : 3)
    }
}
