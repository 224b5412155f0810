import SpanKitPlatform

/// The last line of a log.
final class FailureLine: Sendable {
    private let line = Locked("")

    var text: String { line.withLock { $0 } }

    func set(_ text: String) {
        line.withLock { $0 = text }
    }
}
