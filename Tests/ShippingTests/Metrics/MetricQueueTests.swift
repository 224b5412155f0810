import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Delivery rules of metrics, in virtual time")
struct MetricQueueTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant {
        start.advanced(by: .milliseconds(Int(seconds * 1_000)))
    }

    private func body(_ name: String, isDelta: Bool, points: Int = 1) -> MetricBody {
        let metric = Metric(
            name,
            description: "",
            unit: "",
            kind: .sum(isMonotonic: true),
            temporality: isDelta ? .delta : .cumulative,
            points: (0..<points).map { _ in Metric.Point(.int(1)) }
        )
        let bodies = MetricBodies(
            format: BodyFormat(.otlp(.json)),
            resource: Resource(),
            scope: InstrumentationScope(name: ""),
            limit: .max
        )
        return bodies.bodies(of: [metric], isDelta: isDelta)[0]
    }

    /// The name of the metric that is sent now, and the timeout.
    private func send(_ queue: inout MetricQueue, _ seconds: Double) -> (name: String, timeout: Duration?)? {
        guard case .send(let body, let timeout) = queue.next(at(seconds)) else { return nil }
        return (body.metrics[0].name, timeout)
    }

    private func finish(_ queue: inout MetricQueue, _ verdict: Verdict, _ seconds: Double) {
        _ = queue.finish(verdict, now: at(seconds), random: 0.5)
    }

    private let failed = Verdict.again(after: nil, reason: "no")
    private let accepted = Verdict.accepted(rejected: 0, message: "")

    @Test("of cumulative readings only the newest waits; deltas wait in order")
    func order() throws {
        var queue = MetricQueue(.init())
        queue.append([body("c1", isDelta: false), body("d1", isDelta: true)])
        #expect(send(&queue, 0)?.name == "c1")
        finish(&queue, failed, 0)
        #expect(send(&queue, 0.1) == nil, "the backoff is 0.5 s")
        queue.append([body("c2", isDelta: false), body("d2", isDelta: true)])
        var sent: [String] = []
        while let (name, _) = send(&queue, 1) {
            sent.append(name)
            finish(&queue, accepted, 1)
        }
        #expect(sent == ["c2", "d1", "d2"])
        #expect(queue.isEmpty)
        #expect(queue.account.dropped == [.superseded: 1] && queue.account.exported == 3)
    }

    @Test("a reading with the ends of series is not replaced by a later one")
    func ends() {
        var queue = MetricQueue(.init())
        var ending = body("c1", isDelta: false)
        ending.hasEnds = true
        queue.append([ending])
        #expect(!queue.hasSentNewest)
        #expect(send(&queue, 0)?.name == "c1")
        finish(&queue, failed, 0)
        for name in ["c2", "c3"] { queue.append([body(name, isDelta: false)]) }
        var sent: [String] = []
        while let (name, _) = send(&queue, 1) {
            sent.append(name)
            finish(&queue, accepted, 1)
        }
        #expect(sent == ["c1", "c3"])
        #expect(queue.hasSentNewest)
        #expect(queue.account.dropped == [.superseded: 1])
    }

    @Test("a delta is sent again before the later ones, as the same body")
    func retry() {
        var queue = MetricQueue(.init())
        queue.append([body("d1", isDelta: true)])
        queue.append([body("d2", isDelta: true)])
        for attempt in 0..<20 {
            #expect(send(&queue, Double(attempt) * 60)?.name == "d1")
            finish(&queue, failed, Double(attempt) * 60)
        }
        #expect(send(&queue, 5_000)?.name == "d1")
        finish(&queue, accepted, 5_000)
        #expect(send(&queue, 5_000)?.name == "d2")
    }

    @Test("no attempt is earlier than Retry-After, even at the shutdown")
    func retryAfter() {
        var queue = MetricQueue(.init())
        queue.append([body("d", isDelta: true)])
        _ = send(&queue, 0)
        finish(&queue, .again(after: .seconds(30), reason: "busy"), 0)
        queue.hurry(until: at(60), at(1))
        #expect(send(&queue, 29) == nil)
        #expect(send(&queue, 46)?.name == "d")
    }

    @Test("the deadline limits all attempts of a series, and a later attempt starts a new one")
    func deadline() throws {
        var settings = MetricQueue.Settings()
        settings.timeout = .seconds(10)
        var queue = MetricQueue(settings)
        queue.append([body("d", isDelta: true)])
        #expect(send(&queue, 0)?.timeout == .seconds(10))
        finish(&queue, failed, 4)
        #expect(try #require(send(&queue, 5)?.timeout) == .seconds(5))
        finish(&queue, failed, 9.5)
        #expect(try #require(send(&queue, 60)?.timeout) == .seconds(10))
    }

    @Test("when the memory is full, no new deltas are made, and none is dropped")
    func memory() {
        var settings = MetricQueue.Settings()
        settings.waitingBytes = 3_000
        var queue = MetricQueue(settings)
        var readings = 0
        while queue.hasRoomForDeltas, readings < 100 {
            queue.append([body("d\(readings)", isDelta: true)])
            readings += 1
        }
        #expect((2..<10).contains(readings))
        for number in 0..<readings {
            #expect(send(&queue, 0)?.name == "d\(number)")
            finish(&queue, accepted, 0)
        }
        #expect(queue.hasRoomForDeltas && queue.isEmpty && queue.account.droppedTotal == 0)
    }

    @Test("every data point is in one term, whatever happens", arguments: 0..<20)
    func account(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var queue = MetricQueue(.init())
        var (handed, time) = (UInt64(0), 0.0)
        for number in 0..<400 {
            time += Double.random(in: 0...5, using: &random)
            let points = Int.random(in: 1...9, using: &random)
            if Int.random(in: 0..<3, using: &random) == 0 {
                queue.append([body("\(number)", isDelta: Bool.random(using: &random), points: points)])
                handed += UInt64(points)
            }
            guard case .send = queue.next(at(time)) else { continue }
            #expect(queue.census.inFlight > 0)
            let verdicts: [Verdict] = [
                accepted, failed, .accepted(rejected: 3, message: ""), .again(after: .seconds(2), reason: ""),
                .refused(.status(400), reason: ""), .split(reason: "", status: 413),
            ]
            let verdict = verdicts[Int.random(in: 0..<verdicts.count, using: &random)]
            switch queue.finish(verdict, now: at(time), random: 0.5) {
            case .refused(_, let why, _):
                #expect(!queue.isEmpty && queue.census.total > 0, "the body is still somewhere")
                queue.dropRefused(why)
            case .tooLarge(let body, _):
                if queue.mayDivide { queue.divide(into: [body]) } else { queue.dropRefused(.tooLarge) }
            default: break
            }
            #expect(queue.account.exported + queue.account.droppedTotal + queue.census.total == handed)
        }
        #expect(queue.account.exported > 0 && queue.account.droppedTotal > 0)
    }
}

extension DeliveryAccount {
    fileprivate var droppedTotal: UInt64 { dropped.values.reduce(0, +) }
}
