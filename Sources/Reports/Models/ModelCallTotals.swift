import SpanKitPercentiles
import SpanKitRecording

/// What the calls of language models took, by model and by conversation, over any number of traces; takes memory by those, not
/// by calls.
package struct ModelCallTotals: Sendable {
    /// What calls are put together by.
    package enum Grouping: Sendable {
        case model
        case conversation
    }

    /// The calls of one model, or of one conversation.
    package struct Group: Sendable {
        package var name: String
        package var models: Set<String> = []
        package var callCount = 0
        package var errorCount = 0
        /// Calls that did not tell what they read or wrote.
        package var unknownCount = 0
        package var inputTokens: Int?
        package var outputTokens: Int?
        package var cacheReadTokens: Int?
        /// Input of the calls that told of the cache.
        var cacheableTokens = 0
        package var cacheWriteTokens: Int?
        package var reasoningTokens: Int?
        package var firstTokens = CallDurations()
        package var durations = CallDurations()
        /// One for each currency and state of a price table.
        package var costs: [ModelCost] = []

        package var cacheShare: Double? {
            cacheReadTokens.flatMap { cacheableTokens > 0 ? Double($0) / Double(cacheableTokens) : nil }
        }

        /// Everything that was read and written.
        fileprivate var tokens: Int { (inputTokens ?? 0).addingSaturating(outputTokens ?? 0) }
    }

    /// What conversations beyond the limit, and calls outside of any, are called.
    static let otherConversations = "(other conversations)"
    static let noConversation = "(no conversation)"
    private static let groupLimit = 10_000

    private var models: [String: Group] = [:]
    private var conversations: [String: Group] = [:]
    private var extremes: [String: ModelCallExtremes] = [:]
    let prices: ModelPrices?

    /// - Parameter prices: nil for no costs.
    package init(prices: ModelPrices? = nil) {
        self.prices = prices
    }

    package var isEmpty: Bool { models.isEmpty }

    /// What the calls do already; nil without calls.
    var evidence: (cacheShare: Double?, isStreaming: Bool)? {
        guard !isEmpty else { return nil }
        let groups = models.values
        let cacheable = groups.reduce(0) { $0.addingSaturating($1.cacheableTokens) }
        let read = groups.reduce(0) { $0.addingSaturating($1.cacheReadTokens ?? 0) }
        return (
            cacheable > 0 ? Double(read) / Double(cacheable) : nil, groups.contains { $0.firstTokens.maximum != nil }
        )
    }

    /// Counts the calls of a trace.
    package mutating func add(_ trace: Trace) {
        trace.forEachModelCall { call, span in
            let cost = prices?.cost(call).map { amount in
                ModelCost(
                    amount: amount,
                    currency: prices?.currency ?? "",
                    priceTableVersion: prices?.version ?? ""
                )
            }
            let place = CallPlace.span(trace: trace.id, id: span.spanID)
            add(call, duration: span.duration, isError: span.isError, cost: cost, at: place)
        }
    }

    /// Counts a call.
    package mutating func add(
        _ call: ModelCallFacts,
        duration: UInt64,
        isError: Bool = false,
        cost: ModelCost?,
        at place: CallPlace
    ) {
        func count(_ group: inout Group) { group.add(call, duration, isError, cost) }
        let model = Self.key(call.model, in: models, overflow: NameTable.overflowName)
        count(&models[model, default: Group(name: model)])
        let conversation = Self.key(
            call.conversation ?? Self.noConversation,
            in: conversations,
            overflow: Self.otherConversations
        )
        count(&conversations[conversation, default: Group(name: conversation)])
        extremes[model, default: ModelCallExtremes(model: model)].add(call, duration: duration, at: place)
    }

    private static func key(_ name: String, in groups: [String: Group], overflow: String) -> String {
        groups[name] != nil || groups.count < groupLimit ? name : overflow
    }

    /// Those that read and wrote most first.
    package func groups(by grouping: Grouping) -> [Group] {
        (grouping == .model ? models : conversations).values.sorted { left, right in
            if left.tokens != right.tokens { return left.tokens > right.tokens }
            return left.callCount != right.callCount ? left.callCount > right.callCount : left.name < right.name
        }
    }

    /// Calls far from the median of their model, the furthest first.
    package var outliers: [ModelOutlier] {
        var named: Set<String> = []
        return extremes.values.flatMap(\.outliers)
            .sorted { $0.ratio != $1.ratio ? $0.ratio > $1.ratio : $0.id < $1.id }
            // Each call once, by what it stands out most with.
            .filter { named.insert($0.id).inserted }
            .prefix(ModelOutlier.limit).map { $0 }
    }
}

extension ModelCallTotals.Group {
    fileprivate mutating func add(_ call: ModelCallFacts, _ duration: UInt64, _ isError: Bool, _ cost: ModelCost?) {
        func sum(_ whole: Int?, _ more: Int?) -> Int? { more.map { (whole ?? 0).addingSaturating($0) } ?? whole }
        callCount += 1
        if models.count < 100 { models.insert(call.model) }
        if isError { errorCount += 1 }
        if call.inputTokens == nil || call.outputTokens == nil { unknownCount += 1 }
        inputTokens = sum(inputTokens, call.inputTokens)
        outputTokens = sum(outputTokens, call.outputTokens)
        if let read = call.cacheReadTokens, let input = call.inputTokens {
            cacheReadTokens = sum(cacheReadTokens, read)
            cacheableTokens = cacheableTokens.addingSaturating(input)
        }
        cacheWriteTokens = sum(cacheWriteTokens, call.cacheWriteTokens)
        reasoningTokens = sum(reasoningTokens, call.reasoningTokens)
        if let first = call.firstTokenNanoseconds { firstTokens.record(first) }
        durations.record(duration)
        if let cost { costs.add(cost) }
    }
}
