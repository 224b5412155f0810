import SpanKitGenAI

/// A model that answers the coach's prompts: the Anthropic Messages API, or the deterministic offline model.
public protocol LanguageModel: Sendable {
    /// The model's name as it is reported, such as `claude-sonnet-4-5` or `offline`.
    var name: String { get }

    /// Answers a prompt.
    ///
    /// Cancelling the task ends the call early with `CancellationError`.
    /// - Throws: ``LanguageModelError`` with what the user can do about it.
    func complete(_ prompt: Prompt) async throws -> ModelReply

    /// Answers a prompt piece by piece, as the answer comes in.
    ///
    /// Dropping the stream, or cancelling the task that reads it, ends the call. Errors are those of ``complete(_:)``. By default the
    /// whole answer comes as one piece. Retries and malformed pieces become events of the span that is current when the stream is made.
    func stream(_ prompt: Prompt) -> AsyncThrowingStream<ModelEvent, any Error>

    /// What telemetry records about a call with this prompt, without its content.
    func request(for prompt: Prompt) -> ModelRequest
}

extension LanguageModel {
    /// The whole answer as one piece.
    public func stream(_ prompt: Prompt) -> AsyncThrowingStream<ModelEvent, any Error> {
        .events { give in
            let reply = try await complete(prompt)
            give(.start(id: nil, model: reply.model, usage: TokenUsage()))
            give(.text(reply.text))
            give(.progress(usage: reply.usage, stopReason: reply.stopReason))
            give(.end(unscaledLatency: reply.unscaledLatency))
        }
    }

    /// A chat with the model of this name, from a provider of the same name.
    public func request(for prompt: Prompt) -> ModelRequest {
        .chat(name, from: Provider(rawValue: name))
    }
}

extension AsyncThrowingStream where Element == ModelEvent, Failure == any Error {
    /// Events that a task makes. The task is cancelled when the stream is dropped.
    static func events(
        _ make: @escaping @Sendable (_ give: @escaping @Sendable (ModelEvent) -> Void) async throws -> Void
    ) -> Self {
        AsyncThrowingStream { source in
            let task = Task {
                do {
                    try await make { source.yield($0) }
                    source.finish()
                } catch {
                    source.finish(throwing: error)
                }
            }
            source.onTermination = { _ in task.cancel() }
        }
    }
}

/// What is sent to a model.
public struct Prompt: Sendable, Equatable {
    /// The instructions that hold for the whole conversation.
    public var system: String
    /// Oldest first; alternating, the user's newest message last.
    public var messages: [Turn]
    /// The phase the answer is for; the offline model answers by it.
    public var phase: Phase
    /// The most the model may write.
    public var maximumOutputTokens: Int

    /// One message of a prompt.
    public struct Turn: Sendable, Equatable {
        /// Who said it.
        public var role: Message.Role
        /// What was said.
        public var text: String

        /// Creates a turn.
        public init(role: Message.Role, text: String) {
            self.role = role
            self.text = text
        }
    }

    /// Creates a prompt.
    public init(system: String, messages: [Turn], phase: Phase, maximumOutputTokens: Int = 1024) {
        self.system = system
        self.messages = messages
        self.phase = phase
        self.maximumOutputTokens = maximumOutputTokens
    }
}

/// What a model answered.
public struct ModelReply: Sendable, Equatable {
    /// The text of all text blocks, joined.
    public var text: String
    /// The model that answered, as it names itself.
    public var model: String
    /// Why it stopped, such as `end_turn` or `max_tokens`.
    public var stopReason: String
    /// Tokens read and written, as far as the model said.
    public var usage: TokenUsage
    /// How long the answer would have taken at latency scale 1; nil where nothing was scaled.
    public var unscaledLatency: Duration?
    /// How many pieces of a streamed answer were malformed and left out.
    public internal(set) var malformedChunkCount = 0
    /// The first of them.
    public internal(set) var firstMalformedChunk: MalformedChunk?

    /// Creates a reply.
    public init(
        text: String,
        model: String,
        stopReason: String,
        usage: TokenUsage,
        unscaledLatency: Duration? = nil
    ) {
        self.text = text
        self.model = model
        self.stopReason = stopReason
        self.usage = usage
        self.unscaledLatency = unscaledLatency
    }

    /// All tokens read, cached ones included; nil where the model did not say.
    public var inputTokens: Int? { usage.input }
    /// All tokens written; nil where the model did not say.
    public var outputTokens: Int? { usage.output }
}
