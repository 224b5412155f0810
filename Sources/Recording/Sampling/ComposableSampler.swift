/// A part of a ``CompositeSampler`` that determines the sampling probability of a span (OpenTelemetry "ComposableSampler", in
/// development).
///
/// It is called on the thread that starts the span and must not block. The result must not be random or depend on the
/// trace id, because ``CompositeSampler`` uses the randomness of the trace for its decision.
public protocol ComposableSampler: Sendable {
    /// The name of the sampler and its parameters.
    var description: String { get }

    /// Returns the sampling probability of a span, as a threshold.
    func intent(for request: SamplingRequest) -> SamplingIntent
}

extension AlwaysOnSampler: ComposableSampler {
    /// Returns the threshold 0, which keeps all spans.
    public func intent(for request: SamplingRequest) -> SamplingIntent { SamplingIntent(threshold: 0) }
}

extension AlwaysOffSampler: ComposableSampler {
    /// Returns no threshold, so that no span is kept.
    public func intent(for request: SamplingRequest) -> SamplingIntent {
        SamplingIntent(threshold: nil, isAdjustedCountReliable: false)
    }
}

/// The result of a ``ComposableSampler``.
public struct SamplingIntent: Hashable, Sendable {
    /// The rejection threshold T, below 2^56: a span is kept if the 56-bit randomness of its trace is at least T. 0
    /// keeps all spans; nil keeps none.
    public var threshold: UInt64?
    /// Whether the threshold corresponds to the actual sampling probability of the span. If so, a kept span represents
    /// 2^56/(2^56−T) spans, and its trace state contains the threshold.
    public var isAdjustedCountReliable: Bool
    /// Attributes that are added to the span if it is kept.
    public var attributes: [Attribute]

    /// Creates an intent.
    public init(threshold: UInt64?, isAdjustedCountReliable: Bool = true, attributes: [Attribute] = []) {
        self.threshold = threshold
        self.isAdjustedCountReliable = isAdjustedCountReliable
        self.attributes = attributes
    }

    /// Decides by comparing the threshold with the randomness of the trace.
    func decision(for request: SamplingRequest) -> SamplingDecision {
        var state = SamplingState(request.parent?.traceState ?? "")
        let inherited = state.threshold
        let explicit = state.explicitRandomness
        let randomness = explicit ?? SamplingState.randomness(of: request.traceID)
        let kept = threshold.flatMap { randomness >= $0 ? $0 : nil }
        state.setThreshold(
            isAdjustedCountReliable ? kept.map(ProbabilitySampler.encode(threshold:)) : nil
        )
        return SamplingDecision(
            isSampled: kept != nil,
            attributes: kept == nil ? [] : attributes,
            traceState: state.text,
            // Following the parent's threshold is not a new decision.
            reliesOnTraceID: explicit == nil && threshold.map { $0 > 0 && $0 != inherited } ?? false
        )
    }
}

/// Samples spans with the threshold that a ``ComposableSampler`` determines. This is consistent probability sampling
/// (OpenTelemetry "CompositeSampler", in development).
///
/// ```swift
/// // No health checks, every checkout, a tenth of everything else; children as their parents.
/// let sampler = CompositeSampler(
///     ParentThresholdSampler(
///         root: RuleBasedSampler([
///             SamplingRule([.attribute("http.route", isOneOf: ["/healthz", "/livez"])], use: AlwaysOffSampler()),
///             SamplingRule([.name(like: ["POST /checkout*"])], use: AlwaysOnSampler()),
///             SamplingRule(use: ProbabilitySampler(probability: 0.1)!),
///         ])
///     )
/// )
/// ```
/// A span is kept if the 56 random bits of its trace are at least the threshold T. The trace state of a kept span
/// contains `ot=th:…`, so that a backend can extrapolate counts. If a span is kept, all spans of its trace with a lower
/// threshold are kept as well.
public struct CompositeSampler: Sampler {
    private let sampler: any ComposableSampler

    /// Creates the sampler.
    /// - Parameter sampler: Determines the threshold of every span. A ``ParentThresholdSampler`` is not called for
    ///   children of spans of this process, because they get their parent's decision.
    public init(_ sampler: any ComposableSampler) {
        self.sampler = sampler
    }

    /// The name of the sampler and its parameters: `CompositeSampler{…}`.
    public var description: String { "CompositeSampler{\(sampler.description)}" }

    /// Whether children of spans of this process are sampled exactly if their parents are.
    var followsParent: Bool { sampler is ParentThresholdSampler }

    /// Samples the span if the randomness of its trace is at least the threshold.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        sampler.intent(for: request).decision(for: request)
    }
}

/// Uses the threshold of the parent. For root spans, it uses the threshold of another sampler (OpenTelemetry
/// "ComposableParentThreshold").
///
/// If the parent has no threshold, its sampled flag decides. The probability is then unknown, so the span gets no threshold either.
/// If the flag of a remote parent contradicts its threshold, the threshold decides.
public struct ParentThresholdSampler: ComposableSampler {
    private let root: any ComposableSampler

    /// Creates the sampler.
    /// - Parameter root: The sampler for spans without a parent.
    public init(root: any ComposableSampler) {
        self.root = root
    }

    /// The name of the sampler and its parameters: `ParentThreshold{root:…}`.
    public var description: String { "ParentThreshold{root:\(root.description)}" }

    /// Returns the threshold of the parent, or the intent of `root` if the span has no valid parent. If the parent has
    /// no threshold, the threshold follows its sampled flag.
    public func intent(for request: SamplingRequest) -> SamplingIntent {
        guard let parent = request.parent, parent.isValid else { return root.intent(for: request) }
        if let threshold = SamplingState(parent.traceState).threshold { return SamplingIntent(threshold: threshold) }
        return SamplingIntent(
            threshold: parent.traceFlags.contains(.sampled) ? 0 : nil,
            isAdjustedCountReliable: false
        )
    }
}

/// Adds attributes to the spans that another sampler keeps (OpenTelemetry "ComposableAnnotating").
public struct AnnotatingSampler: ComposableSampler {
    private let attributes: [Attribute]
    private let delegate: any ComposableSampler

    /// Creates the sampler.
    /// - Parameters:
    ///   - attributes: Attributes for kept spans. They override attributes with the same key that are set when the span
    ///     starts.
    ///   - delegate: The sampler that determines the threshold.
    public init(_ attributes: Attributes, delegate: any ComposableSampler) {
        self.attributes = attributes.elements
        self.delegate = delegate
    }

    /// The name of the sampler and its parameters: `Annotating{keys → sampler}`.
    public var description: String {
        "Annotating{\(attributes.map(\.key).joined(separator: ",")) → \(delegate.description)}"
    }

    /// Returns the intent of `delegate` with the attributes of this sampler added.
    public func intent(for request: SamplingRequest) -> SamplingIntent {
        var intent = delegate.intent(for: request)
        intent.attributes += attributes
        return intent
    }
}
