import SpanKitGenAI

/// Why a model gave no answer. Each says what to do; none contains a key.
public enum LanguageModelError: Error, Equatable, CustomStringConvertible {
    /// There is no API key.
    case missingKey
    /// The configuration cannot be used.
    case invalidConfiguration(reason: String)
    /// The key is not accepted (401) or may not do this (403).
    case unauthorized(message: String)
    /// The model or the address does not exist (404).
    case notFound(message: String)
    /// Too many requests (429); tried again until the deadline.
    case rateLimited(message: String)
    /// The service is overloaded (529, 503); tried again until the deadline.
    case overloaded(message: String)
    /// No answer within the time limit of all attempts together.
    case timeout(seconds: Double)
    /// No connection.
    case unreachable(address: String, reason: String)
    /// The request was refused (400, 413 and the like).
    case rejected(status: Int, message: String)
    /// The service failed (5xx); tried again until the deadline.
    case serverError(status: Int, message: String)
    /// The answer is not what the API documents.
    case invalidResponse(reason: String)
    /// The answer broke off before its end.
    case brokenOff(reason: String)

    /// One line: what, and what to do.
    public var description: String {
        switch self {
        case .missingKey: "ANTHROPIC_API_KEY is not set; export it, or use --model offline"
        case .invalidConfiguration(let reason): reason
        case .unauthorized(let message): "the API does not accept the key: \(message); check ANTHROPIC_API_KEY"
        case .notFound(let message):
            "the API found no such model or address: \(message); check ANTHROPIC_MODEL and ANTHROPIC_BASE_URL"
        case .rateLimited(let message): "the API's rate limit is reached: \(message); wait a minute or lower the load"
        case .overloaded(let message): "the API is overloaded: \(message); try again later"
        case .timeout(let seconds):
            "the API did not answer within \(Self.text(seconds)) s, all attempts included; try again, or raise the limit "
                + "(--model-timeout, AnthropicModel.Configuration.timeout)"
        case .unreachable(let address, let reason):
            "\(address) cannot be reached (\(reason)); check the network and ANTHROPIC_BASE_URL"
        case .rejected(let status, let message): "the API refused the request (HTTP \(status)): \(message)"
        case .serverError(let status, let message): "the API failed (HTTP \(status)): \(message); try again later"
        case .invalidResponse(let reason):
            "the API's answer cannot be used: \(reason); check that ANTHROPIC_BASE_URL points to the Messages API"
        case .brokenOff(let reason): "the API's answer broke off: \(reason); try again"
        }
    }

    static func text(_ seconds: Double) -> String {
        seconds == seconds.rounded() ? String(Int(seconds)) : String((seconds * 10).rounded() / 10)
    }
}

extension LanguageModelError: TypedError {
    /// The API's own name of the error where it has one.
    public var errorType: String {
        switch self {
        case .missingKey, .invalidConfiguration: "invalid_configuration"
        case .unauthorized: "authentication_error"
        case .notFound: "not_found_error"
        case .rateLimited: "rate_limit_error"
        case .overloaded: "overloaded_error"
        case .timeout: ErrorType.timeout
        case .unreachable: "connection_error"
        case .rejected(413, _): "request_too_large"
        case .rejected: "invalid_request_error"
        case .serverError: "api_error"
        case .invalidResponse: "invalid_response"
        case .brokenOff: ErrorType.incomplete
        }
    }
}
