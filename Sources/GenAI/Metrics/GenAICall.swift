import SpanKitPrometheusText

/// One call of a language model, as far as it becomes metrics: no prompt, no answer, no id.
public struct GenAICall: Sendable {
    /// `gen_ai.operation.name`: `chat`, `embeddings`, `execute_tool`…
    public var operationName: String
    /// `gen_ai.provider.name`: `anthropic`, `openai`…
    public var providerName: String
    /// `gen_ai.request.model`.
    public var requestModel: String?
    /// `gen_ai.response.model`.
    public var responseModel: String?
    /// `error.type`; nil when the call succeeded.
    public var errorType: String?
    /// `gen_ai.usage.input_tokens`, cached ones included; nil when the provider did not say.
    public var inputTokens: Int?
    /// `gen_ai.usage.output_tokens`; nil when the provider did not say.
    public var outputTokens: Int?
    /// From the request to the first piece of the answer; nil where it did not come in pieces, or none came.
    public var timeToFirstChunkNanoseconds: UInt64?
    /// From one piece of the answer to the next; nil where it did not come in pieces.
    public var chunkGaps: GenAIHistogram?

    /// A call of which only what is required is known.
    public init(operationName: String, providerName: String) {
        self.operationName = operationName
        self.providerName = providerName
    }

    /// What all metrics of the call have in common, and one of them more, without empty values. Bounded in length, as a model's name
    /// may come from a user.
    func attributes(_ name: String = "", _ value: String? = nil) -> [(name: String, value: String)] {
        [
            ("gen_ai.operation.name", operationName), ("gen_ai.provider.name", providerName),
            ("gen_ai.request.model", requestModel ?? ""), ("gen_ai.response.model", responseModel ?? ""),
            (name, value ?? ""),
        ].filter { !$0.1.isEmpty }.map { ($0.0, $0.1.bounded(bytes: 128)) }
    }
}
