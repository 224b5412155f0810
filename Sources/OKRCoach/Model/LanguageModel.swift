import SpanKitGenAI

/// A language model that answers the coach's prompts, such as ``AnthropicModel`` or ``OfflineModel``.
public protocol LanguageModel: Sendable {
    /// The name of the model in reports, such as `claude-sonnet-4-5` or `offline`.
    var name: String { get }

    /// Answers a prompt.
    ///
    /// If the task is cancelled, the call ends with `CancellationError`.
    /// - Throws: ``LanguageModelError``.
    func complete(_ prompt: Prompt) async throws -> ModelReply

    /// Answers a prompt with a stream of pieces.
    ///
    /// The default implementation streams the complete answer as one piece. The call ends when the stream is released
    /// or the task that reads it is cancelled. Errors are those of ``complete(_:)``. Retries and malformed pieces
    /// become events of the span that is current when the stream is created.
    func stream(_ prompt: Prompt) -> AsyncThrowingStream<ModelEvent, any Error>

    /// What telemetry records about a call with a prompt, without the prompt's content.
    func request(for prompt: Prompt) -> ModelRequest
}

extension LanguageModel {
    /// Streams the complete answer as one piece.
    public func stream(_ prompt: Prompt) -> AsyncThrowingStream<ModelEvent, any Error> {
        .events { give in try await complete(prompt).events.forEach(give) }
    }

    /// A chat request. The provider has the same name as the model.
    public func request(for prompt: Prompt) -> ModelRequest {
        .chat(name, from: Provider(rawValue: name))
    }
}

extension AsyncThrowingStream where Element == ModelEvent, Failure == any Error {
    /// A stream of events that a task produces. The task is cancelled when the stream is released.
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

/// The input of a language model.
public struct Prompt: Sendable, Equatable {
    /// The instructions for the whole conversation.
    public var system: String
    /// The messages, oldest first. The roles alternate, and the last message is the user's.
    public var messages: [Turn]
    /// The phase of the conversation, on which the offline model's answer depends.
    public var phase: Phase
    /// The maximum number of tokens of the answer.
    public var maximumOutputTokens: Int

    /// One message of a prompt.
    public struct Turn: Sendable, Equatable {
        /// The author.
        public var role: Message.Role
        /// The text.
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

/// The answer of a language model.
public struct ModelReply: Sendable, Equatable {
    /// The text of all text blocks, joined.
    public var text: String
    /// The model that answered, as named by the provider.
    public var model: String
    /// The reason why the model stopped, such as `end_turn` or `max_tokens`.
    public var stopReason: String
    /// The tokens that the model read and wrote, as far as the provider reports them.
    public var usage: TokenUsage
    /// The latency of the answer at latency scale 1, or nil if the latency was not scaled.
    public var unscaledLatency: Duration?
    /// The number of malformed pieces that were left out of a streamed answer.
    public internal(set) var malformedChunkCount = 0
    /// The first malformed piece.
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

    /// The answer as a stream of one piece.
    var events: [ModelEvent] {
        [
            .start(id: nil, model: model, usage: TokenUsage()), .text(text),
            .progress(usage: usage, stopReason: stopReason), .end(unscaledLatency: unscaledLatency),
        ]
    }
}
