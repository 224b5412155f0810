extension RecordedSpan {
    /// The role of a span between services (OpenTelemetry `SpanKind`; raw values are those on the wire).
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// Work within the process.
        case `internal` = 1
        /// Handles a request from elsewhere.
        case server = 2
        /// Waits for an answer from elsewhere.
        case client = 3
        /// Sends a message that is taken later.
        case producer = 4
        /// Handles a message that was sent earlier.
        case consumer = 5
    }

    /// How a span ended (OpenTelemetry `Status`; raw values are those on the wire).
    public enum Status: Hashable, Sendable {
        /// Not specified.
        case unset
        /// The operation is known to have succeeded. Final: nothing changes it any more.
        case ok
        /// The operation failed; the description may say why, and is empty otherwise.
        case error(String)

        /// A failure without description.
        public static let error = Status.error("")
    }
}
