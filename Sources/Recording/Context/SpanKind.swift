/// What role a span has in a conversation between services (OpenTelemetry `SpanKind`; raw values are those on the wire).
public enum SpanKind: UInt8, Sendable, CaseIterable {
    /// Work within the process.
    case `internal` = 1
    /// Answers a request from elsewhere.
    case server = 2
    /// Waits for an answer from elsewhere.
    case client = 3
    /// Hands a message to somebody who will take it later.
    case producer = 4
    /// Takes a message that somebody left.
    case consumer = 5
}

/// How a span ended (OpenTelemetry `Status`; raw values are those on the wire).
public enum SpanStatus: Hashable, Sendable {
    /// Nobody said.
    case unset
    /// Somebody looked and found it good. Final: nothing changes it any more.
    case ok
    /// It failed; the description may say why, and is empty otherwise.
    case error(String)

    /// A failure without description.
    public static let error = SpanStatus.error("")
}
