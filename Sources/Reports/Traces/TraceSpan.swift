import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The part of a span that reports need.
///
/// It takes about a hundred bytes, so that many traces can be held until their last spans arrive.
package struct TraceSpan: Sendable {
    /// The span's id; never zero.
    package var spanID: UInt64
    /// The parent's id; 0 for a root.
    package var parentSpanID: UInt64
    /// Nanoseconds since 1970-01-01 UTC.
    package var start: Int64
    /// Nanoseconds since 1970-01-01 UTC, not before the start.
    package var end: Int64
    /// Whether start and end are known. Otherwise the span takes no time, and no percentile, total or path contains it.
    package var hasTimes: Bool
    /// The role between services.
    package var kind: RecordedSpan.Kind
    /// A hash of all decoded values, to recognize repeated spans.
    var fingerprint: UInt64 = 0
    /// The name's number in the ``NameTable``.
    package var name: UInt32
    /// The number of the resource's `service.name` in the ``NameTable``.
    package var service: UInt32
    /// The number of the value by which spans are grouped; ``NameTable/none`` without a grouping or a value.
    package var group = NameTable.none
    /// Whether a ``SpanSelection`` contains the span. The other spans of its trace are kept because times depend on them.
    package var isSelected = true
    /// Whether the span is not selected only because it has no start.
    var isStartless = false
    /// Whether the span failed; see ``RecordedSpan/isError``.
    package var isError: Bool
    /// The type and the message of a failure, if spans are read with their causes or typed details. With causes, the message is a pattern.
    package var cause: FailureCause?
    /// What the span itself says about a failure, if spans are read with log records.
    var failureFacts: FailureFacts = []
    /// Whether the process ended before the span did (`spankit.unfinished`).
    package var isUnfinished: Bool
    package var category = WorkCategory.computation
    /// The call of a language model that the span describes.
    package var call: ModelCallFacts?
    /// Whether the span is an agent, a tool or similar work, whose model calls are counted separately.
    var containsModelCalls = false
    /// How long the span's task ran and waited; `nil` if it was not measured.
    package var parts: SpanParts?
    /// The change of the heap during the span in bytes (`spankit.heap.delta_bytes`); `nil` if it was not sampled.
    package var heapDeltaBytes: Int64?
    /// The span's status, attributes and events as text, as the ``DetailLevel`` says.
    package var details: String?
    /// The content of ``details`` as typed values, for machine-readable output.
    package var content: SpanContent?
    /// The attributes, events and links, if spans are read for the HTML page.
    var pageContent: PageContent?

    /// The form in which the status text, the attributes and the events are kept.
    package enum DetailLevel: Sendable {
        case none
        /// The causes of failures instead of details.
        case causes
        /// One short line.
        case folded
        /// Everything, on several lines.
        case full
        /// Everything, with types, for machine-readable output.
        case typed
        /// The causes of failures, and all attributes, events and links.
        case page

        func text(of span: RecordedSpan) -> String? {
            switch self {
            case .none, .causes, .typed, .page: nil
            case .folded: FoldedDetails.text(of: span)
            case .full: FullDetails.text(of: span)
            }
        }
    }

    /// Whether the span calls another service, or sends a message to it.
    var calls: Bool { kind == .client || kind == .producer }

    /// Whether the span handles a request or a message.
    var serves: Bool { kind == .server || kind == .consumer }

    /// The time from start to end in nanoseconds.
    package var duration: UInt64 { end > start ? UInt64(end - start) : 0 }

    package init(
        spanID: UInt64,
        parentSpanID: UInt64 = 0,
        start: Int64,
        end: Int64,
        hasTimes: Bool = true,
        kind: RecordedSpan.Kind = .internal,
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
        self.hasTimes = hasTimes
        self.kind = kind
        self.name = name
        self.service = service
        self.isError = isError
        self.isUnfinished = isUnfinished
        self.details = details
    }

    /// - Parameter origin: What is known of the span's resource and scope.
    init(
        _ decoded: DecodedSpan,
        from origin: SpanOrigin? = nil,
        names: inout NameTable,
        details: DetailLevel,
        grouping: SpanGrouping? = nil
    ) {
        let origin = origin ?? SpanOrigin(decoded)
        let span = decoded.span
        self.init(
            spanID: span.context.spanID.rawValue,
            parentSpanID: span.parentSpanID?.rawValue ?? 0,
            start: span.startUnixNanoseconds,
            end: span.endUnixNanoseconds,
            hasTimes: span.startUnixNanoseconds > 0 && span.endUnixNanoseconds > 0,
            kind: span.kind,
            name: names.number(of: span.name),
            service: names.number(ofService: origin.service),
            isError: span.isError,
            isUnfinished: span[RegionReader.unfinishedKey] == .bool(true),
            details: details.text(of: span)
        )
        fingerprint = decoded.fingerprint(from: origin)
        if let value = grouping?.value(of: decoded) { group = names.number(ofValue: value) }
        switch details {
        case .causes: cause = (FailureCause(span) ?? FailureCause(undecided: span))?.pattern
        case .typed:
            cause = FailureCause(span) ?? FailureCause(undecided: span)
            content = SpanContent(span)
        case .page:
            cause = (FailureCause(span) ?? FailureCause(undecided: span))?.pattern
            pageContent = PageContent(decoded, from: origin)
        case .none, .folded, .full: break
        }
        if details != .none { failureFacts = FailureFacts(span) }
        call = ModelCallFacts(span)
        containsModelCalls = call == nil && ModelCallAttributes(span)?.role == .other
        category = WorkCategory(of: span, isModelCall: call != nil)
        if case .int(let bytes) = span[HeapAttribute.name] { heapDeltaBytes = bytes }
        parts = SpanParts(span)
    }
}

