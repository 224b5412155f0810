import SpanKitPlatform
import SpanKitRecording

/// The log of a meter, which writes each line once.
final class MeterLog: Sendable {
    private let log: ProfilerLog
    private let logged = Locked<Set<String>>([])
    /// The largest number of different lines. More are not logged, because a program that makes names from data would fill its log.
    private static let limit = 1_000

    init(_ log: ProfilerLog) {
        self.log = log
    }

    func acquireForFork() { logged.acquireForFork() }

    func callAsFunction(_ level: ProfilerLog.Level, _ line: String) {
        let isNew = logged.withLock { logged in
            logged.count < Self.limit && logged.insert(line).inserted
        }
        if isNew { log(level, line) }
    }
}
