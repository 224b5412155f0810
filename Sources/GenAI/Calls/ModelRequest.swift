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
    /// The provider of the model; nil for an operation without one, such as a memory in this process.
    public var provider: Provider?
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
    /// The name of the prompt template. It is only recorded by ``Conventions/v0_1_0``, like the three following properties.
    public var promptName: String?
    /// The version of the prompt template.
    public var promptVersion: String?
    /// The ID of the response that this request continues.
    public var previousResponseID: String?
    /// The requested level of reasoning, exactly as it is sent, such as `high`.
    public var reasoningLevel: String?
    /// The host of the model's API.
    public var serverAddress: String?
    /// The port of the model's API. It is only recorded if ``serverAddress`` is set.
    public var serverPort: Int?
    /// The name of the tool, agent, workflow or data source that the operation is about; part of the name of the span.
    public var target: String?
    /// Further attributes of the operation, with your own names.
    public var details = Attributes()
    /// The attributes of one kind of operation. Their names depend on the conventions.
    var parts: [Part] = []

    /// An attribute of the conventions and its value.
    struct Part: Sendable {
        let attribute: GenAIAttribute
        let value: AttributeValue
    }

    /// Creates a request with the required attributes.
    /// - Parameters:
    ///   - operation: the operation.
    ///   - model: the model's name, exactly as it is requested; nil for an operation without a model.
    ///   - provider: the provider of the model; nil for an operation without one.
    public init(_ operation: ModelOperation, model: String?, from provider: Provider?) {
        self.operation = operation
        self.model = model
        self.provider = provider
    }

    /// Creates a request to a chat model.
    public static func chat(_ model: String?, from provider: Provider) -> ModelRequest {
        ModelRequest(.chat, model: model, from: provider)
    }

    /// The name of the span: the operation and the target or model, such as `chat claude-sonnet-4-5` or `execute_tool search`.
    ///
    /// By ``Conventions/v0_1_0``, retrievals, memories and fetched responses have no target in their name, and tools have their skill.
    /// - Parameter conventions: the version of the conventions that defines the form of the name.
    public func spanName(_ conventions: Conventions = .v1_41_1) -> String {
        var words = [operation.rawValue]
        switch (spanType, conventions) {
        case (.retrieval, .v0_1_0), (.memory, _), (.fetchResponse, _): break
        case (.tool, .v0_1_0): words += [target, text(.skillName)].compactMap(\.self)
        default: words += [target ?? model].compactMap(\.self)
        }
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The kind of the span.
    /// - Parameter conventions: the version of the conventions. By ``Conventions/v0_1_0``, a retrieval is `internal`.
    public func spanKind(_ conventions: Conventions = .v1_41_1) -> RecordedSpan.Kind {
        isInProcess || (spanType == .retrieval && conventions == .v0_1_0) ? .internal : .client
    }

    var spanType: SpanType { SpanType(operation, isInProcess: isInProcess) }

    /// The request as attributes. They are set when the span starts, so that samplers see them.
    /// - Parameter conventions: the version of the conventions that defines the attributes' names. Attributes that the version does not
    ///   have for the operation are left out.
    public func attributes(_ conventions: Conventions = .v1_41_1) -> Attributes {
        let type = spanType
        var attributes = Attributes()
        func add(_ attribute: GenAIAttribute, _ value: (some AttributeValueConvertible)?) {
            guard let value, let name = type.name(of: attribute, in: conventions) else { return }
            attributes.elements.append(Attribute(name, value.attributeValue))
        }
        add(.operation, operation.rawValue)
        add(.provider, provider?.rawValue)
        add(.requestModel, model)
        add(.conversation, conversation ?? Conversation.current)
        add(.outputType, outputType)
        add(.choiceCount, choiceCount == 1 ? nil : choiceCount)
        add(.seed, seed)
        add(.stream, isStreaming ? true : nil)
        add(.maximumTokens, maximumTokens)
        add(.temperature, temperature)
        add(.topP, topP)
        // v0.1.0 demands an integer. A fraction, which no provider accepts, is recorded as it was sent.
        if conventions == .v0_1_0, let whole = topK.flatMap({ Int64(exactly: $0) }) {
            add(.topK, whole)
        } else {
            add(.topK, topK)
        }
        add(.frequencyPenalty, frequencyPenalty)
        add(.presencePenalty, presencePenalty)
        add(.stopSequences, stopSequences.isEmpty ? nil : stopSequences)
        add(.promptName, promptName)
        add(.promptVersion, promptVersion)
        add(.previousResponse, previousResponseID)
        add(.reasoningLevel, reasoningLevel)
        add(.serverAddress, serverAddress)
        add(.serverPort, serverAddress == nil ? nil : serverPort)
        for part in parts {
            // v1.41.1 has top-k as a double, for retrievals too.
            if part.attribute == .retrievalTopK, conventions == .v1_41_1, case .int(let count) = part.value {
                add(part.attribute, Double(count))
            } else if let name = type.name(of: part.attribute, in: conventions) {
                attributes.elements.append(Attribute(name, part.value))
            }
        }
        if type == .tool, conventions == .v0_1_0, text(.agentName) == nil { add(.agentName, AgentScope.current?.name) }
        attributes.elements += details.elements
        return attributes
    }

    /// The text of one of ``parts``.
    func text(_ attribute: GenAIAttribute) -> String? {
        for part in parts where part.attribute == attribute {
            if case .string(let text) = part.value { return text }
        }
        return nil
    }

    /// Adds an attribute, unless the value is nil.
    mutating func add(_ attribute: GenAIAttribute, _ value: (some AttributeValueConvertible)?) {
        if let value { parts.append(Part(attribute: attribute, value: value.attributeValue)) }
    }

    /// Whether all properties are equal, with ``details`` in the same order.
    public static func == (left: ModelRequest, right: ModelRequest) -> Bool {
        left.attributes(.v0_1_0).elements == right.attributes(.v0_1_0).elements
            && left.attributes().elements == right.attributes().elements && left.target == right.target
            && left.isInProcess == right.isInProcess
    }
}
