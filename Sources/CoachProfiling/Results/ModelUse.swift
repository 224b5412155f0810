import SpanKitReports
import SpanKitSummaries

/// The calls of one language model in the results file. Sums are nil if no call reported the number.
struct ModelUse: Encodable, Sendable {
    /// The distribution of the time to the first piece of the answer.
    struct FirstToken: Encodable, Sendable {
        let p50Nanoseconds: UInt64
        let p95Nanoseconds: UInt64
        let maximumNanoseconds: UInt64
    }

    let model: String
    let callCount: Int
    /// The number of calls whose tokens the provider did not report. The sums do not include them.
    let callsWithUnknownTokens: Int
    let inputTokens: Int?
    let cacheReadTokens: Int?
    /// ``cacheReadTokens`` as a fraction of the tokens that the same calls read.
    let cacheShare: Double?
    let cacheWriteTokens: Int?
    let outputTokens: Int?
    let reasoningTokens: Int?
    let firstToken: FirstToken?
    /// One cost for each currency and version of a price table, or nil without prices.
    let costs: [ModelCost]?

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

/// A call of a language model that is far from the median of the same model, in the results file.
struct OutlyingCall: Encodable, Sendable {
    /// The scenario's short name.
    let scenario: String
    /// The position of the message in the scenario, from 1.
    let message: Int
    let model: String
    let measure: ModelOutlier.Measure
    /// A number of tokens or nanoseconds.
    let value: UInt64
    /// The median of the model's calls.
    let median: UInt64

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
    /// The calls of all messages that name a model. Each scenario is one conversation.
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
                add(call, duration: message.modelLatencyNanoseconds, cost: message.cost, at: .message(message.index))
            }
        }
    }
}
