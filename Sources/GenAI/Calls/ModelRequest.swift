import SpanKit

/// What is asked of a model, as far as telemetry tells: no prompt, no tool arguments.
///
/// ```swift
/// var request = ModelRequest.chat("claude-sonnet-4-5", from: .anthropic)
/// request.maximumTokens = 1_024
/// ```
public struct ModelRequest: Sendable, Equatable {
    /// What is done.
    public var operation: ModelOperation
    /// Whose model it is.
    public var provider: Provider
    /// The model's name exactly as it was asked for.
    public var model: String?
    /// The session or thread that the call belongs to; ``Conversation/current`` by default.
    public var conversation: String?
    /// Whether the model runs in this process: the span's kind is internal then, and client otherwise.
    public var isInProcess = false
    /// Whether the answer comes in pieces.
    public var isStreaming = false
    /// `text`, `json`, `image` or `speech`, where the request says so.
    public var outputType: String?
    /// How many answers are wanted; 1 is not recorded.
    public var choiceCount: Int?
    /// For answers that repeat.
    public var seed: Int?
    /// The most the model may write.
    public var maximumTokens: Int?
    /// How much chance there is.
    public var temperature: Double?
    /// Nucleus sampling.
    public var topP: Double?
    /// How many tokens are drawn from.
    public var topK: Double?
    /// Against repetitions.
    public var frequencyPenalty: Double?
    /// Against what was said already.
    public var presencePenalty: Double?
    /// What ends the answer.
    public var stopSequences: [String] = []
    /// The host that is asked.
    public var serverAddress: String?
    /// Its port; recorded with the host only.
    public var serverPort: Int?
    /// What other operations work on: the name of a tool, an agent, a workflow, a data source.
    public var target: String?
    /// What else the conventions have for the operation.
    public var details = Attributes()

    /// A request of which only what is required is known.
    public init(_ operation: ModelOperation, model: String?, from provider: Provider) {
        self.operation = operation
        self.model = model
        self.provider = provider
    }

    /// A message to a model.
    public static func chat(_ model: String?, from provider: Provider) -> ModelRequest {
        ModelRequest(.chat, model: model, from: provider)
    }

    /// Vectors for texts.
    public static func embeddings(
        _ model: String?,
        from provider: Provider,
        dimensions: Int? = nil,
        encodingFormats: [String] = []
    ) -> ModelRequest {
        var request = ModelRequest(.embeddings, model: model, from: provider)
        let names = Conventions.v1_41_1.names
        if let dimensions { request.add(names.embeddingDimensions, .int(Int64(dimensions))) }
        if !encodingFormats.isEmpty { request.add(names.encodingFormats, .strings(encodingFormats)) }
        return request
    }

    /// A tool that runs in this process.
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
        request.add(names.toolName, .string(name))
        if let callID { request.add(names.toolCall, .string(callID)) }
        if let description { request.add(names.toolDescription, .string(description)) }
        if let type { request.add(names.toolType, .string(type)) }
        return request
    }

    /// An agent, in this process or elsewhere.
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
        request.add(Conventions.v1_41_1.names.agentName, .string(name))
        if let id { request.add(Conventions.v1_41_1.names.agentID, .string(id)) }
        return request
    }

    /// Something looked up in a data source.
    public static func retrieval(from dataSource: String, by provider: Provider) -> ModelRequest {
        var request = ModelRequest(.retrieval, model: nil, from: provider)
        request.target = dataSource
        request.add(Conventions.v1_41_1.names.dataSource, .string(dataSource))
        return request
    }

    /// A workflow in this process.
    public static func workflow(_ name: String, from provider: Provider) -> ModelRequest {
        var request = ModelRequest(.invokeWorkflow, model: nil, from: provider)
        request.target = name
        request.isInProcess = true
        request.add(Conventions.v1_41_1.names.workflowName, .string(name))
        return request
    }

    /// `chat claude-sonnet-4-5`, `execute_tool search`: the operation and what it works on.
    public var spanName: String {
        guard let object = target ?? model, !object.isEmpty else { return operation.rawValue }
        return "\(operation.rawValue) \(object)"
    }

    /// The kind of its span.
    public var spanKind: RecordedSpan.Kind { isInProcess ? .internal : .client }

    /// Everything above as attributes of a text of the conventions; all of it is known when the span starts, so that samplers
    /// see it.
    public func attributes(_ conventions: Conventions = .v1_41_1) -> Attributes {
        let names = conventions.names
        var attributes = Attributes()
        func add(_ name: StaticString, _ value: AttributeValue?) {
            if let value { attributes.elements.append(Attribute(name.description, value)) }
        }
        add(names.operation, .string(operation.rawValue))
        add(names.provider, .string(provider.rawValue))
        add(names.requestModel, model.map { .string($0) })
        add(names.conversation, (conversation ?? Conversation.current).map { .string($0) })
        add(names.outputType, outputType.map { .string($0) })
        add(names.choiceCount, choiceCount.flatMap { $0 == 1 ? nil : .int(Int64($0)) })
        add(names.seed, seed.map { .int(Int64($0)) })
        add(names.stream, isStreaming ? .bool(true) : nil)
        add(names.maximumTokens, maximumTokens.map { .int(Int64($0)) })
        add(names.temperature, temperature.map { .double($0) })
        add(names.topP, topP.map { .double($0) })
        add(
            names.topK,
            topK.map { names.hasWholeTopK ? Int64(exactly: $0).map { .int($0) } ?? .double($0) : .double($0) }
        )
        add(names.frequencyPenalty, frequencyPenalty.map { .double($0) })
        add(names.presencePenalty, presencePenalty.map { .double($0) })
        add(names.stopSequences, stopSequences.isEmpty ? nil : .strings(stopSequences))
        add(names.serverAddress, serverAddress.map { .string($0) })
        add(names.serverPort, serverAddress == nil ? nil : serverPort.map { .int(Int64($0)) })
        attributes.elements += details.elements
        return attributes
    }

    private mutating func add(_ name: StaticString, _ value: AttributeValue) {
        details.elements.append(Attribute(name.description, value))
    }

    /// Equal when all fields are; ``details`` in order.
    public static func == (left: ModelRequest, right: ModelRequest) -> Bool {
        left.attributes().elements == right.attributes().elements && left.target == right.target
            && left.isInProcess == right.isInProcess
    }
}

extension AttributeValue {
    static func strings(_ texts: [String]) -> AttributeValue { .array(texts.map { .string($0) }) }
}
