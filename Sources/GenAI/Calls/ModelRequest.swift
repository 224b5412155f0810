import SpanKit

/// A request to a model, without the prompt and without tool arguments. Properties that are nil are not recorded;
/// ``conversation`` has a default.
///
/// ```swift
/// var request = ModelRequest.chat("claude-sonnet-4-5", from: .anthropic)
/// request.maximumTokens = 1_024
/// ```
public struct ModelRequest: Sendable, Equatable {
    /// The operation of the call.
    public var operation: ModelOperation
    /// The provider of the model.
    public var provider: Provider
    /// The model's name, exactly as it is requested.
    public var model: String?
    /// The ID of the session or thread that the call belongs to; ``Conversation/current`` if nil.
    public var conversation: String?
    /// Whether the model runs in this process. If true, the span's kind is `internal`; otherwise it is `client`.
    public var isInProcess = false
    /// Whether the response is streamed.
    public var isStreaming = false
    /// The requested type of output: `text`, `json`, `image` or `speech`.
    public var outputType: String?
    /// The requested number of choices; 1 is not recorded.
    public var choiceCount: Int?
    /// The seed for reproducible responses.
    public var seed: Int?
    /// The largest number of tokens in the response.
    public var maximumTokens: Int?
    /// The sampling temperature.
    public var temperature: Double?
    /// The top-p setting of nucleus sampling.
    public var topP: Double?
    /// The top-k setting: the number of tokens to sample from.
    public var topK: Double?
    /// The penalty for tokens in proportion to how often they have occurred.
    public var frequencyPenalty: Double?
    /// The penalty for tokens that have occurred at all.
    public var presencePenalty: Double?
    /// The sequences that end the response.
    public var stopSequences: [String] = []
    /// The host of the model's API.
    public var serverAddress: String?
    /// The port of the model's API. It is only recorded if ``serverAddress`` is set.
    public var serverPort: Int?
    /// The name of the tool, agent, workflow or data source that the operation is about; part of ``spanName``.
    public var target: String?
    /// Further attributes of the operation.
    public var details = Attributes()

    /// Creates a request with the required attributes.
    /// - Parameters:
    ///   - operation: the operation.
    ///   - model: the model's name, exactly as it is requested; nil for an operation without a model.
    ///   - provider: the provider of the model.
    public init(_ operation: ModelOperation, model: String?, from provider: Provider) {
        self.operation = operation
        self.model = model
        self.provider = provider
    }

    /// Creates a request to a chat model.
    public static func chat(_ model: String?, from provider: Provider) -> ModelRequest {
        ModelRequest(.chat, model: model, from: provider)
    }

    /// Creates a request for embeddings.
    /// - Parameters:
    ///   - model: the model's name.
    ///   - provider: the provider of the model.
    ///   - dimensions: the requested number of dimensions of a vector.
    ///   - encodingFormats: the requested formats, such as `base64`.
    public static func embeddings(
        _ model: String?,
        from provider: Provider,
        dimensions: Int? = nil,
        encodingFormats: [String] = []
    ) -> ModelRequest {
        var request = ModelRequest(.embeddings, model: model, from: provider)
        let names = Conventions.v1_41_1.names
        request.details.add(names.embeddingDimensions, dimensions)
        request.details.add(names.encodingFormats, encodingFormats.isEmpty ? nil : encodingFormats)
        return request
    }

    /// Creates a request for the execution of a tool in this process.
    /// - Parameters:
    ///   - name: the tool's name.
    ///   - callID: the ID of the model's tool call.
    ///   - description: the tool's description.
    ///   - type: the tool's type, such as `function`.
    ///   - provider: the provider of the model that called the tool.
    public static func tool(
        _ name: String,
        callID: String? = nil,
        description: String? = nil,
        type: String? = nil,
        from provider: Provider
    ) -> ModelRequest {
        var request = ModelRequest(.executeTool, model: nil, from: provider)
        let names = Conventions.v1_41_1.names
        request.target = name
        request.isInProcess = true
        request.details.add(names.toolName, name)
        request.details.add(names.toolCall, callID)
        request.details.add(names.toolDescription, description)
        request.details.add(names.toolType, type)
        return request
    }

