import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording

/// What looking at traces needs of a span: about a hundred bytes, so that many traces can be held while their spans still come in.
package struct TraceSpan: Sendable {
    /// The span's own id; never zero.
    package var spanID: UInt64
    /// The parent's id; 0 for none.
    package var parentSpanID: UInt64
    /// Nanoseconds since 1970-01-01 UTC.
    package var start: Int64
    /// Nanoseconds since 1970-01-01 UTC, not before the start.
    package var end: Int64
    /// A number of the ``NameTable``.
    package var name: UInt32
    /// A number of the ``NameTable``: `service.name` of the resource.
    package var service: UInt32
    /// The status is error.
    package var isError: Bool
    /// The process ended before the span did (`spankit.unfinished`).
    package var isUnfinished: Bool
    /// What kind of work it is.
    package var category = WorkCategory.computation
    /// What it says about the call of a language model; nil where it is none.
    package var call: ModelCallFacts?
    /// How the heap in use changed meanwhile (`spankit.heap.delta_bytes`); nil where it was not sampled.
    package var heapDeltaBytes: Int64?
    /// What else the span says, in as many lines as were asked for; nil where nobody asked.
    package var details: String?

    /// What is kept of attributes, the status text and events.
    package enum DetailLevel: Sendable {
        /// Nothing.
        case none
        /// One short line.
        case folded
        /// Everything, line by line.
        case full

        func text(of span: RecordedSpan) -> String? {
            switch self {
            case .none: nil
            case .folded: FoldedDetails.text(of: span)
            case .full: FullDetails.text(of: span)
            }
        }
    }

    /// It calls a language model.
    package var isModelCall: Bool { call != nil && category == .api }

    /// From start to end, in nanoseconds.
    package var duration: UInt64 { end > start ? UInt64(end - start) : 0 }

    package init(
        spanID: UInt64,
        parentSpanID: UInt64 = 0,
        start: Int64,
        end: Int64,
        name: UInt32,
        service: UInt32 = 0,
        isError: Bool = false,
        isUnfinished: Bool = false,
        details: String? = nil
    ) {
        self.spanID = spanID
        self.parentSpanID = parentSpanID
        self.start = start
        self.end = max(start, end)
        self.name = name
        self.service = service
        self.isError = isError
        self.isUnfinished = isUnfinished
        self.details = details
    }

    init(_ decoded: DecodedSpan, names: inout NameTable, details: DetailLevel) {
        let span = decoded.span
        var isError = false
        if case .error = span.status { isError = true }
        self.init(
            spanID: span.context.spanID.rawValue,
            parentSpanID: span.parentSpanID?.rawValue ?? 0,
            start: span.startUnixNanoseconds,
            end: span.endUnixNanoseconds,
            name: names.number(of: span.name),
            service: names.number(of: decoded.serviceName),
            isError: isError,
            isUnfinished: span[RegionReader.unfinishedKey] == .bool(true),
            details: details.text(of: span)
        )
        category = WorkCategory(of: span)
        call = ModelCallFacts(span)
        if case .int(let bytes) = span[HeapAttribute.name] { heapDeltaBytes = bytes }
    }
}

extension DecodedSpan {
    /// `service.name`; empty when nobody said.
    package var serviceName: String {
        if case .string(let name) = resource["service.name"] { name } else { "" }
    }
}
