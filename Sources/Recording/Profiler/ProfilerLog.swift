import SpanKitPlatform

/// Where the profiler's own lines go. The recording room knows no logging package; `SpanKitServer` has the adapter for
/// swift-log.
public struct ProfilerLog: Sendable {
    /// How much a line matters.
    public enum Level: String, Sendable {
        /// A summary somebody asked for.
        case info
        /// Something is slow or wrong, and the program goes on.
        case warning
        /// Something does not work.
        case error
    }

    private let write: @Sendable (Level, String) -> Void

    /// Creates a log from a closure, which may be called from any thread.
    public init(_ write: @escaping @Sendable (Level, String) -> Void) {
        self.write = write
    }

    /// Writes one line.
    public func callAsFunction(_ level: Level, _ line: @autoclosure () -> String) {
        write(level, line())
    }

    /// One line on standard error, as `spankit: warning: …`.
    public static let standardError = ProfilerLog { level, line in
        writeToStandardError(level == .info ? "spankit: \(line)\n" : "spankit: \(level.rawValue): \(line)\n")
    }

    /// Nowhere.
    public static let silent = ProfilerLog { _, _ in }
}
