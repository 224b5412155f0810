import SpanKitHTTP
import SpanKitPlatform

/// The failure of one attempt to call the API.
struct AnthropicFailure: Error {
    let error: LanguageModelError
    let isWorthRetrying: Bool
    /// The wait that the API asked for.
    let retryAfter: Duration?
    /// The HTTP status, or nil if there was no answer.
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

    /// - Parameter type: The API's error type, or nil if the answer is not from the API.
    init(status: Int, type: String?, message: String, retryAfter: Duration?, _ key: Secret) {
        // A proxy may quote the request that it rejects.
        let message = key.redact(String(message.prefix(300)))
        (error, isWorthRetrying) =
            switch (status, type) {
            case (401, _), (403, _), (_, "authentication_error"), (_, "permission_error"):
                (.unauthorized(message: message), false)
            case (404, _), (_, "not_found_error"): (.notFound(message: message), false)
            case (429, _), (_, "rate_limit_error"): (.rateLimited(message: message), true)
            case (529, _), (503, _), (_, "overloaded_error"): (.overloaded(message: message), true)
            case (500, _), (502, _), (504, _): (.serverError(status: status, message: message), true)
            case (300..<400, _):
                (.invalidResponse(reason: "HTTP \(status) is a redirect, which is not followed"), false)
            case (400..<500, _): (.rejected(status: status, message: message), false)
            default: (.serverError(status: status, message: message), false)
            }
        self.retryAfter = retryAfter
        self.status = status
    }

    /// - Throws: `CancellationError` if the caller cancelled the request.
    init(_ failure: HTTPAnswer.Failure, _ configuration: AnthropicModel.Configuration) throws {
        retryAfter = nil
        status = nil
        isWorthRetrying = if case .noConnection = failure { true } else { false }
        switch failure {
        case .timedOut: error = .timeout(seconds: configuration.timeout / .seconds(1))
        case .noConnection(_, let reason): error = .unreachable(address: configuration.baseURL, reason: reason)
        case .answerTooLarge:
            error = .invalidResponse(reason: "it is longer than \(AnthropicModel.longestAnswer) bytes")
        case .settings(let reason): error = .invalidConfiguration(reason: "ANTHROPIC_BASE_URL: \(reason)")
        case .cancelled: throw CancellationError()
        }
    }

    /// What happened, without advice.
    var reason: String {
        switch error {
        case .unreachable(_, let reason), .invalidResponse(let reason), .brokenOff(let reason): reason
        case .timeout(let seconds): "the time limit of \(LanguageModelError.text(seconds)) s was reached"
        default: error.description
        }
    }

    /// The wait before the next attempt: the wait that the API asked for or a random part of 0.5 s, 1 s, 2 s … 8 s,
    /// whichever is longer.
    ///
    /// The random part keeps clients from retrying at the same time.
    func pause(attempt: Int) -> Duration {
        let ceiling = min(8.0, 0.5 * Double(1 << min(attempt - 1, 10)))
        return max(retryAfter ?? .zero, .seconds(Double.random(in: 0...ceiling)))
    }
}
