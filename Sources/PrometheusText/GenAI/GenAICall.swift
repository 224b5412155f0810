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

    /// A call of which only what is required is known.
    public init(operationName: String, providerName: String) {
        self.operationName = operationName
        self.providerName = providerName
    }

    /// The labels of its duration; ``tokenLabels`` are those without `error_type`.
    var durationLabels: [MetricLabel] {
        tokenLabels + [MetricLabel("error_type", errorType ?? "")]
    }

    var tokenLabels: [MetricLabel] {
        [
            MetricLabel("gen_ai_operation_name", operationName), MetricLabel("gen_ai_provider_name", providerName),
            MetricLabel("gen_ai_request_model", requestModel ?? ""),
            MetricLabel("gen_ai_response_model", responseModel ?? ""),
        ]
    }
}
