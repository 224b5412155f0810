import OKRCoach

/// Tells what failed by the error it failed with.
enum ConversationFailure {
    /// The line and the status for an error of the coach, its stores or its model. Cancellation stays what it is.
    static func failure(for error: any Error) -> any Error {
        switch error {
        case is CancellationError, is CommandFailure: error
        case let error as ConversationError: CommandFailure(.internalError, error.description)
        default: CommandFailure(.internalError, "\(error)")
        }
    }
}
