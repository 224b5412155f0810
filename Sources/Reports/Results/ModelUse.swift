import Platform

/// What the calls of one language model took: tokens, time to the first of them, costs.
package struct ModelUse: Codable, Sendable, Equatable {
    /// What something cost, by one state of one price table.
    package struct Cost: Codable, Sendable, Equatable {
        /// In the currency's main unit.
        package var amount: Double
        /// Such as `USD`.
        package var currency: String
        /// Of the table it was computed with.
        package var priceTableVersion: String

        /// Creates a cost.
        package init(amount: Double, currency: String, priceTableVersion: String) {
            self.amount = amount
            self.currency = currency
            self.priceTableVersion = priceTableVersion
        }
    }

    /// How the first piece of the answer came. Percentiles are exact (nearest rank).
    package struct FirstToken: Codable, Sendable, Equatable {
        /// The median.
        package var p50Nanoseconds: UInt64
        /// 95 of 100 calls took no longer.
        package var p95Nanoseconds: UInt64
        /// The slowest call.
        package var maximumNanoseconds: UInt64
    }

    /// The model, as it names itself.
    package var model: String
    /// Answered calls.
    package var callCount: Int
    /// Calls of which the provider did not say what they read or wrote. They are in no sum.
    package var callsWithUnknownTokens: Int
    /// Tokens read, cached ones included; nil where no call told.
    package var inputTokens: Int?
    /// The part of them that came out of the provider's cache; nil where no call told.
    package var cacheReadTokens: Int?
    /// ``cacheReadTokens`` as a share of the tokens that the same calls read; nil where no call told.
    package var cacheShare: Double?
    /// The part of them that went into the provider's cache; nil where no call told.
    package var cacheWriteTokens: Int?
    /// Tokens written, reasoning included; nil where no call told.
    package var outputTokens: Int?
    /// The part of them that was reasoning; nil where no call told.
    package var reasoningTokens: Int?
    /// Time to the first piece of the answer, as measured; nil where no answer came in pieces.
    package var firstToken: FirstToken?
    /// One for each currency and state of a price table; nil where no price is known.
    package var costs: [Cost]?

    /// The use of every model that messages name, the most used first.
    package static func uses(in messages: [ProfilingResults.Message]) -> [ModelUse] {
        Dictionary(grouping: messages.filter { $0.model?.isEmpty == false }) { $0.model ?? "" }
            .map { ModelUse(model: $0.key, $0.value) }
            .sorted { $0.callCount != $1.callCount ? $0.callCount > $1.callCount : $0.model < $1.model }
    }

    /// What all calls of some messages took together, whichever models answered; nil where no call is known.
    static func total(named name: String, of messages: [ProfilingResults.Message]) -> ModelUse? {
        let calls = messages.filter { $0.model?.isEmpty == false }
        return calls.isEmpty ? nil : ModelUse(model: name, calls)
    }

    private init(model: String, _ messages: [ProfilingResults.Message]) {
        func sum(_ counts: [Int?]) -> Int? {
            let known = counts.compactMap { $0 }
            return known.isEmpty ? nil : known.reduce(0) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }
        }
        self.model = model
        callCount = messages.count
        callsWithUnknownTokens = messages.count { $0.inputTokens == nil || $0.outputTokens == nil }
        inputTokens = sum(messages.map(\.inputTokens))
        cacheReadTokens = sum(messages.map(\.cacheReadTokens))
        let telling = messages.filter { $0.cacheReadTokens != nil && $0.inputTokens != nil }
        if let read = sum(telling.map(\.cacheReadTokens)), let all = sum(telling.map(\.inputTokens)), all > 0 {
            cacheShare = Double(read) / Double(all)
        }
        cacheWriteTokens = sum(messages.map(\.cacheWriteTokens))
        outputTokens = sum(messages.map(\.outputTokens))
        reasoningTokens = sum(messages.map(\.reasoningTokens))
        firstToken = FirstToken(messages.compactMap(\.timeToFirstTokenNanoseconds))
        let sums = Self.sums(messages.compactMap(\.cost))
        costs = sums.isEmpty ? nil : sums
    }

    private static func sums(_ costs: [Cost]) -> [Cost] {
        costs.reduce(into: []) { sums, cost in
            let place = sums.firstIndex {
                $0.currency == cost.currency && $0.priceTableVersion == cost.priceTableVersion
            }
            if let place { sums[place].amount += cost.amount } else { sums.append(cost) }
        }
    }
}

extension ModelUse.FirstToken {
    fileprivate init?(_ times: [UInt64]) {
        let sorted = times.sorted()
        guard let longest = sorted.last else { return nil }
        p50Nanoseconds = sorted.nearestRank(percent: 50)
        p95Nanoseconds = sorted.nearestRank(percent: 95)
        maximumNanoseconds = longest
    }
}
