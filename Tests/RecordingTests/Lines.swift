import Synchronization

@testable import SpanKitRecording

/// Collects the lines that a profiler logs.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var log: ProfilerLog {
        ProfilerLog { level, line in self.lines.withLock { $0.append("\(level.rawValue): \(line)") } }
    }
}
