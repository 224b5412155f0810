/// What `error.type` says of a call that gave no answer, or not all of it: few values, the same on span and metrics, absent on
/// success (OpenTelemetry "Recording errors").
///
/// | Value | When |
/// |---|---|
/// | what the error says itself | it is a ``TypedError``: `rate_limit_error`, `overloaded_error`, `timeout`… |
/// | `cancelled` | the task was cancelled |
/// | `abandoned` | the iterator or the call was dropped before the end |
/// | `incomplete` | the stream ended before the provider said that the answer is complete |
/// | the name of the error's type | any other error |
public enum ErrorType {
    /// The task was cancelled.
    public static let cancelled = "cancelled"
    /// The call or its stream was dropped before the end.
    public static let abandoned = "abandoned"
    /// The stream ended too early.
    public static let incomplete = "incomplete"
    /// The time was up.
    public static let timeout = "timeout"

    static func of(_ error: any Error) -> String {
        if error is CancellationError { return cancelled }
        if let typed = error as? any TypedError { return typed.errorType }
        return String(reflecting: type(of: error))
    }
}

/// An error that knows what `error.type` should be: the provider's own code where there is one.
public protocol TypedError: Error {
    /// One of few values, without ids or texts of the user in it.
    var errorType: String { get }
}
