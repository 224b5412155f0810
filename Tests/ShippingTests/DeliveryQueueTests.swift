import OTLP
import TestSupport
import Testing

@testable import Shipping

@Suite("What is sent when: the rules, in virtual time")
struct DeliveryQueueTests {
    private let start = ContinuousClock.now

    private func body(_ spans: Int = 10, bytes: Int = 100) -> Body {
        Body([UInt8](repeating: 0, count: bytes), .json, isCompressed: false, spanCount: spans)
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant {
        start.advanced(by: .milliseconds(Int(seconds * 1_000)))
    }

    private func queue(_ configure: (inout DeliveryQueue.Settings) -> Void = { _ in }) -> DeliveryQueue {
        var settings = DeliveryQueue.Settings()
        configure(&settings)
        return DeliveryQueue(settings)
    }

    /// The token of the next body to send, and what the attempt may take; nil when there is none now.
    private func send(_ queue: inout DeliveryQueue, _ seconds: Double) -> (token: Int, timeout: Duration?)? {
        if case .send(let token, _, let timeout) = queue.next(at(seconds)) { (token, timeout) } else { nil }
    }

    private func fail(_ queue: inout DeliveryQueue, _ token: Int, _ seconds: Double, after: Duration? = nil) {
        _ = queue.finish(
            token,
            .again(after: after, reason: "no"),
            mayHaveArrived: false,
            now: at(seconds),
            random: 0.5
        )
    }

    private func accept(_ queue: inout DeliveryQueue, _ token: Int, _ seconds: Double) {
        _ = queue.finish(
            token,
            .accepted(rejected: 0, message: ""),
            mayHaveArrived: false,
            now: at(seconds),
            random: 0.5
        )
    }

    @Test("several requests at a time while all is well, one while it is not")
    func probing() throws {
        var queue = queue()
        for _ in 0..<10 { queue.append(Delivery(body(), queued: start)) }
        let tokens = (0..<4).compactMap { _ in send(&queue, 0)?.token }
        #expect(tokens.count == 4)
        #expect(send(&queue, 0) == nil)
        fail(&queue, tokens[0], 0)
        #expect(send(&queue, 60) == nil, "the others are still under way")
        fail(&queue, tokens[1], 0)
        fail(&queue, tokens[2], 0)
        fail(&queue, tokens[3], 0)
        #expect(send(&queue, 0.1) == nil, "the wait is not over")
        let probe = try #require(send(&queue, 60))
        #expect(send(&queue, 60) == nil, "one probe")
        accept(&queue, probe.token, 60)
        #expect(queue.failure == nil)
        #expect((0..<9).compactMap { _ in send(&queue, 60) }.count == 4)
    }

    @Test("waits grow with every failure, up to a limit")
    func backoff() {
        let policy = RetryPolicy()
        let delays = (1...10).map { policy.delay(failures: $0, asked: nil, random: 1) }
        #expect(delays[0] == .seconds(1))
        #expect(delays[1] == .seconds(2))
        #expect(delays[4] == .seconds(16))
        #expect(delays[5] == .seconds(30))
        #expect(delays[9] == .seconds(30))
        #expect(policy.delay(failures: 3, asked: nil, random: 0) == .milliseconds(20), "never none at all")
    }

    @Test("what the receiver asks for is the least")
    func retryAfter() throws {
        var queue = queue { $0.exportTimeout = .seconds(3_600) }
        queue.append(Delivery(body(), queued: start))
        let first = try #require(send(&queue, 0))
        fail(&queue, first.token, 0, after: .seconds(7))
        #expect(send(&queue, 6.9) == nil)
        #expect(send(&queue, 15) != nil)
    }

    @Test("a receiver that asks for no wait, again and again, gets longer and longer ones all the same")
    func retryAfterNothing() {
        let policy = RetryPolicy()
        for asked in [Duration.zero, .seconds(1)] {
            #expect(policy.delay(failures: 1, asked: asked, random: 0) >= max(asked, .milliseconds(20)))
            #expect(policy.delay(failures: 5, asked: asked, random: 0.99) > .seconds(15))
        }
    }

    @Test("a hundred exporters do not come back in step")
    func jitter() {
        var random = SplitMix64(seed: 7)
        let policy = RetryPolicy()
        for asked in [nil, Duration.seconds(10)] {
            let delays = (0..<100).map { _ in
                policy.delay(failures: 4, asked: asked, random: .random(in: 0..<1, using: &random))
            }
            let buckets = Set(delays.map { $0.wholeMilliseconds / 100 })
            #expect(buckets.count > 40)
            if let asked { #expect(delays.allSatisfy { $0 >= asked }) }
        }
    }

    @Test("the timeout covers all attempts of a series and the waits between them")
    func exportTimeout() throws {
        var queue = queue { $0.exportTimeout = .seconds(10) }
        queue.append(Delivery(body(), queued: start))
        let first = try #require(send(&queue, 0))
        #expect(first.timeout == .seconds(10))
        fail(&queue, first.token, 1)
        let second = try #require(send(&queue, 3))
        #expect(second.timeout == .seconds(7), "what is left")
        fail(&queue, second.token, 9.9)
        let third = try #require(send(&queue, 30))
        #expect(third.timeout == .seconds(10), "a new series: the body waits, it is not lost")
    }

    @Test("no timeout: none for an attempt either")
    func noTimeout() throws {
        var queue = queue { $0.exportTimeout = nil }
        queue.append(Delivery(body(), queued: start))
        #expect(try #require(send(&queue, 0)).timeout == nil)
    }

    @Test("what nobody takes for too long is dropped and counted, oldest first")
    func expiry() throws {
        var queue = queue { $0.keepsFor = .seconds(300) }
        queue.append(Delivery(body(1), queued: start))
        queue.append(Delivery(body(2), queued: at(200)))
        let first = try #require(send(&queue, 0))
        fail(&queue, first.token, 0)
        let second = try #require(send(&queue, 301))
        #expect(queue.account.dropped == [.timeout: 1])
        accept(&queue, second.token, 301)
        #expect(queue.account.exported == 2)
        #expect(queue.isEmpty)
    }

    @Test("memory is bounded: no room beyond the limit, room again when a body is gone")
    func room() throws {
        var queue = queue { $0.waitingBytes = 250 }
        for _ in 0..<3 {
            #expect(queue.hasRoom)
            queue.append(Delivery(body(), queued: start))
        }
        #expect(!queue.hasRoom)
        let first = try #require(send(&queue, 0))
        #expect(!queue.hasRoom, "what is under way counts")
        accept(&queue, first.token, 0)
        #expect(queue.hasRoom)
    }

    @Test("what the spool kept from earlier goes behind everything new, and not in a burst")
    func replay() throws {
        var queue = queue { $0.replayInterval = .milliseconds(100) }
        queue.appendForReplay(Delivery(body(1), queued: start))
        queue.appendForReplay(Delivery(body(2), queued: start))
        queue.append(Delivery(body(3), queued: start))
        for (seconds, spans) in [(0.0, 3), (0.0, 1), (0.1, 2)] {
            guard case .send(let token, let delivery, _) = queue.next(at(seconds)) else {
                Issue.record("nothing to send at \(seconds)")
                return
            }
            #expect(delivery.spanCount == spans)
            accept(&queue, token, seconds)
            if spans == 1 { #expect(send(&queue, 0.05) == nil, "the interval") }
        }
    }

    @Test("whatever happens in whatever order, every span is counted exactly once", arguments: 0..<20)
    func conservation(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var queue = queue {
            $0.keepsFor = .seconds(20)
            $0.waitingBytes = 5_000
        }
        var created: UInt64 = 0
        var underWay: [(token: Int, spans: Int)] = []
        var time = 0.0
        for _ in 0..<2_000 {
            time += Double.random(in: 0..<0.5, using: &random)
            if Bool.random(using: &random), queue.hasRoom {
                let spans = Int.random(in: 1...50, using: &random)
                created += UInt64(spans)
                queue.append(Delivery(body(spans, bytes: 200), queued: at(time)))
            }
            if case .send(let token, let delivery, _) = queue.next(at(time)) {
                underWay.append((token, delivery.spanCount))
            }
            guard !underWay.isEmpty, Bool.random(using: &random) else { continue }
            let done = underWay.remove(at: Int.random(in: 0..<underWay.count, using: &random))
            let verdict: Verdict =
                switch Int.random(in: 0..<6, using: &random) {
                case 0: .again(after: nil, reason: "")
                case 1: .again(after: .seconds(1), reason: "")
                case 2: .refused(.status(400), reason: "")
                case 3: .accepted(rejected: 2, message: "")
                case 4: .split(reason: "", status: 413)
                default: .accepted(rejected: 0, message: "")
                }
            let event = queue.finish(
                done.token,
                verdict,
                mayHaveArrived: Bool.random(using: &random),
                now: at(time),
                random: .random(in: 0..<1, using: &random)
            )
            if case .tooLarge(let delivery, _, _) = event {
                if done.spans > 1 {
                    let half = done.spans / 2
                    queue.replace(
                        delivery,
                        with: [half, done.spans - half].map { Delivery(body($0, bytes: 100), queued: delivery.queued) }
                    )
                } else {
                    queue.drop(delivery, .tooLarge)
                }
            }
            let account = queue.account
            let dropped = account.dropped.values.reduce(0, +)
            #expect(account.exported + dropped + UInt64(queue.waitingSpanCount) == created)
        }
        #expect(queue.memoryBytes >= 0)
        #expect(queue.takeAll().reduce(0) { $0 + $1.memoryBytes } >= 0)
        #expect(queue.memoryBytes == 0)
    }
}
