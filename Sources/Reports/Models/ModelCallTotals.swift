import Recording

/// What the calls of language models took, by model and by conversation, over any number of traces; takes memory by those, not
/// by calls.
package struct ModelCallTotals: Sendable {
    /// What calls are put together by.
    package enum Grouping: Sendable {
        case model
        case conversation
    }

    /// The calls of one model, or of one conversation.
    struct Group: Sendable {
        var name: String
        var models: Set<String> = []
        var callCount = 0
        var errorCount = 0
        /// Calls that did not tell what they read or wrote.
        var unknownCount = 0
        var inputTokens: Int?
        var outputTokens: Int?
        var cacheReadTokens: Int?
        /// Input of the calls that told of the cache.
        var cacheableTokens = 0
        var cacheWriteTokens: Int?
        var reasoningTokens: Int?
        var firstTokens = CallDurations()
        var durations = CallDurations()
        var cost: Double?

        var cacheShare: Double? {
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

    /// Counts the calls of a trace.
    package mutating func add(_ trace: Trace) {
        trace.forEachModelCall { call, span in add(call, span, trace.id) }
    }

    private mutating func add(_ call: ModelCallFacts, _ span: TraceSpan, _ trace: TraceID) {
        let cost = prices?.cost(call)
        let model = Self.key(call.model, in: models, overflow: NameTable.overflowName)
        models[model, default: Group(name: model)].add(call, span, cost)
        let conversation = Self.key(
            call.conversation ?? Self.noConversation,
            in: conversations,
            overflow: Self.otherConversations
        )
        conversations[conversation, default: Group(name: conversation)].add(call, span, cost)
        extremes[model, default: ModelCallExtremes(model: model)].add(call, span, trace)
    }

    private static func key(_ name: String, in groups: [String: Group], overflow: String) -> String {
        groups[name] != nil || groups.count < groupLimit ? name : overflow
    }

    /// Those that read and wrote most first.
    func groups(by grouping: Grouping) -> [Group] {
        (grouping == .model ? models : conversations).values.sorted { left, right in
            if left.tokens != right.tokens { return left.tokens > right.tokens }
            return left.callCount != right.callCount ? left.callCount > right.callCount : left.name < right.name
        }
    }

    /// Calls far from the median of their model, the furthest first.
    var outliers: [ModelCallExtremes.Outlier] {
        var named: Set<String> = []
        return extremes.values.flatMap(\.outliers)
            .sorted { $0.ratio != $1.ratio ? $0.ratio > $1.ratio : $0.id < $1.id }
            // Each call once, by what it stands out most with.
            .filter { named.insert($0.id).inserted }
            .prefix(ModelOutlier.limit).map { $0 }
    }
}

extension ModelCallTotals.Group {
    fileprivate mutating func add(_ call: ModelCallFacts, _ span: TraceSpan, _ price: Double?) {
        func sum(_ whole: Int?, _ more: Int?) -> Int? { more.map { (whole ?? 0).addingSaturating($0) } ?? whole }
        callCount += 1
        if models.count < 100 { models.insert(call.model) }
        if span.isError { errorCount += 1 }
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
        durations.record(span.duration)
        if let price { cost = (cost ?? 0) + price }
    }
}

extension Int {
    /// The sum, or the largest number there is; neither is negative.
    fileprivate func addingSaturating(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
