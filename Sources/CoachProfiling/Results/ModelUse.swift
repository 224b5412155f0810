import SpanKitReports
import SpanKitSummaries

/// What the calls of one language model took, as the results file tells it.
package struct ModelUse: Encodable, Sendable {
    /// How the first piece of the answer came.
    package struct FirstToken: Encodable, Sendable {
        package let p50Nanoseconds: UInt64
        package let p95Nanoseconds: UInt64
        package let maximumNanoseconds: UInt64
    }

    /// The model, as it names itself.
    package let model: String
    /// Answered calls.
    package let callCount: Int
    /// Calls of which the provider did not say what they read or wrote. They are in no sum.
    package let callsWithUnknownTokens: Int
    /// Tokens read, cached ones included; nil where no call told.
    package let inputTokens: Int?
    /// The part of them that came out of the provider's cache; nil where no call told.
    package let cacheReadTokens: Int?
    /// ``cacheReadTokens`` as a share of the tokens that the same calls read; nil where no call told.
    package let cacheShare: Double?
    /// The part of them that went into the provider's cache; nil where no call told.
    package let cacheWriteTokens: Int?
    /// Tokens written, reasoning included; nil where no call told.
    package let outputTokens: Int?
    /// The part of them that was reasoning; nil where no call told.
    package let reasoningTokens: Int?
    /// Time to the first piece of the answer, as measured; nil where no answer came in pieces.
    package let firstToken: FirstToken?
    /// One for each currency and state of a price table; nil where no price is known.
    package let costs: [ModelCost]?

    init(_ group: ModelCallTotals.Group) {
        model = group.name
        callCount = group.callCount
        callsWithUnknownTokens = group.unknownCount
        inputTokens = group.inputTokens
        cacheReadTokens = group.cacheReadTokens
        cacheShare = group.cacheShare
        cacheWriteTokens = group.cacheWriteTokens
        outputTokens = group.outputTokens
        reasoningTokens = group.reasoningTokens
        firstToken = group.firstTokens.maximum.map { maximum in
            func quantile(_ share: Double) -> UInt64 { wholeNanoseconds(group.firstTokens.quantile(share) ?? 0) }
            return FirstToken(
                p50Nanoseconds: quantile(0.5),
                p95Nanoseconds: quantile(0.95),
                maximumNanoseconds: maximum
            )
        }
        costs = group.costs.isEmpty ? nil : group.costs
    }
}

/// A call of a language model that stands out from the others of the same model, as the results file tells it.
package struct StandingOutCall: Encodable, Sendable {
    /// The scenario's short name.
    package let scenario: String
    /// The message's place in it, from 1.
    package let message: Int
    /// The model that answered.
    package let model: String
    /// What stands out.
    package let measure: ModelOutlier.Measure
    /// Tokens, or nanoseconds.
    package let value: UInt64
    /// The median of the model's calls.
    package let median: UInt64

    init?(_ outlier: ModelOutlier) {
        guard case .message(let number) = outlier.place else { return nil }
        scenario = outlier.conversation ?? ""
        message = number
        model = outlier.model
        measure = outlier.measure
        value = outlier.value
        median = outlier.median
    }
}

extension ModelCallTotals {
    /// The calls of scenarios' messages, which name their models; each scenario is one conversation.
    init(_ scenarios: [ProfilingResults.Scenario]) {
        self.init()
        for scenario in scenarios {
            for message in scenario.messages {
                guard let model = message.model, !model.isEmpty else { continue }
                func natural(_ count: Int?) -> Int? { count.map { max(0, $0) } }
                let call = ModelCallFacts(
                    model: model,
                    conversation: scenario.name,
                    inputTokens: natural(message.inputTokens),
                    outputTokens: natural(message.outputTokens),
                    cacheReadTokens: natural(message.cacheReadTokens),
                    cacheWriteTokens: natural(message.cacheWriteTokens),
                    reasoningTokens: natural(message.reasoningTokens),
                    firstTokenNanoseconds: message.timeToFirstTokenNanoseconds
                )
                add(
                    call,
                    duration: message.modelLatencyNanoseconds,
                    cost: message.cost,
                    at: .message(message.index)
                )
            }
        }
    }
}
