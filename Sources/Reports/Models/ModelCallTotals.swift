import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// The totals of model calls by model and by conversation, over any number of traces.
///
/// The memory grows with the number of models and conversations, not of calls.
package struct ModelCallTotals: Sendable {
    package enum Grouping: Sendable {
        case model
        case conversation
    }

    /// The calls of one model, or of one conversation.
    package struct Group: Sendable {
        package var name: String
        package var models: Set<ByteText> = []
        package var callCount = 0
        package var errorCount = 0
        /// The number of calls without input or output tokens.
        package var unknownCount = 0
        package var inputTokens: Int?
        package var outputTokens: Int?
        package var cacheReadTokens: Int?
        /// The input tokens of the calls that report cache reads.
        var cacheableTokens = 0
        package var cacheWriteTokens: Int?
        /// The number of calls whose numbers show that their input did not contain the cached tokens. The cached tokens
        /// were added to it.
        var cacheOnTopCount = 0
        /// The number of calls whose input is assumed not to contain the cached tokens, because their provider counts
        /// them separately. The cached tokens were added to it.
        var cacheAssumedCount = 0
        package var reasoningTokens: Int?
        package var firstTokens = CallDurations()
        package var durations = CallDurations()
        /// One sum for each currency and version of a price table.
        package var costs: [ModelCost] = []

        package var cacheShare: Double? {
            cacheReadTokens.flatMap { cacheableTokens > 0 ? Double($0) / Double(cacheableTokens) : nil }
        }

        /// The number of input and output tokens.
        fileprivate var tokens: Int { (inputTokens ?? 0).addingSaturating(outputTokens ?? 0) }
    }

    /// The names of the groups for models and conversations beyond the limit, and for calls without a conversation.
    static let otherModels = "(other models)"
    static let otherConversations = "(other conversations)"
    static let noConversation = "(no conversation)"
    /// The models and the conversations beyond the limit, which share one group.
    package private(set) var mergedModels: MergedTexts
    package private(set) var mergedConversations: MergedTexts
    private let groupLimit: Int

    private var models: [ByteText: Group] = [:]
    private var conversations: [ByteText: Group] = [:]
    private var extremes: [ByteText: ModelCallExtremes] = [:]
    private var allCalls = ModelCallEvidence()
    let prices: ModelPrices?

    /// - Parameters:
    ///   - prices: The prices of tokens; `nil` if costs are not needed.
    ///   - groupLimit: The maximum number of models and of conversations. Further ones share one group.
    package init(prices: ModelPrices? = nil, groupLimit: Int = 10_000) {
        self.prices = prices
        self.groupLimit = groupLimit
        mergedModels = MergedTexts(of: "model", as: Self.otherModels, limit: groupLimit, in: "call")
        mergedConversations = MergedTexts(
            of: "conversation",
            as: Self.otherConversations,
            limit: groupLimit,
            in: "call"
        )
    }

    package var isEmpty: Bool { models.isEmpty }

    /// What is known about all calls; `nil` without calls.
    var evidence: ModelCallEvidence? { isEmpty ? nil : allCalls }

    /// Adds the calls of a trace.
    package mutating func add(_ trace: Trace) {
        trace.forEachModelCall { call, span in
            guard span.isSelected else { return }
            let cost = prices?.cost(call).map { amount in
                ModelCost(
                    amount: amount,
                    currency: prices?.currency ?? "",
                    priceTableVersion: prices?.version ?? ""
                )
            }
            let place = CallPlace.span(trace: trace.id, id: span.spanID)
            add(call, duration: span.hasTimes ? span.duration : nil, isError: span.isError, cost: cost, at: place)
        }
    }

    /// Adds a call.
    package mutating func add(
        _ call: ModelCallFacts,
        duration: UInt64?,
        isError: Bool = false,
        cost: ModelCost?,
        at place: CallPlace
    ) {
        allCalls.add(call)
        func count(_ group: inout Group) { group.add(call, duration, isError, cost) }
        let model = Self.key(call.model, in: models, groupLimit, Self.otherModels, &mergedModels)
        count(&models[model, default: Group(name: model.text)])
        let conversation = Self.key(
            call.conversation ?? Self.noConversation,
            in: conversations,
            groupLimit,
            Self.otherConversations,
            &mergedConversations
        )
        count(&conversations[conversation, default: Group(name: conversation.text)])
        extremes[model, default: ModelCallExtremes(model: model.text)].add(call, duration: duration, at: place)
    }

    private static func key(
        _ name: String,
        in groups: [ByteText: Group],
        _ limit: Int,
        _ substitute: String,
        _ merged: inout MergedTexts
    ) -> ByteText {
        let name = ByteText(name)
        guard groups[name] == nil, groups.count >= limit else { return name }
        merged.add(name)
        merged.count()
        return ByteText(substitute)
    }

    /// The groups, the one with the most tokens first.
    package func groups(by grouping: Grouping) -> [Group] {
        (grouping == .model ? models : conversations).values.sorted { left, right in
            if left.tokens != right.tokens { return left.tokens > right.tokens }
            return left.callCount != right.callCount
                ? left.callCount > right.callCount : ByteText(left.name) < ByteText(right.name)
        }
    }

    /// The calls far above the median of their model, the furthest first.
    package var outliers: [ModelOutlier] {
        var named: Set<String> = []
        return extremes.values.flatMap(\.outliers)
            .sorted { $0.ratio != $1.ratio ? $0.ratio > $1.ratio : $0.id < $1.id }
            // Each call is listed once, with the measure in which it is the furthest.
            .filter { named.insert($0.id).inserted }
            .prefix(ModelOutlier.limit).map { $0 }
    }
}

