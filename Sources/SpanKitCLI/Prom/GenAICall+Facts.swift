import SpanKitGenAI
import SpanKitReports

extension GenAICall {
    /// What OpenTelemetry calls a value that nobody named.
    private static let other = "_OTHER"

    /// A call of a language model, as its span tells of it.
    init(_ facts: ModelCallFacts, isError: Bool) {
        self.init(operationName: facts.operation ?? Self.other, providerName: facts.provider ?? Self.other)
        requestModel = facts.requestModel
        responseModel = facts.responseModel
        if isError { errorType = facts.errorType ?? Self.other }
        inputTokens = facts.inputTokens
        outputTokens = facts.outputTokens
    }
}
