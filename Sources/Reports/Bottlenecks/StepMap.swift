import SpanKitPercentiles

/// What is known beforehand of operations whose traces are not at hand: which one contains the others as direct children, one
/// after the other, and what kind of work each of those is.
///
/// An operation that is not listed may lie inside any of them, so it has no share of its own.
package struct StepMap: Sendable {
    /// One of the operations that the whole consists of.
    package struct Step: Sendable {
        package var category: WorkCategory
        /// It calls the language model, and nothing else.
        package var isModelCall: Bool
        /// As ``OperationProfile/hint``.
        package var hint: String?

        package init(_ category: WorkCategory, isModelCall: Bool = false, hint: String? = nil) {
            self.category = category
            self.isModelCall = isModelCall
            self.hint = hint
        }
    }

    package let whole: String
    package let steps: [String: Step]

    package init(whole: String, steps: [String: Step]) {
        self.whole = whole
        self.steps = steps
    }

    /// The steps and, last, what the whole spends outside of them; empty where the whole was not recorded.
    /// - Parameters:
    ///   - count: conversations.
    ///   - difference: what is added to the model's time to get the time it stands for; nil where it is the model's own.
    ///   - failures: runs of steps that failed.
    ///   - calls: those of the language model.
    package func profiles(
        of operations: [OperationSnapshot],
        count: Int,
        addingToModel difference: Int64? = nil,
        failures: [String: UInt64] = [:],
        calls: ModelCallTotals = ModelCallTotals()
    ) -> [OperationProfile] {
        guard let total = operations.first(where: { $0.name == whole }), total.histogram.sumNanoseconds > 0 else {
            return []
        }
        let parts = operations.filter { steps[$0.name] != nil }
        func time(_ operation: OperationSnapshot) -> Double { Double(operation.histogram.sumNanoseconds) }
        let outside = max(0, time(total) - parts.reduce(0) { $0 + time($1) })
        let measured = parts.map(time) + [outside]
        var own = measured
        for (place, part) in parts.enumerated() where steps[part.name]?.isModelCall == true {
            own[place] = max(0, own[place] + Double(difference ?? 0))
        }
        let (sum, measuredSum) = (max(1, own.reduce(0, +)), max(1, measured.reduce(0, +)))
        return (parts + [total]).enumerated().map { place, operation in
            let step = steps[operation.name]
            let histogram = operation.histogram
            var profile = OperationProfile(
                operation.name,
                step?.category ?? .computation,
                // The whole contains its steps; its own time has no distribution of its own.
                shapeOf: step == nil ? nil : histogram,
                count: histogram.count,
                of: count,
                own: own[place],
                share: own[place] / sum
            )
            profile.averageMemoryDeltaBytes = histogram.averageMemoryDeltaBytes
            if difference != nil { profile.measured = (measured[place], measured[place] / measuredSum) }
            guard let step else { return profile }
            profile.hint = step.hint
            profile.failureCount = failures[operation.name] ?? 0
            profile.isModelCall = step.isModelCall
            if step.isModelCall { profile.modelCalls = calls.evidence }
            // Each step runs once as a rule.
            if profile.callsPerConversation > 1.5, profile.share >= 0.01 {
                profile.repetition = (whole, profile.callsPerConversation)
            }
            return profile
        }
    }
}
