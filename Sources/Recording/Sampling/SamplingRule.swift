/// Which spans are sampled how: a part of ``RuleBasedSampler``.
public struct SamplingRule: Sendable {
    private let conditions: [SamplingCondition]
    let sampler: any ComposableSampler

    /// Creates a rule.
    /// - Parameters:
    ///   - conditions: all of them have to hold; none means every span.
    ///   - sampler: what these spans are sampled by.
    public init(_ conditions: [SamplingCondition] = [], use sampler: any ComposableSampler) {
        self.conditions = conditions
        self.sampler = sampler
    }

    var description: String {
        let conditions = conditions.isEmpty ? "any" : conditions.map(\.description).joined(separator: " & ")
        return "\(conditions) → \(sampler.description)"
    }

    func applies(to request: SamplingRequest) -> Bool {
        conditions.allSatisfy { $0.holds(request) }
    }
}
