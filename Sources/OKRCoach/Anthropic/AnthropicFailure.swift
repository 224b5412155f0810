import SpanKitHTTP
import SpanKitPlatform

/// What went wrong with one attempt, and whether another makes sense.
struct AnthropicFailure: Error {
    let error: LanguageModelError
    let isWorthRetrying: Bool
    /// What the API asked for.
    let retryAfter: Duration?
    /// The HTTP status; nil without an answer.
    var status: Int?

    init(_ answer: HTTPAnswer, _ key: Secret) {
        let own = AnthropicWire.error(answer)
        self.init(
            status: answer.status,
            type: own?.type,
            message: own?.message ?? AnthropicWire.describe(answer),
            retryAfter: answer.retryAfter.flatMap {
                RetryAfter.parse($0, unixSeconds: UnixTime.nanoseconds() / 1_000_000_000)
            },
            key
        )
    }

    /// - Parameter type: the API's own, nil where the answer is not the API's.
    init(status: Int, type: String?, message: String, retryAfter: Duration?, _ key: Secret) {
        // A proxy may quote the request it refuses.
        let message = key.redact(String(message.prefix(300)))
        switch (status, type) {
        case (401, _), (403, _), (_, "authentication_error"), (_, "permission_error"):
            error = .unauthorized(message: message)
            isWorthRetrying = false
        case (404, _), (_, "not_found_error"):
            error = .notFound(message: message)
            isWorthRetrying = false
        case (429, _), (_, "rate_limit_error"):
            error = .rateLimited(message: message)
            isWorthRetrying = true
        case (529, _), (503, _), (_, "overloaded_error"):
            error = .overloaded(message: message)
            isWorthRetrying = true
        case (500, _), (502, _), (504, _):
            error = .serverError(status: status, message: message)
            isWorthRetrying = true
        case (300..<400, _):
            error = .invalidResponse(reason: "HTTP \(status), a redirect, is not followed")
            isWorthRetrying = false
        case (400..<500, _):
            error = .rejected(status: status, message: message)
            isWorthRetrying = false
        default:
            error = .serverError(status: status, message: message)
            isWorthRetrying = false
        }
        self.retryAfter = retryAfter
        self.status = status
    }

    /// - Throws: `CancellationError` where the caller has given up.
    init(_ failure: HTTPAnswer.Failure, _ configuration: AnthropicModel.Configuration) throws {
        retryAfter = nil
        status = nil
        switch failure {
        case .timedOut:
            let (seconds, attoseconds) = configuration.timeout.components
            error = .timeout(seconds: Double(seconds) + Double(attoseconds) / 1e18)
            isWorthRetrying = false
        case .noConnection(_, let reason):
            error = .unreachable(address: configuration.baseURL, reason: reason)
            isWorthRetrying = true
        case .answerTooLarge:
            error = .invalidResponse(reason: "it is longer than \(AnthropicModel.longestAnswer) bytes")
            isWorthRetrying = false
        case .settings(let reason):
            error = .invalidConfiguration(reason: "ANTHROPIC_BASE_URL: \(reason)")
            isWorthRetrying = false
        case .cancelled: throw CancellationError()
        }
    }

    /// What went wrong, without what to do.
    var reason: String {
        switch error {
        case .unreachable(_, let reason), .invalidResponse(let reason), .brokenOff(let reason): reason
        case .timeout(let seconds): "the time limit of \(LanguageModelError.text(seconds)) s was reached"
        default: error.description
        }
    }

    /// What the API asked for, or a random share of 0.5 s, 1 s, 2 s … 8 s, so that clients do not come back together.
    func pause(attempt: Int) -> Duration {
        let ceiling = min(8.0, 0.5 * Double(1 << min(attempt - 1, 10)))
        return max(retryAfter ?? .zero, .seconds(Double.random(in: 0...ceiling)))
    }
}
