import SpanKitRecording
import SpanKitSummaries

/// What a span says about the call of a language model that it stands for.
///
/// By OpenTelemetry's conventions for generative AI (v1.41.1, and the names that came before and after for the same things). Parts are
/// never above their wholes, and what was not told is nil, not 0.
package final class ModelCallFacts: Sendable {
    /// What was done (`gen_ai.operation.name`); nil where the span does not say.
    package let operation: String?
    /// Whose model it is (`gen_ai.provider.name`); nil where the span does not say.
    package let provider: String?
    /// The model that was asked; nil where the span does not say.
    package let requestModel: String?
    /// The model that answered; nil where the span does not say.
    package let responseModel: String?
    /// The model that answered, or else the one that was asked.
    package var model: String { responseModel ?? requestModel ?? Self.unknownModel }
    /// What went wrong (`error.type`); nil where the span does not say.
    package let errorType: String?
    /// The conversation the call belongs to; nil where the span does not say.
    package let conversation: String?
    /// Tokens that were read, cached ones included.
    package let inputTokens: Int?
    /// Tokens that were written, reasoning included.
    package let outputTokens: Int?
    /// The part of ``inputTokens`` that came out of the provider's cache.
    package let cacheReadTokens: Int?
    /// The part of ``inputTokens`` that went into it.
    package let cacheWriteTokens: Int?
    /// The part of ``outputTokens`` that was reasoning.
    package let reasoningTokens: Int?
    /// From the call to the first piece of the answer.
    package let firstTokenNanoseconds: UInt64?

    static let unknownModel = "(unknown model)"

    /// Operations that hold calls, or are none: what they read and wrote is told by the calls within them.
    private static let otherOperations: Set<String> = [
        "invoke_agent", "create_agent", "execute_tool", "invoke_workflow", "retrieval", "plan",
    ]

    /// A call without a span.
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

    /// Nil for a span that stands for no call.
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
    fileprivate func seconds(_ key: String) -> UInt64? {
        switch self[key] {
        case .double(let seconds) where seconds >= 0 && seconds < 1e9: wholeNanoseconds(seconds * 1e9)
        case .int(let seconds) where seconds >= 0 && seconds < 1_000_000_000: UInt64(seconds) * 1_000_000_000
        default: nil
        }
    }
}
