/// Decides, once for each trace and before anything is written, whether its spans are recorded.
///
/// Called on the thread that starts the span; must not block. Percentiles do not depend on the answer: they count every
/// span.
public protocol Sampler: Sendable {
    /// What the sampler calls itself, such as `AlwaysOnSampler` or `TraceIdRatioBased{0.100000}`.
    var description: String { get }

    /// The decision for one span.
    func decide(_ request: SamplingRequest) -> SamplingDecision
}

/// What a sampler is told.
public struct SamplingRequest: Sendable {
    /// The parent, or nil for a root.
    public var parent: SpanContext?
    /// The trace id the span has, or will have.
    public var traceID: TraceID
    /// Whether the last 56 bits of ``traceID`` are known to be random.
    public var isTraceIDRandom: Bool
    /// The span's name.
    public var name: String
    /// The span's kind.
    public var kind: RecordedSpan.Kind
    /// The attributes given at the start, behind those it inherits (``InheritedAttributes``); what is set later cannot be seen.
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

/// What a sampler answers.
public struct SamplingDecision: Hashable, Sendable {
    /// Whether the span is recorded and exported.
    public var isSampled: Bool
    /// Attributes the sampler adds to the span.
    public var attributes: [Attribute]
    /// The trace state the span gets; nil keeps the parent's.
    public var traceState: String?
    /// Whether the answer was drawn from the trace id, so that it is fair and the same everywhere only if that is random.
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

    /// `AlwaysOnSampler`.
    public var description: String { "AlwaysOnSampler" }

    /// Always sampled.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        SamplingDecision(isSampled: true)
    }
}

/// Records no span; percentiles still count them all.
public struct AlwaysOffSampler: Sampler {
    /// Creates the sampler.
    public init() {}

    /// `AlwaysOffSampler`.
    public var description: String { "AlwaysOffSampler" }

    /// Never sampled.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        SamplingDecision(isSampled: false)
    }
}