extension DecodedSpan {
    /// The resource's `service.name`; empty if it has none.
    package var serviceName: String { resource.serviceName }
}

extension Resource {
    /// `service.name`; empty without one.
    package var serviceName: String {
        if case .string(let name) = self["service.name"] { name } else { "" }
    }
}

/// Gives each name a number, so that spans need not keep strings.
///
/// The number of names is bounded, because names that contain ids would otherwise use up the memory.
package struct NameTable: Sendable {
    /// The name that stands for all names beyond the limit.
    package static let overflowName = "(other names)"
    /// The service that stands for all services beyond the limit.
    package static let overflowService = "(other services)"
    /// The value that stands for all values beyond the limit.
    package static let overflowValue = "(other values)"
    /// The number that means "no name". Its text is empty.
    package static let none = UInt32.max

    /// Names, services or values by which spans are grouped. Each kind has its own limit.
    private struct Kind {
        let limit: Int
        let substitute: String
        var count = 0
        /// The number of the substitute, once it stands for others.
        var substituteNumber = NameTable.none
        var merged: MergedTexts

        init(_ noun: String, _ substitute: String, _ limit: Int) {
            (self.limit, self.substitute) = (limit, substitute)
            merged = MergedTexts(of: noun, as: substitute, limit: limit)
        }
    }

    private var operationNames: Kind
    private var services: Kind
    private var values: Kind
    private var numbers: [ByteText: UInt32] = [:]
    /// The names by number.
    package private(set) var names: [String] = []

    package init(limit: Int = 20_000) {
        operationNames = Kind("name", Self.overflowName, limit)
        services = Kind("service", Self.overflowService, limit)
        values = Kind("value", Self.overflowValue, limit)
    }

    package mutating func number(of name: String) -> UInt32 { number(of: name, \.operationNames) }

    /// The number of a service.
    mutating func number(ofService service: String) -> UInt32 { number(of: service, \.services) }

    /// The number of a value by which spans are grouped.
    mutating func number(ofValue value: String) -> UInt32 { number(of: value, \.values) }

    private mutating func number(of text: String, _ kind: WritableKeyPath<NameTable, Kind>) -> UInt32 {
        let key = ByteText(text)
        if let number = numbers[key] { return number }
        guard self[keyPath: kind].count >= self[keyPath: kind].limit else {
            self[keyPath: kind].count += 1
            return add(key)
        }
        self[keyPath: kind].merged.add(key)
        if self[keyPath: kind].substituteNumber == Self.none {
            let substitute = ByteText(self[keyPath: kind].substitute)
            self[keyPath: kind].substituteNumber = numbers[substitute] ?? add(substitute)
        }
        return self[keyPath: kind].substituteNumber
    }

    /// Counts a span whose name, service or value stands for others.
    mutating func countMerged(_ span: TraceSpan) {
        if span.name == operationNames.substituteNumber { operationNames.merged.count() }
        if span.service == services.substituteNumber { services.merged.count() }
        if span.group != Self.none, span.group == values.substituteNumber { values.merged.count() }
    }

    /// The names and services, or the values by which spans are grouped, that are merged because there are too many.
    package func merged(isGrouped: Bool) -> [MergedTexts] {
        isGrouped ? [values.merged] : [operationNames.merged, services.merged]
    }

    private mutating func add(_ name: ByteText) -> UInt32 {
        let number = UInt32(names.count)
        names.append(name.text)
        numbers[name] = number
        return number
    }

    package subscript(number: UInt32) -> String { number == Self.none ? "" : names[Int(number)] }
}
