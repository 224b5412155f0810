import OKRCoach
import SpanKitCLI

/// Why a message was not answered.
struct ConversationFailure: Error {
    let cause: CommandFailure
    /// Whether every other message would fail in the same way, so that there is no point in trying.
    let isPermanent: Bool

    /// The failure behind an error of the coach, its stores or its model.
    /// - Parameters:
    ///   - place: which message of which scenario.
    ///   - redact: what may be said of the error's text, which may quote anything.
    init(_ error: any Error, at place: String, _ redact: (String) -> String) {
        let modelError = error as? LanguageModelError
        cause = CommandFailure(modelError?.status ?? .internalError, "\(place): \(redact("\(error)"))")
        isPermanent = modelError?.isPermanent ?? false
    }
}

extension LanguageModelError {
    /// Missing or wrong settings are the user's to correct; everything else is the service's.
    var status: ExitStatus {
        switch self {
        case .missingKey, .invalidConfiguration: .usage
        case .unauthorized, .notFound, .rateLimited, .overloaded, .timeout, .unreachable, .rejected, .serverError,
            .invalidResponse, .brokenOff:
            .unavailable
        }
    }

    fileprivate var isPermanent: Bool {
        switch self {
        case .missingKey, .invalidConfiguration, .unauthorized, .notFound, .unreachable: true
        case .rateLimited, .overloaded, .timeout, .rejected, .serverError, .invalidResponse, .brokenOff: false
        }
    }
}
