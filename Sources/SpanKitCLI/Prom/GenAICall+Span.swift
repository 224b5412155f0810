import PrometheusText
import Recording
import Reports

extension GenAICall {
    /// What OpenTelemetry calls a value that nobody named.
    private static let other = "_OTHER"

    /// A call of a language model, from the attributes of its span; nil where it is none.
    ///
    /// A span is one when it says `gen_ai.operation.name` or `gen_ai.request.model`. Also read: the names of older
    /// conventions (`gen_ai.system`, `gen_ai.usage.prompt_tokens`). (Semantic conventions v1.41.1, "GenAI spans".)
    init?(_ span: RecordedSpan) {
        let operation = span.text("gen_ai.operation.name")
        let model = span.text("gen_ai.request.model")
        guard operation != nil || model != nil else { return nil }
        self.init(
            operationName: operation ?? Self.other,
            providerName: span.text("gen_ai.provider.name") ?? span.text("gen_ai.system") ?? Self.other
        )
        requestModel = model
        responseModel = span.text("gen_ai.response.model")
        if case .error = span.status { errorType = span.text("error.type") ?? Self.other }
        inputTokens = span.count("gen_ai.usage.input_tokens") ?? span.count("gen_ai.usage.prompt_tokens")
        outputTokens = span.count("gen_ai.usage.output_tokens") ?? span.count("gen_ai.usage.completion_tokens")
    }
}
