import SpanKitPercentiles

/// What a program knows about its operations: the steps of an operation and their kinds of work.
///
/// Results files contain durations without the call tree. A step map allows an analysis of them. The steps are direct children
/// that run one after the other. Operations that are not listed may be within any step, so they have no share of their own.
package struct StepMap: Sendable {
    package struct Step: Sendable {
        package var category: WorkCategory
        /// Whether the step calls the language model and does nothing else.
        package var isModelCall: Bool
        /// Advice; see ``OperationProfile/hint``.
        package var hint: String?

        package init(_ category: WorkCategory, isModelCall: Bool = false, hint: String? = nil) {
            self.category = category
            self.isModelCall = isModelCall
            self.hint = hint
        }
    }

    /// The operation that contains the steps.
    package let whole: String
    package let steps: [String: Step]

    package init(whole: String, steps: [String: Step]) {
        self.whole = whole
        self.steps = steps
    }

    /// The profiles of the steps, followed by the profile of the remaining time; empty if ``whole`` was not recorded.
    /// - Parameters:
    ///   - count: The number of conversations.
    ///   - difference: The difference between the model's projected and measured time; `nil` without a projection.
    ///   - failures: The number of failed runs of each step.
    ///   - calls: The model calls.
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
                OperationKey(name: operation.name),
                step?.category ?? .computation,
                // The histogram of the whole includes its steps, so the distribution of its self time is not known.
                shapeOf: step == nil ? nil : histogram,
                count: histogram.count,
                of: count,
                own: own[place],
                whole: sum
            )
            profile.averageMemoryDeltaBytes = histogram.averageMemoryDeltaBytes
            if difference != nil { profile.measured = (measured[place], measured[place] / measuredSum) }
            guard let step else { return profile }
            profile.hint = step.hint
            profile.failureCount = failures[operation.name] ?? 0
            profile.isModelCall = step.isModelCall
            if step.isModelCall { profile.modelCalls = calls.evidence }
            // A step usually runs once.
            if profile.callsPerConversation > 1.5, profile.share >= 0.01 {
                let calls = profile.callsPerConversation
                profile.repetition = .init(parent: whole, calls: calls, gain: own[place] * (1 - 1 / calls))
            }
            return profile
        }
    }
}
