import Foundation
import SpanKit
import SpanKitGenAI
import SpanKitHTTP

/// Claude, through the Anthropic Messages API.
///
/// Tries again on 429, 500, 502, 503, 504, 529 and broken connections, waits as long as `retry-after` says, and keeps one deadline for
/// all attempts. Each retry is an event of the current span, with the attempt, the reason and the wait. The key is held in a ``Secret``
/// and appears in no log and no error.
public struct AnthropicModel: LanguageModel {
    /// The model that is used by default.
    public static let defaultModel = "claude-sonnet-4-5"

    /// The longest answer that is read, in bytes.
    static let longestAnswer = 16 * 1_024 * 1_024

    /// How the API is called.
    public struct Configuration: Sendable {
        /// The model's name.
        public var model = AnthropicModel.defaultModel
        /// Scheme and host, such as `https://api.anthropic.com`.
        public var baseURL = "https://api.anthropic.com"
        /// The time limit of one answer, all attempts and waits included.
        public var timeout = Duration.seconds(60)
        /// The time limit of connecting, for each attempt.
        public var connectTimeout = Duration.seconds(10)
        /// The most attempts, the first one included.
        public var maximumAttempts = 5

        /// The defaults.
        public init() {}
    }

    /// The model's name.
    public var name: String { configuration.model }

    private let configuration: Configuration
    private let key: Secret
    private let wait: @Sendable (Duration) async throws -> Void

    /// Creates a client.
    /// - Throws: ``LanguageModelError/missingKey`` or ``LanguageModelError/invalidConfiguration(reason:)``.
    public init(key: String, configuration: Configuration = Configuration()) throws(LanguageModelError) {
        try self.init(key: key, configuration: configuration, wait: { try await Task.sleep(for: $0) })
    }

    /// Creates a client from `ANTHROPIC_API_KEY`, `ANTHROPIC_BASE_URL` and `ANTHROPIC_MODEL`.
    /// - Parameter timeout: the time limit of one answer, all attempts and waits included.
    public init(
        environment: [String: String],
        timeout: Duration = Configuration().timeout
    ) throws(LanguageModelError) {
        var configuration = Configuration()
        configuration.timeout = timeout
        if let url = environment["ANTHROPIC_BASE_URL"], !url.isEmpty { configuration.baseURL = url }
        if let model = environment["ANTHROPIC_MODEL"], !model.isEmpty { configuration.model = model }
        try self.init(key: environment["ANTHROPIC_API_KEY"] ?? "", configuration: configuration)
    }

    init(
        key: String,
        configuration: Configuration,
        wait: @escaping @Sendable (Duration) async throws -> Void
    ) throws(LanguageModelError) {
        guard !key.isEmpty else { throw .missingKey }
        guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalidConfiguration(
                reason: "ANTHROPIC_API_KEY contains white space or control characters; export it again"
            )
        }
        self.configuration = try Self.checked(configuration)
        self.key = Secret(key)
        self.wait = wait
    }

    /// Sends the prompt and waits for the whole answer.
    public func complete(_ prompt: Prompt) async throws -> ModelReply {
        let body = try AnthropicWire.body(prompt, model: configuration.model, isStreaming: false)
        return try await attempt { timeout in
            let answer = await HTTPClient.send(httpRequest(body, timeout))
            if let failure = answer.failure { throw try AnthropicFailure(failure, configuration) }
            guard answer.status == 200 else { throw AnthropicFailure(answer, key) }
            return try AnthropicWire.reply(answer)
        }
    }

    /// Sends the prompt and hands out the answer as it comes in (server-sent events). A server that does not stream gives it
    /// in one piece.
    ///
    /// What fails before the first piece of the answer is tried again by the same rules; behind it, nothing is.
    public func stream(_ prompt: Prompt) -> AsyncThrowingStream<ModelEvent, any Error> {
        .events { give in
            let body = try AnthropicWire.body(prompt, model: configuration.model, isStreaming: true)
            try await attempt { timeout in
                let reader = AnthropicEventReader(key: key, span: .current, give: give)
                let answer = await HTTPClient.send(httpRequest(body, timeout)) { head, bytes in
                    head.status == 200 && head.isEventStream ? reader.receive(bytes) ? .used : .last : .keep
                }
                if let failure = answer.failure {
                    let failure = try AnthropicFailure(failure, configuration)
                    guard reader.hasOutput else { throw failure }
                    throw LanguageModelError.brokenOff(reason: "\(failure.reason); \(reader.unfinished)")
                }
                guard answer.status == 200 else { throw AnthropicFailure(answer, key) }
                if answer.isEventStream { return try reader.finish() }
                let reply = try AnthropicWire.reply(answer)
                give(.start(id: nil, model: reply.model, usage: TokenUsage()))
                give(.text(reply.text))
                give(.progress(usage: reply.usage, stopReason: reply.stopReason))
                give(.end(unscaledLatency: nil))
            }
        }
    }

    /// A chat over the network.
    public func request(for prompt: Prompt) -> ModelRequest {
        var request = ModelRequest.chat(configuration.model, from: .anthropic)
        request.isStreaming = true
        request.maximumTokens = prompt.maximumOutputTokens
        if let url = URL(string: configuration.baseURL) {
            request.serverAddress = url.host
            request.serverPort = url.port ?? (url.scheme?.lowercased() == "http" ? 80 : 443)
        }
        return request
    }

    private func httpRequest(_ body: [UInt8], _ timeout: Duration) -> HTTPRequest {
        let headers = HTTPHeaders([
            ("content-type", "application/json"), ("anthropic-version", "2023-06-01"), ("x-api-key", key.reveal()),
        ])
        var request = HTTPRequest(url: configuration.baseURL + "/v1/messages", headers: headers, body: body)
        request.userAgent = "okrcoach/1"
        request.timeout = timeout
        request.connectTimeout = configuration.connectTimeout
        request.maximumResponseBytes = Self.longestAnswer
        // Compressed, a stream would come in larger pieces.
        request.acceptsGzip = false
        return request
    }

    /// Tries until an attempt succeeds, fails for good, or would exceed the deadline.
    private func attempt<Result>(_ once: (_ timeout: Duration) async throws -> Result) async throws -> Result {
        let clock = ContinuousClock()
        let deadline = clock.now + configuration.timeout
        var attempt = 1
        while true {
            let failure: AnthropicFailure
            do {
                return try await once(deadline - clock.now)
            } catch let error as AnthropicFailure {
                failure = error
            }
            let pause = failure.pause(attempt: attempt)
            guard failure.isWorthRetrying, attempt < configuration.maximumAttempts, clock.now + pause < deadline else {
                throw failure.error
            }
            ModelRetry(
                attempt: attempt,
                errorType: failure.error.errorType,
                statusCode: failure.status,
                wait: pause
            ).record()
            try await wait(pause)
            attempt += 1
        }
    }

    private static func checked(_ configuration: Configuration) throws(LanguageModelError) -> Configuration {
        var checked = configuration
        while checked.baseURL.hasSuffix("/") { checked.baseURL.removeLast() }
        let lower = checked.baseURL.lowercased()
        guard lower.hasPrefix("https://") || lower.hasPrefix("http://"),
            URL(string: checked.baseURL)?.host?.isEmpty == false
        else {
            throw .invalidConfiguration(
                reason:
                    "ANTHROPIC_BASE_URL: '\(checked.baseURL)' is not an http or https URL; write https://api.anthropic.com"
            )
        }
        return checked
    }
}

extension HTTPAnswer {
    /// Whether the body is a stream of server-sent events.
    var isEventStream: Bool { contentType == "text/event-stream" }
}
