import CSpanKit
import SpanKitPlatform

/// The log for SpanKit's own messages. `SpanKitServer` has an adapter for swift-log.
public struct ProfilerLog: Sendable {
    /// The severity of a message.
    public enum Level: String, Sendable {
        /// A summary, or a change of state, such as a receiver that is available again.
        case info
        /// A slow operation or a problem that SpanKit can work around.
        case warning
        /// A part of SpanKit does not work.
        case error
    }

    private let write: @Sendable (Level, String) -> Void

    /// Creates a log that calls a closure for each message, on any thread.
    public init(_ write: @escaping @Sendable (Level, String) -> Void) {
        self.write = write
    }

    /// Logs one message. If the closure passes the message to a logging API whose records SpanKit exports, the message
    /// is not exported.
    public func callAsFunction(_ level: Level, _ line: @autoclosure () -> String) {
        spankit_mute_log_records()
        defer { spankit_unmute_log_records() }
        write(level, line())
    }

    /// Writes each message as a line to standard error, such as `spankit: warning: …`.
    public static let standardError = ProfilerLog { level, line in
        writeToStandardError(level == .info ? "spankit: \(line)\n" : "spankit: \(level.rawValue): \(line)\n")
    }

    /// Discards all messages.
    public static let silent = ProfilerLog { _, _ in }
}
