import SpanKitRecording

/// The attributes of a span that describes a call of a language model.
///
/// ``ModelCallKey`` lists the names of the attributes. Attributes that the span does not have are `nil`. A part is never larger than
/// its whole.
package final class ModelCallFacts: Sendable {
    /// `gen_ai.operation.name`.
    package let operation: String?
    /// `gen_ai.provider.name`.
    package let provider: String?
    /// `gen_ai.request.model`.
    package let requestModel: String?
    /// `gen_ai.response.model`.
    package let responseModel: String?
    /// The model of the response or, if it is unknown, of the request.
    package var model: String { responseModel ?? requestModel ?? Self.unknownModel }
    /// `error.type`.
    package let errorType: String?
    /// `gen_ai.conversation.id`.
    package let conversation: String?
    /// The number of input tokens, including cached ones.
    package let inputTokens: Int?
    /// The number of output tokens, including reasoning.
    package let outputTokens: Int?
    /// The part of ``inputTokens`` that was read from the provider's cache.
    package let cacheReadTokens: Int?
    /// The part of ``inputTokens`` that was written to the provider's cache.
    package let cacheWriteTokens: Int?
    /// The part of ``outputTokens`` that was reasoning.
    package let reasoningTokens: Int?
    /// The time from the request to the first chunk of the answer.
    package let firstTokenNanoseconds: UInt64?

    /// Whether the answer was streamed.
    package let isStreaming: Bool
    /// How the span counts cached tokens.
    let cacheCounting: CacheCounting

    static let unknownModel = "(unknown model)"

    /// How much is known about a call from the span: the model, the tokens, or both.
    enum Completeness: Int, Comparable {
        case kind = 1
        case modelOrTokens, modelAndTokens

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// If several spans describe one call, the one with the greatest completeness is counted.
    var completeness: Completeness {
        let hasModel = requestModel != nil || responseModel != nil
        let hasTokens = inputTokens != nil || outputTokens != nil
        return hasModel && hasTokens ? .modelAndTokens : hasModel || hasTokens ? .modelOrTokens : .kind
    }

    /// Creates a call that has no span.
    package init(
        model: String,
        conversation: String,
        inputTokens: Int?,
        outputTokens: Int?,
        cacheReadTokens: Int?,
        cacheWriteTokens: Int?,
        reasoningTokens: Int?,
        firstTokenNanoseconds: UInt64?
    ) {
        (operation, provider, requestModel, errorType) = (nil, nil, nil, nil)
        responseModel = model
        self.conversation = conversation
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.cacheReadTokens = cacheReadTokens
        self.cacheWriteTokens = cacheWriteTokens
        self.reasoningTokens = reasoningTokens
        self.firstTokenNanoseconds = firstTokenNanoseconds
        isStreaming = firstTokenNanoseconds != nil
        cacheCounting = .within
    }

    /// Reads the attributes of a span; `nil` if the span is not a model call.
    ///
    /// A span is a call if its operation or its kind says so, or if neither says otherwise and it has a model or tokens.
    package init?(_ span: RecordedSpan) {
        guard let attributes = ModelCallAttributes(span), attributes.role != .other else { return nil }
        func part(_ count: Int?, of whole: Int?) -> Int? { count.map { min($0, whole ?? $0) } }
        operation = attributes.text(.operation)
        provider = attributes.text(.provider)
        requestModel = attributes.text(.requestModel)
        responseModel = attributes.text(.responseModel)
        errorType = span.text("error.type")
        conversation = attributes.text(.conversation)
        cacheCounting = CacheCounting(attributes)
        inputTokens = cacheCounting.input(attributes)
        outputTokens = attributes.count(.outputTokens)
        cacheReadTokens = part(attributes.cacheReadTokens, of: inputTokens)
        let read = cacheReadTokens ?? 0
        cacheWriteTokens = part(attributes.cacheWriteTokens, of: inputTokens.map { $0 - read })
        reasoningTokens = part(attributes.reasoningTokens, of: outputTokens)
        firstTokenNanoseconds = attributes.nanoseconds(.firstTokenSeconds)
        isStreaming = firstTokenNanoseconds != nil || attributes.flag(.streaming)
        guard attributes.role == .call || completeness > .kind else { return nil }
    }
}

extension RecordedSpan {
    /// The value of a string attribute; `nil` if it is empty or of another type.
    package func text(_ key: String) -> String? {
        if case .string(let text) = self[key], !text.isEmpty { text } else { nil }
    }
}

extension Trace {
    /// Calls a closure for each model call.
    ///
    /// Frameworks and libraries record one call in several spans, one within the other. Only the span with the most
    /// information is counted, or the innermost of several with the same information. A call that a tool or an agent
    /// makes within another call is counted as another call.
    package func forEachModelCall(_ body: (ModelCallFacts, TraceSpan) -> Void) {
        guard spans.contains(where: { $0.call != nil }) else { return }
        let order = preorder()
        /// The greatest completeness of the counted spans at or below each span.
        var told = [ModelCallFacts.Completeness?](repeating: nil, count: spans.count)
        var counts = [Bool](repeating: false, count: spans.count)
        for (place, _) in order.reversed() {
            if let own = spans[place].call?.completeness, told[place].map({ own > $0 }) ?? true {
                counts[place] = true
                told[place] = own
            }
            let parent = parents[place]
            guard parent >= 0, !spans[place].containsModelCalls, let most = told[place] else { continue }
            told[parent] = max(told[parent] ?? most, most)
        }
        var isWithin = [Bool](repeating: false, count: spans.count)
        for (place, _) in order {
            let parent = parents[place]
            isWithin[place] =
                parent >= 0 && !spans[place].containsModelCalls && (counts[parent] || isWithin[parent])
            if counts[place], !isWithin[place], let call = spans[place].call { body(call, spans[place]) }
        }
    }
}
