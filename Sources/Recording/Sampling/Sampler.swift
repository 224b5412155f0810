/// Decides at the start of a span whether it is recorded (head sampling).
///
/// It is called on the thread that starts the span and must not block. Percentiles include every span, regardless of
/// the decision.
public protocol Sampler: Sendable {
    /// The name of the sampler and its parameters, such as `AlwaysOnSampler` or `TraceIdRatioBased{0.100000}`.
    var description: String { get }

    /// Decides whether a span is recorded.
    func decide(_ request: SamplingRequest) -> SamplingDecision
}

/// The data on which a sampler bases its decision.
public struct SamplingRequest: Sendable {
    /// The context of the parent; nil for a root span.
    public var parent: SpanContext?
    /// The trace id of the span.
    public var traceID: TraceID
    /// Whether the last 56 bits of ``traceID`` are known to be random.
    public var isTraceIDRandom: Bool
    /// The name of the span.
    public var name: String
    /// The kind of the span.
    public var kind: RecordedSpan.Kind
    /// The inherited attributes (``InheritedAttributes``), followed by the attributes that are set when the span
    /// starts.
    public var attributes: Attributes

    /// Creates a request.
    public init(
        parent: SpanContext?,
        traceID: TraceID,
        isTraceIDRandom: Bool = true,
        name: String,
        kind: RecordedSpan.Kind = .internal,
        attributes: Attributes = [:]
    ) {
        self.parent = parent
        self.traceID = traceID
        self.isTraceIDRandom = isTraceIDRandom
        self.name = name
        self.kind = kind
        self.attributes = attributes
    }
}

/// The decision of a sampler.
public struct SamplingDecision: Hashable, Sendable {
    /// Whether the span is recorded and exported.
    public var isSampled: Bool
    /// Attributes that the sampler adds to the span.
    public var attributes: [Attribute]
    /// The trace state of the span; nil to keep the parent's.
    public var traceState: String?
    /// Whether the decision depends on the trace id. If the id is not random, other services may decide differently.
    public var reliesOnTraceID: Bool

    /// Creates a decision.
    public init(
        isSampled: Bool,
        attributes: [Attribute] = [],
        traceState: String? = nil,
        reliesOnTraceID: Bool = false
    ) {
        self.isSampled = isSampled
        self.attributes = attributes
        self.traceState = traceState
        self.reliesOnTraceID = reliesOnTraceID
    }
}

/// Records every span.
public struct AlwaysOnSampler: Sampler {
    /// Creates the sampler.
    public init() {}

    /// The name of the sampler: `AlwaysOnSampler`.
    public var description: String { "AlwaysOnSampler" }

    /// Samples the span.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        SamplingDecision(isSampled: true)
    }
}

/// Records no span. Percentiles still include all spans.
public struct AlwaysOffSampler: Sampler {
    /// Creates the sampler.
    public init() {}

    /// The name of the sampler: `AlwaysOffSampler`.
    public var description: String { "AlwaysOffSampler" }

    /// Does not sample the span.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        SamplingDecision(isSampled: false)
    }
}
