import SpanKitPlatform
import SpanKitRecording
import Testing

@testable import SpanKitShipping

@Suite("The exporter's log contains changes, not events")
struct DestinationLogTests {
    @Test("drops during an outage are logged once a minute, and its end once")
    func outage() {
        let lines = Locked<[String]>([])
        let log = DestinationLog(name: "traces → x", log: ProfilerLog { _, line in lines.withLock { $0.append(line) } })
        let start = ContinuousClock.now
        for second in 0..<3_600 {
            let now = start.advanced(by: .seconds(second))
            log.postponed(isFirst: second == 0, reason: "connection refused", waiting: 5)
            log.dropped(10, .timeout, reason: "nobody took them", now: now)
        }
        #expect(lines.withLock { $0.count } <= 61)
        let failure = DeliveryQueue.Failure(since: start, count: 3_600, nextAttempt: start, reason: "")
        log.delivered(rejected: 0, message: "", recovered: failure, now: start.advanced(by: .seconds(3_600)))
        let last = lines.withLock { $0.last }
        #expect(last == "traces → x: delivers again, after 1 h 0 m and 3600 failed attempts")
        log.ended()
        let dropped = lines.withLock { lines in
            lines.compactMap { line in
                line.firstMatch(of: #/: ([0-9]+) spans dropped/#).flatMap { Int($0.1) }
            }.reduce(0, +)
        }
        #expect(dropped == 36_000, "every drop is in some line")
    }
}
