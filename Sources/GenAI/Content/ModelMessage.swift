/// A message to or from a model, in the shape the conventions give it (`gen_ai.input.messages`, `gen_ai.output.messages`).
public struct ModelMessage: Sendable, Hashable {
    /// Who speaks.
    public enum Role: String, Sendable {
        /// Instructions for the model.
        case system
        /// The person or program that asks.
        case user
        /// The model.
        case assistant
        /// What a tool that the model called has answered.
        case tool
    }

    /// A piece of a message.
    public enum Part: Sendable, Hashable {
        /// What is said.
        case text(String)
        /// What is thought and not said.
        case reasoning(String)
        /// A tool that the model wants run.
        /// - arguments: as JSON.
        case toolCall(id: String?, name: String, arguments: String)
        /// What a tool gave.
        /// - response: as JSON, or any text.
        case toolResponse(id: String?, response: String)
        /// A file that the provider keeps. Images and sounds themselves are never recorded.
        case file(modality: String, id: String)
        /// Where something is to be found.
        case uri(modality: String, uri: String)
    }

    /// Who speaks.
    public var role: Role
    /// In order.
    public var parts: [Part]
    /// Of the one who speaks, where the provider has one.
    public var name: String?
    /// Why an answer ended; only in messages of the output.
    public var finishReason: String?

    /// Creates a message.
    public init(_ role: Role, _ parts: [Part], name: String? = nil, finishReason: String? = nil) {
        self.role = role
        self.parts = parts
        self.name = name
        self.finishReason = finishReason
    }

    /// A message of one text.
    public init(_ role: Role, _ text: String, finishReason: String? = nil) {
        self.init(role, [.text(text)], finishReason: finishReason)
    }
}

/// Whether and how much of what is said goes into spans.
///
/// Off unless asked for: it is the most personal data there is. Whoever turns it on should turn redaction on as well
/// (`TelemetryConfiguration.redaction`), which looks at content as at any other text.
public struct ContentCapture: Sendable, Hashable {
    /// What all content of one span may take, as JSON. The largest values are cut first, each at the end of a character; what is left
    /// of them ends with their original length and hash. 32 KiB by default; a span has room for about 50.
    public var maximumBytes = 32 * 1_024

    /// The defaults.
    public init() {}
}

/// What was said in one call.
struct CallContent: Sendable {
    var system: [ModelMessage.Part] = []
    var input: [ModelMessage] = []
    var output: [ModelMessage] = []

    var isEmpty: Bool { system.isEmpty && input.isEmpty && output.isEmpty }
}
