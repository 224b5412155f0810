/// The values of `error.type` for calls that failed. They are the same on spans and metrics (OpenTelemetry "Recording errors").
///
/// | Value | When |
/// |---|---|
/// | ``TypedError/errorType``, such as `rate_limit_error`, `overloaded_error`, `timeout` | the error is a ``TypedError`` |
/// | `cancelled` | the task was cancelled |
/// | `abandoned` | the call or the iterator of its stream was released before the end |
/// | `incomplete` | the stream ended before the provider marked the response as complete |
/// | the name of the error's type | any other error |
public enum ErrorType {
    /// The task was cancelled.
    public static let cancelled = "cancelled"
    /// The call or its stream was released before the end.
    public static let abandoned = "abandoned"
    /// The stream ended before the provider marked the response as complete.
    public static let incomplete = "incomplete"
    /// The call took too long.
    public static let timeout = "timeout"

    /// The finish reason of a choice whose own reason did not arrive (`gen_ai.response.finish_reasons`, v0.1.0).
    static let finishReason = "error"

    static func of(_ error: any Error) -> String {
        if error is CancellationError { return cancelled }
        if let typed = error as? any TypedError { return typed.errorType }
        return String(reflecting: type(of: error))
    }
}

/// An error with its own value of `error.type`, such as the provider's error code.
public protocol TypedError: Error {
    /// The value of `error.type`, from a small set of values without IDs and without text from users.
    var errorType: String { get }
}
