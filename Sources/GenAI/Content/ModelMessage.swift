/// A message to or from a model, as the conventions define it (`gen_ai.input.messages`, `gen_ai.output.messages`).
public struct ModelMessage: Sendable, Hashable {
    /// The role of a message's author.
    public enum Role: String, Sendable {
        /// Instructions for the model.
        case system
        /// The person or program that uses the model.
        case user
        /// The model.
        case assistant
        /// A tool that the model called.
        case tool
    }

    /// A part of a message.
    public enum Part: Sendable, Hashable {
        /// Plain text.
        case text(String)
        /// The model's reasoning.
        case reasoning(String)
        /// A call of a tool, with its arguments as JSON.
        case toolCall(id: String?, name: String, arguments: String)
        /// The response of a tool, as JSON or other text.
        case toolResponse(id: String?, response: String)
        /// A file that the provider stores, referenced by its ID. The content of images and audio is never recorded.
        case file(modality: String, id: String)
        /// A file, referenced by its URI. The modality is `image`, `video`, `audio` or, since v0.1.0, `document`.
        case uri(modality: String, uri: String)
        /// A summary that replaces earlier messages (v0.1.0).
        case compaction(id: String?, content: String)
    }

    /// The role of the message's author.
    public var role: Role
    /// The parts in order.
    public var parts: [Part]
    /// The author's name; nil if it has none.
    public var name: String?
    /// The reason why the model stopped; nil if unknown. Set it only for output messages.
    public var finishReason: String?

    /// Creates a message.
    public init(_ role: Role, _ parts: [Part], name: String? = nil, finishReason: String? = nil) {
        self.role = role
        self.parts = parts
        self.name = name
        self.finishReason = finishReason
    }

    /// Creates a message with one part of text.
    public init(_ role: Role, _ text: String, finishReason: String? = nil) {
        self.init(role, [.text(text)], finishReason: finishReason)
    }
}

/// How much of the messages' content is recorded in spans.
///
/// Content is not recorded by default, because it often contains personal data. If you record it, also turn on
/// redaction (`TelemetryConfiguration.redaction`), which applies to content too.
public struct ContentCapture: Sendable, Hashable {
    /// The maximum size of the content of one span, in bytes of JSON. The default is 32 KiB. More than about 50 KiB do
    /// not fit into a span.
    ///
    /// The largest values are truncated first, at a character boundary. A truncated value ends with its original length and its
    /// hash.
    public var maximumBytes = 32 * 1_024

    /// Creates the default settings.
    public init() {}
}

/// The content of one call's messages.
struct CallContent: Sendable {
    var system: [ModelMessage.Part] = []
    var input: [ModelMessage] = []
    var output: [ModelMessage] = []
    /// Other content by the name of its attribute.
    var parts: [String: (text: String, isJSON: Bool)] = [:]

    var isEmpty: Bool { system.isEmpty && input.isEmpty && output.isEmpty && parts.isEmpty }
}

/// Content of a call that is not a message. It is recorded under the same conditions as messages (``ContentCapture``).
public enum ContentPart: Sendable, Hashable {
    /// The definitions of the tools that the model can call, as a JSON array.
    case toolDefinitions
    /// The arguments of a tool call, as JSON.
    case toolArguments
    /// The result of a tool call, as JSON or other text.
    case toolResult
    /// The query of a retrieval.
    case retrievalQuery
    /// The retrieved documents, as a JSON array of objects with `id` and `score`.
    case retrievalDocuments
    /// The query of a search for memories. Recorded only by ``Conventions/v0_1_0``, like ``memoryRecords`` and ``promptVariable(_:)``.
    case memoryQuery
    /// Memories, as a JSON array of objects with `content` and, if known, `id`, `metadata` and `score`.
    case memoryRecords
    /// The value of a variable of a prompt template.
    case promptVariable(String)

    var isJSON: Bool {
        switch self {
        case .toolDefinitions, .toolArguments, .toolResult, .retrievalDocuments, .memoryRecords: true
        case .retrievalQuery, .memoryQuery, .promptVariable: false
        }
    }

    /// The name of the attribute; nil if the conventions do not have it.
    func name(of type: SpanType, in conventions: Conventions) -> String? {
        switch self {
        case .toolDefinitions: type.name(of: .toolDefinitions, in: conventions)
        case .toolArguments: type.name(of: .toolArguments, in: conventions)
        case .toolResult: type.name(of: .toolResult, in: conventions)
        case .retrievalQuery: type.name(of: .retrievalQuery, in: conventions)
        case .retrievalDocuments: type.name(of: .retrievalDocuments, in: conventions)
        case .memoryQuery: type.name(of: .memoryQuery, in: conventions)
        case .memoryRecords: type.name(of: .memoryRecords, in: conventions)
        case .promptVariable(let variable): conventions == .v1_41_1 ? nil : "gen_ai.prompt.variable.\(variable)"
        }
    }
}
