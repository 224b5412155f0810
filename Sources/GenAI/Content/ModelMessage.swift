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
        /// A file, referenced by its URI.
        case uri(modality: String, uri: String)
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

    var isEmpty: Bool { system.isEmpty && input.isEmpty && output.isEmpty }
}
