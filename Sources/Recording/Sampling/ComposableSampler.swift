/// A sampler that says how likely a span is to be kept, and leaves the decision to the ``CompositeSampler`` it is part of
/// (OpenTelemetry "ComposableSampler", in development).
///
/// Called on the thread that starts the span; must not block. What it says may depend on anything but chance: the trace's
/// randomness is for the decision alone.
public protocol ComposableSampler: Sendable {
    /// What the sampler calls itself.
    var description: String { get }

    /// How likely one span is to be kept.
    func intent(for request: SamplingRequest) -> SamplingIntent
}

extension AlwaysOnSampler: ComposableSampler {
    /// Keeps all.
    public func intent(for request: SamplingRequest) -> SamplingIntent { SamplingIntent(threshold: 0) }
}

extension AlwaysOffSampler: ComposableSampler {
    /// Keeps none.
    public func intent(for request: SamplingRequest) -> SamplingIntent {
        SamplingIntent(threshold: nil, isAdjustedCountReliable: false)
    }
}

/// What a ``ComposableSampler`` answers.
public struct SamplingIntent: Hashable, Sendable {
    /// The rejection threshold T, below 2^56: spans whose trace has a randomness of at least T are kept. 0 keeps all; nil keeps
    /// none.
    public var threshold: UInt64?
    /// Whether the threshold says how likely the span was: then one kept span stands for 2^56/(2^56−T), and its trace state
    /// says so.
    public var isAdjustedCountReliable: Bool
    /// Attributes for the span, if it is kept.
    public var attributes: [Attribute]

    /// Creates an intent.
    public init(threshold: UInt64?, isAdjustedCountReliable: Bool = true, attributes: [Attribute] = []) {
        self.threshold = threshold
        self.isAdjustedCountReliable = isAdjustedCountReliable
        self.attributes = attributes
    }

    /// What becomes of the span: the threshold against the randomness of its trace.
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
            // Who follows the parent's threshold decides nothing anew.
            reliesOnTraceID: explicit == nil && threshold.map { $0 > 0 && $0 != inherited } ?? false
        )
    }
}

/// Decides by what a ``ComposableSampler`` says, which may be built of several, so that the whole stays consistent probability
/// sampling (OpenTelemetry "CompositeSampler", in development).
///
/// ```swift
/// // No health checks, every checkout, a tenth of everything else; children as their parents.
/// let sampler = CompositeSampler(
///     ParentThresholdSampler(
///         root: RuleBasedSampler([
///             SamplingRule([.attribute("http.route", isOneOf: ["/healthz", "/livez"])], use: AlwaysOffSampler()),
///             SamplingRule([.name(like: ["POST /checkout*"])], use: AlwaysOnSampler()),
///             SamplingRule(use: tenth),
///         ])
///     )
/// )
/// ```
/// A span is kept when the 56 random bits of its trace reach the threshold T; what is kept says `ot=th:…` in its trace state, so
/// that a backend can weigh it. Of two spans of a trace, the one with the lower threshold is never missing while the other is there.
public struct CompositeSampler: Sampler {
    private let sampler: any ComposableSampler

    /// Creates the sampler.
    /// - Parameter sampler: asked for every span, unless it is a ``ParentThresholdSampler`` and the parent is of this process.
    public init(_ sampler: any ComposableSampler) {
        self.sampler = sampler
    }

    /// `CompositeSampler{…}`.
    public var description: String { "CompositeSampler{\(sampler.description)}" }

    /// Whether every child of a span of this process is sampled as its parent is.
    var followsParent: Bool { sampler is ParentThresholdSampler }

    /// The threshold against the randomness of the trace.
    public func decide(_ request: SamplingRequest) -> SamplingDecision {
        sampler.intent(for: request).decision(for: request)
    }
}

/// Follows the parent's threshold; asks `root` where there is no parent (OpenTelemetry "ComposableParentThreshold").
///
/// A parent without a threshold is followed by its sampled flag; its probability is then unknown, so it gets no threshold
/// either. A parent of another process whose flag contradicts its threshold is followed by the threshold.
public struct ParentThresholdSampler: ComposableSampler {
    private let root: any ComposableSampler

    /// Creates the sampler.
    /// - Parameter root: asked where there is no parent.
    public init(root: any ComposableSampler) {
        self.root = root
    }

    /// `ParentThreshold{root:…}`.
    public var description: String { "ParentThreshold{root:\(root.description)}" }

    /// The parent's threshold, or what `root` says.
    public func intent(for request: SamplingRequest) -> SamplingIntent {
        guard let parent = request.parent, parent.isValid else { return root.intent(for: request) }
        if let threshold = SamplingState(parent.traceState).threshold { return SamplingIntent(threshold: threshold) }
        return SamplingIntent(
            threshold: parent.traceFlags.contains(.sampled) ? 0 : nil,
            isAdjustedCountReliable: false
        )
    }
}

/// Leaves the decision to another sampler and adds attributes to what is kept (OpenTelemetry "ComposableAnnotating").
public struct AnnotatingSampler: ComposableSampler {
    private let attributes: [Attribute]
    private let delegate: any ComposableSampler

    /// Creates the sampler.
    /// - Parameters:
    ///   - attributes: for every span that is kept; they win over those given at the start.
    ///   - delegate: what decides.
    public init(_ attributes: Attributes, delegate: any ComposableSampler) {
        self.attributes = attributes.elements
        self.delegate = delegate
    }

    /// `Annotating{keys → sampler}`.
    public var description: String {
        "Annotating{\(attributes.map(\.key).joined(separator: ",")) → \(delegate.description)}"
    }

    /// What the other sampler says, and the attributes.
    public func intent(for request: SamplingRequest) -> SamplingIntent {
        var intent = delegate.intent(for: request)
        intent.attributes += attributes
        return intent
    }
}
