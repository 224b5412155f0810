/// The values of a call that ``GenAIMetrics`` needs.
public struct GenAICall: Sendable {
    /// The operation (`gen_ai.operation.name`), such as `chat`, `embeddings` or `execute_tool`.
    public var operationName: String
    /// The provider of the model (`gen_ai.provider.name`), such as `anthropic` or `openai`.
    public var providerName: String
    /// The name of the requested model (`gen_ai.request.model`); nil for a call without a model.
    public var requestModel: String?
    /// The name of the model that responded (`gen_ai.response.model`); nil if unknown.
    public var responseModel: String?
    /// The reason why the call failed (`error.type`); nil if the call succeeded.
    public var errorType: String?
    /// The number of input tokens (`gen_ai.usage.input_tokens`), including cached tokens; nil if unknown.
    public var inputTokens: Int?
    /// The number of output tokens (`gen_ai.usage.output_tokens`); nil if unknown.
    public var outputTokens: Int?
    /// The time from the request to the first chunk of the response; nil if it was not streamed or no chunk arrived.
    public var timeToFirstChunkNanoseconds: UInt64?
    /// The times between consecutive chunks of the response; empty if it was not streamed.
    public var chunkGaps: [Duration] = []

    /// The version of the conventions that defines the metrics and their names.
    public let conventions: Conventions
    /// The kind of the call's span, on which its metrics depend in v0.1.0.
    var type: SpanType
    var toolName: String?
    var toolType: String?
    var agentName: String?
    var agentCounts: AgentScope.Counts?
    var serverAddress: String?
    var serverPort: Int?
    /// All token counts, including parts of the totals and modalities, for which ``Conventions/v0_1_0`` has metrics.
    public var usage = TokenUsage()

    /// Creates a call with the required values.
    public init(operationName: String, providerName: String, conventions: Conventions = .ofEnvironment) {
        self.operationName = operationName
        self.providerName = providerName
        self.conventions = conventions
        type = SpanType(ModelOperation(rawValue: operationName), isInProcess: false)
    }

    /// The value of an attribute; nil if it is not known.
    func value(_ attribute: GenAIAttribute) -> String? {
        switch attribute {
        case .operation: operationName
        case .provider: providerName
        case .requestModel: requestModel
        case .responseModel: responseModel
        case .errorType: errorType
        case .toolName: toolName
        case .toolType: toolType
        case .agentName: agentName
        case .serverAddress: serverAddress
        default: nil
        }
    }
}
