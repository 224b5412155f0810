import Foundation
import SpanKit
import SpanKitGenAI
import SpanKitHTTP

/// A Claude model that is called through the Anthropic Messages API.
///
/// The client retries after HTTP 429, 500, 502, 503, 504 and 529 and after broken connections. It waits at least as long as the
/// header `retry-after` says. One deadline covers all attempts. Each retry is recorded as an event of the current span, with
/// the attempt, the reason and the wait. No log line and no error contains the key.
public struct AnthropicModel: LanguageModel {
    /// The default model.
    public static let defaultModel = "claude-sonnet-4-5"

    /// The maximum length of an answer in bytes.
    static let longestAnswer = 16 * 1_024 * 1_024

    /// The settings of the client.
    public struct Configuration: Sendable {
        /// The model's name.
        public var model = AnthropicModel.defaultModel
        /// The URL of the API without a path, such as `https://api.anthropic.com`.
        public var baseURL = "https://api.anthropic.com"
        /// The time limit for one answer, including all attempts and waits.
        public var timeout = Duration.seconds(60)
        /// The time limit for connecting, in each attempt.
        public var connectTimeout = Duration.seconds(10)
        /// The maximum number of attempts, including the first one.
        public var maximumAttempts = 5

        /// Creates the default settings.
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
    /// - Parameter timeout: The time limit for one answer, including all attempts and waits.
    /// - Throws: ``LanguageModelError/missingKey`` or ``LanguageModelError/invalidConfiguration(reason:)``.
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
        var configuration = configuration
        while configuration.baseURL.hasSuffix("/") { configuration.baseURL.removeLast() }
        let url = URL(string: configuration.baseURL)
        guard ["http", "https"].contains(url?.scheme?.lowercased()), url?.host?.isEmpty == false else {
            throw .invalidConfiguration(
                reason: "ANTHROPIC_BASE_URL: '\(configuration.baseURL)' is not an http or https URL; "
                    + "write https://api.anthropic.com"
            )
        }
        self.configuration = configuration
        self.key = Secret(key)
        self.wait = wait
    }

    /// Sends a prompt and returns the complete answer.
    public func complete(_ prompt: Prompt) async throws -> ModelReply {
        let body = try AnthropicWire.body(prompt, model: configuration.model, isStreaming: false)
        return try await attempt { timeout in
            let answer = await HTTPClient.send(httpRequest(body, timeout))
            if let failure = answer.failure { throw try AnthropicFailure(failure, configuration) }
            guard answer.status == 200 else { throw AnthropicFailure(answer, key) }
            return try AnthropicWire.reply(answer)
        }
    }

    /// Sends a prompt and returns the answer as a stream (server-sent events), or in one piece if the server does not stream.
    ///
    /// A failure before the first piece of the answer is retried; a later one ends the stream.
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
                try AnthropicWire.reply(answer).events.forEach(give)
            }
        }
    }

    /// What telemetry records about a call: a chat with the model, and the address of the API.
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
        // Compression would make the pieces of a stream larger.
        request.acceptsGzip = false
        return request
    }

    /// Makes attempts until one succeeds, an error is not worth a retry, or the next attempt would exceed the deadline.
    private func attempt<Result>(_ once: (_ timeout: Duration) async throws -> Result) async throws -> Result {
        let clock = ContinuousClock()
        let deadline = clock.now + configuration.timeout
        var attempt = 1
        while true {
            do {
                return try await once(deadline - clock.now)
            } catch let failure as AnthropicFailure {
                let pause = failure.pause(attempt: attempt)
                guard failure.isWorthRetrying, attempt < configuration.maximumAttempts, clock.now + pause < deadline
                else { throw failure.error }
                let type = failure.error.errorType
                ModelRetry(attempt: attempt, errorType: type, statusCode: failure.status, wait: pause).record()
                try await wait(pause)
                attempt += 1
            }
        }
    }
}

extension HTTPAnswer {
    /// Whether the body is a stream of server-sent events.
    var isEventStream: Bool { contentType == "text/event-stream" }
}

/// A text that prints, dumps and reflects as `<redacted>`.
struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    /// The text, for the request that sends it.
    func reveal() -> String { text }

    var description: String { "<redacted>" }
    var debugDescription: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// A message without this text.
    func redact(_ message: String) -> String {
        text.isEmpty ? message : message.replacing(text, with: "<redacted>")
    }
}
