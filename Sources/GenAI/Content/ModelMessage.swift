/// A message to or from a model, as the conventions define it (`gen_ai.input.messages`, `gen_ai.output.messages`).
public struct ModelMessage: Sendable, Hashable {
    /// The author of a message.
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
        /// Text.
        case text(String)
        /// The model's reasoning.
        case reasoning(String)
        /// A call of a tool, with its arguments as JSON.
        case toolCall(id: String?, name: String, arguments: String)
        /// The response of a tool, as JSON or as any text.
        case toolResponse(id: String?, response: String)
        /// A file that the provider stores, referenced by its ID. The content of images and audio is never recorded.
        case file(modality: String, id: String)
        /// A file by its URI.
        case uri(modality: String, uri: String)
    }

    /// The author of the message.
    public var role: Role
    /// The parts in order.
    public var parts: [Part]
    /// The author's name, if the provider has one.
    public var name: String?
    /// The reason why the model stopped. Set it only for output messages.
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
/// Content is not recorded by default, because it is very personal data. If you record it, also turn on redaction
/// (`TelemetryConfiguration.redaction`), which applies to content like to any other text.
public struct ContentCapture: Sendable, Hashable {
    /// The largest number of bytes of all content of one span, as JSON. The default is 32 KiB; a span has space for about 50 KiB.
    ///
    /// The largest values are cut first, at a character boundary. A value that was cut ends with its original length and its hash.
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