    /// Creates a request for the invocation of an agent.
    /// - Parameters:
    ///   - name: the agent's name.
    ///   - id: the agent's ID.
    ///   - model: the model that the agent uses.
    ///   - isInProcess: whether the agent runs in this process.
    ///   - provider: the provider of the agent.
    public static func agent(
        _ name: String,
        id: String? = nil,
        model: String? = nil,
        isInProcess: Bool,
        from provider: Provider
    ) -> ModelRequest {
        var request = ModelRequest(.invokeAgent, model: model, from: provider)
        request.target = name
        request.isInProcess = isInProcess
        request.details.add(Conventions.v1_41_1.names.agentName, name)
        request.details.add(Conventions.v1_41_1.names.agentID, id)
        return request
    }

    /// Creates a request for the retrieval of documents from a data source.
    public static func retrieval(from dataSource: String, by provider: Provider) -> ModelRequest {
        var request = ModelRequest(.retrieval, model: nil, from: provider)
        request.target = dataSource
        request.details.add(Conventions.v1_41_1.names.dataSource, dataSource)
        return request
    }

    /// Creates a request for the invocation of a workflow in this process.
    public static func workflow(_ name: String, from provider: Provider) -> ModelRequest {
        var request = ModelRequest(.invokeWorkflow, model: nil, from: provider)
        request.target = name
        request.isInProcess = true
        request.details.add(Conventions.v1_41_1.names.workflowName, name)
        return request
    }

    /// The name of the span: the operation and the target or model, such as `chat claude-sonnet-4-5` or `execute_tool search`.
    public var spanName: String {
        guard let object = target ?? model, !object.isEmpty else { return operation.rawValue }
        return "\(operation.rawValue) \(object)"
    }

    /// The kind of the span: `internal` if ``isInProcess`` is true; otherwise `client`.
    public var spanKind: RecordedSpan.Kind { isInProcess ? .internal : .client }

    /// Returns the request as attributes. They are set when the span starts, so that samplers see them.
    /// - Parameter conventions: the version of the conventions that defines the attributes' names.
    public func attributes(_ conventions: Conventions = .v1_41_1) -> Attributes {
        let names = conventions.names
        var attributes = Attributes()
        attributes.add(names.operation, operation.rawValue)
        attributes.add(names.provider, provider.rawValue)
        attributes.add(names.requestModel, model)
        attributes.add(names.conversation, conversation ?? Conversation.current)
        attributes.add(names.outputType, outputType)
        attributes.add(names.choiceCount, choiceCount == 1 ? nil : choiceCount)
        attributes.add(names.seed, seed)
        attributes.add(names.stream, isStreaming ? true : nil)
        attributes.add(names.maximumTokens, maximumTokens)
        attributes.add(names.temperature, temperature)
        attributes.add(names.topP, topP)
        if names.hasWholeTopK, let whole = topK.flatMap({ Int64(exactly: $0) }) {
            attributes.add(names.topK, whole)
        } else {
            attributes.add(names.topK, topK)
        }
        attributes.add(names.frequencyPenalty, frequencyPenalty)
        attributes.add(names.presencePenalty, presencePenalty)
        attributes.add(names.stopSequences, stopSequences.isEmpty ? nil : stopSequences)
        attributes.add(names.serverAddress, serverAddress)
        attributes.add(names.serverPort, serverAddress == nil ? nil : serverPort)
        attributes.elements += details.elements
        return attributes
    }

    /// Whether two requests record the same attributes in the same order, and have the same ``target`` and ``isInProcess``.
    public static func == (left: ModelRequest, right: ModelRequest) -> Bool {
        left.attributes().elements == right.attributes().elements && left.target == right.target
            && left.isInProcess == right.isInProcess
    }
}

extension Attributes {
    /// Adds an attribute, unless the value is nil.
    mutating func add(_ name: StaticString, _ value: (some AttributeValueConvertible)?) {
        if let value { elements.append(Attribute(name.description, value.attributeValue)) }
    }
}