extension ModelCallTotals.Group {
    fileprivate mutating func add(_ call: ModelCallFacts, _ duration: UInt64?, _ isError: Bool, _ cost: ModelCost?) {
        func sum(_ whole: Int?, _ more: Int?) -> Int? { more.map { (whole ?? 0).addingSaturating($0) } ?? whole }
        callCount += 1
        if models.count < 100 { models.insert(ByteText(call.model)) }
        if isError { errorCount += 1 }
        if call.inputTokens == nil || call.outputTokens == nil { unknownCount += 1 }
        inputTokens = sum(inputTokens, call.inputTokens)
        outputTokens = sum(outputTokens, call.outputTokens)
        if let read = call.cacheReadTokens, let input = call.inputTokens {
            cacheReadTokens = sum(cacheReadTokens, read)
            cacheableTokens = cacheableTokens.addingSaturating(input)
        }
        cacheWriteTokens = sum(cacheWriteTokens, call.cacheWriteTokens)
        switch call.cacheCounting {
        case .within: break
        case .onTop: cacheOnTopCount += 1
        case .assumedOnTop: cacheAssumedCount += 1
        }
        reasoningTokens = sum(reasoningTokens, call.reasoningTokens)
        if let first = call.firstTokenNanoseconds { firstTokens.record(first) }
        if let duration { durations.record(duration) }
        if let cost { costs.add(cost) }
    }
}

/// The durations of a group's calls.
///
/// Up to ten thousand conversations are kept, most of them with few calls. The first durations are therefore kept in a list; a
/// histogram, which takes some kilobytes, is made only for more.
package struct CallDurations: Sendable {
    private static let listLimit = 32

    private var list: [UInt64] = []
    private var histogram: ExponentialHistogram?

    mutating func record(_ nanoseconds: UInt64) {
        if histogram == nil, list.count < Self.listLimit { return list.append(nanoseconds) }
        var all = histogram ?? Self.histogram(of: list)
        // The reference in `histogram` is released first, so that `all` is changed without a copy.
        histogram = nil
        all.record(nanoseconds: nanoseconds)
        histogram = all
        list = []
    }

    /// A quantile in nanoseconds; `nil` without calls.
    package func quantile(_ share: Double) -> Double? {
        (histogram ?? Self.histogram(of: list)).quantile(share)?.estimate
    }

    /// The exact maximum; `nil` without calls.
    package var maximum: UInt64? { histogram?.maximumNanoseconds ?? list.max() }

    private static func histogram(of durations: [UInt64]) -> ExponentialHistogram {
        var histogram = ExponentialHistogram()
        for duration in durations { histogram.record(nanoseconds: duration) }
        return histogram
    }
}

/// The prices of one version of a price table.
package struct ModelPrices: Sendable {
    /// The currency, such as `USD`.
    package let currency: String
    /// The version of the table.
    package let version: String
    /// Returns the cost of a call in the currency's main unit; `nil` if a price or a number of tokens is unknown.
    package let cost: @Sendable (ModelCallFacts) -> Double?

    package init(currency: String, version: String, cost: @escaping @Sendable (ModelCallFacts) -> Double?) {
        self.currency = currency
        self.version = version
        self.cost = cost
    }
}

/// The cost of calls by one version of a price table.
package struct ModelCost: Codable, Sendable, Equatable {
    /// The amount in the currency's main unit.
    package var amount: Double
    /// The currency, such as `USD`.
    package var currency: String
    /// The version of the table.
    package var priceTableVersion: String

    package init(amount: Double, currency: String, priceTableVersion: String) {
        self.amount = amount
        self.currency = currency
        self.priceTableVersion = priceTableVersion
    }
}

extension [ModelCost] {
    /// One sum for each currency and version of a price table.
    package var summed: [ModelCost] { reduce(into: []) { $0.add($1) } }

    /// Adds a cost to the sum of its table.
    mutating func add(_ cost: ModelCost) {
        let place = firstIndex { $0.currency == cost.currency && $0.priceTableVersion == cost.priceTableVersion }
        if let place { self[place].amount += cost.amount } else { append(cost) }
    }
}
