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
