import SpanKitRecording
import SpanKitSummaries

/// The attributes of a span that describes a call of a language model.
///
/// The names are those of OpenTelemetry's conventions for generative AI (v1.41.1) and their earlier and later names. Attributes
/// that the span does not have are `nil`. A part is never larger than its whole.
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

    static let unknownModel = "(unknown model)"

    /// Operations that contain model calls or are something else. Their tokens are counted with the calls within them.
    private static let otherOperations: Set<String> = [
        "invoke_agent", "create_agent", "execute_tool", "invoke_workflow", "retrieval", "plan",
    ]

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
    }

    /// Reads the attributes of a span; `nil` if the span is not a model call.
    package init?(_ span: RecordedSpan) {
        guard span.attributes.contains(where: { WorkCategory.tellsModelCall($0.key) }) else { return nil }
        operation = span.text("gen_ai.operation.name")
        if let operation, Self.otherOperations.contains(operation) { return nil }
        func part(_ keys: String..., of whole: Int?) -> Int? {
            keys.lazy.compactMap(span.count).first.map { count in whole.map { min($0, count) } ?? count }
        }
        provider = span.text("gen_ai.provider.name") ?? span.text("gen_ai.system")
        requestModel = span.text("gen_ai.request.model")
        responseModel = span.text("gen_ai.response.model")
        errorType = span.text("error.type")
        conversation = span.text("gen_ai.conversation.id")
        inputTokens = part("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", of: nil)
        outputTokens = part("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", of: nil)
        cacheReadTokens = part("gen_ai.usage.cache_read.input_tokens", of: inputTokens)
        let read = cacheReadTokens ?? 0
        cacheWriteTokens = part(
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_write.input_tokens",
            of: inputTokens.map { $0 - read }
        )
        reasoningTokens = part("gen_ai.usage.reasoning.output_tokens", of: outputTokens)
        firstTokenNanoseconds = span.seconds("gen_ai.response.time_to_first_chunk")
    }
}

extension RecordedSpan {
    /// The value of a string attribute; `nil` if it is empty or of another type.
    package func text(_ key: String) -> String? {
        if case .string(let text) = self[key], !text.isEmpty { text } else { nil }
    }

    /// The value of a numeric attribute as a whole number, not negative.
    package func count(_ key: String) -> Int? {
        switch self[key] {
        case .int(let count) where count >= 0: Int(count)
        // Some exporters write every number as a double.
        case .double(let count) where count >= 0 && count < 1e15: Int(count)
        default: nil
        }
    }

    fileprivate func seconds(_ key: String) -> UInt64? {
        switch self[key] {
        case .double(let seconds) where seconds >= 0 && seconds < 1e9: wholeNanoseconds(seconds * 1e9)
        case .int(let seconds) where seconds >= 0 && seconds < 1_000_000_000: UInt64(seconds) * 1_000_000_000
        default: nil
        }
    }
}

extension Trace {
    /// Calls a closure for each model call.
    ///
    /// If one call is within another, because two libraries recorded the same call, only the outer one counts. Spans that contain
    /// calls, such as an agent's, are not calls (see ``ModelCallFacts``).
    package func forEachModelCall(_ body: (ModelCallFacts, TraceSpan) -> Void) {
        guard spans.contains(where: { $0.call != nil }) else { return }
        var isWithin = [Bool](repeating: false, count: spans.count)
        for (place, _) in preorder() {
            let parent = parents[place]
            isWithin[place] = parent >= 0 && (isWithin[parent] || spans[parent].call != nil)
            if !isWithin[place], let call = spans[place].call { body(call, spans[place]) }
        }
    }
}
