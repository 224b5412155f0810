import SpanKitGenAI

/// The error of a call of a language model. Its description never contains the API key.
public enum LanguageModelError: TypedError, Equatable, CustomStringConvertible {
    /// The API key is missing.
    case missingKey
    /// A setting is wrong.
    case invalidConfiguration(reason: String)
    /// The API does not accept the key (401), or the key lacks a permission (403).
    case unauthorized(message: String)
    /// The model or the address does not exist (404).
    case notFound(message: String)
    /// There were too many requests (429). The client retried until the deadline.
    case rateLimited(message: String)
    /// The API is overloaded (529, 503). The client retried until the deadline.
    case overloaded(message: String)
    /// There was no answer within the time limit for all attempts.
    case timeout(seconds: Double)
    /// The API cannot be reached.
    case unreachable(address: String, reason: String)
    /// The API rejected the request (400, 413 and similar).
    case rejected(status: Int, message: String)
    /// The API failed (5xx). The client retried until the deadline.
    case serverError(status: Int, message: String)
    /// The answer does not follow the API's documentation.
    case invalidResponse(reason: String)
    /// The answer ended before it was complete.
    case brokenOff(reason: String)

    /// What happened, and what to do, in one line.
    public var description: String { facts.text }

    /// The API's name for the error if it has one.
    public var errorType: String { facts.type }

    private var facts: (type: String, text: String) {
        switch self {
        case .missingKey:
            ("invalid_configuration", "ANTHROPIC_API_KEY is not set; export it, or use --model offline")
        case .invalidConfiguration(let reason): ("invalid_configuration", reason)
        case .unauthorized(let message):
            ("authentication_error", "the API does not accept the key: \(message); check ANTHROPIC_API_KEY")
        case .notFound(let message):
            (
                "not_found_error",
                "the API found no such model or address: \(message); check ANTHROPIC_MODEL and ANTHROPIC_BASE_URL"
            )
        case .rateLimited(let message):
            ("rate_limit_error", "the API's rate limit is reached: \(message); wait a minute or lower the load")
        case .overloaded(let message): ("overloaded_error", "the API is overloaded: \(message); try again later")
        case .timeout(let seconds):
            (
                ErrorType.timeout,
                "the API did not answer within \(Self.text(seconds)) s, all attempts included; try again, or raise the "
                    + "limit (--model-timeout, AnthropicModel.Configuration.timeout)"
            )
        case .unreachable(let address, let reason):
            ("connection_error", "\(address) cannot be reached (\(reason)); check the network and ANTHROPIC_BASE_URL")
        case .rejected(let status, let message):
            (
                status == 413 ? "request_too_large" : "invalid_request_error",
                "the API refused the request (HTTP \(status)): \(message)"
            )
        case .serverError(let status, let message):
            ("api_error", "the API failed (HTTP \(status)): \(message); try again later")
        case .invalidResponse(let reason):
            (
                "invalid_response",
                "the API's answer cannot be used: \(reason); check that ANTHROPIC_BASE_URL points to the Messages API"
            )
        case .brokenOff(let reason): (ErrorType.incomplete, "the API's answer broke off: \(reason); try again")
        }
    }

    static func text(_ seconds: Double) -> String {
        seconds == seconds.rounded() ? String(Int(seconds)) : String((seconds * 10).rounded() / 10)
    }
}
