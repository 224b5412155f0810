import SpanKitHTTP
import SpanKitOTLP
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Delivery rules, in virtual time")
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

    /// The token of the next body to send, and the timeout of the attempt; nil if none is sent now.
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

    @Test("several requests are in flight while the receiver works, one while it fails")
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

    @Test("the backoff grows with every failure, up to a limit")
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

    @Test("the receiver's Retry-After is the minimum wait")
    func retryAfter() throws {
        var queue = queue { $0.exportTimeout = .seconds(3_600) }
        queue.append(Delivery(body(), queued: start))
        let first = try #require(send(&queue, 0))
        fail(&queue, first.token, 0, after: .seconds(7))
        #expect(send(&queue, 6.9) == nil)
        #expect(send(&queue, 15) != nil)
    }

    @Test("the backoff grows even if the receiver asks for no wait")
    func retryAfterNothing() {
        let policy = RetryPolicy()
        for asked in [Duration.zero, .seconds(1)] {
            #expect(policy.delay(failures: 1, asked: asked, random: 0) >= max(asked, .milliseconds(20)))
            #expect(policy.delay(failures: 5, asked: asked, random: 0.99) > .seconds(15))
        }
    }

    @Test("a hundred exporters retry at different times")
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

    @Test("an attempt has at least half of the timeout, so that a slow receiver does not get spans twice")
    func shortestAttempt() throws {
        var queue = queue { $0.exportTimeout = .seconds(10) }
        queue.append(Delivery(body(), queued: start))
        let first = try #require(send(&queue, 0))
        fail(&queue, first.token, 1)
        let second = try #require(send(&queue, 5))
        #expect(second.timeout == .seconds(5))
        fail(&queue, second.token, 5.1)
        let third = try #require(send(&queue, 9))
        #expect(third.timeout == .seconds(10), "1 s is left, so a new series begins")
    }

    @Test("without a timeout, single attempts have none either")
    func noTimeout() throws {
        var queue = queue { $0.exportTimeout = nil }
        queue.append(Delivery(body(), queued: start))
        #expect(try #require(send(&queue, 0)).timeout == nil)
    }

    @Test("expired bodies are dropped and counted, oldest first")
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

    @Test("memory is bounded, and a delivered body frees its memory")
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

    @Test("bodies of earlier processes are sent after new ones, with pauses")
    func replay() throws {
        var queue = queue { $0.replayInterval = .milliseconds(100) }
        queue.appendForReplay(Delivery(body(1), queued: start))
        queue.appendForReplay(Delivery(body(2), queued: start))
        queue.append(Delivery(body(3), queued: start))
        for (seconds, spans) in [(0.0, 3), (0.0, 1), (0.1, 2)] {
            guard case .send(let token, let group, _) = queue.next(at(seconds)) else {
                Issue.record("nothing to send at \(seconds)")
                return
            }
            #expect(group.map(\.spanCount) == [spans])
            accept(&queue, token, seconds)
            if spans == 1 { #expect(send(&queue, 0.05) == nil, "the interval") }
        }
    }

    /// What a test did with a queue, kept by the test itself.
    private struct Oracle {
        var created: UInt64 = 0
        var exported: UInt64 = 0
        /// But for those that were dropped because of their age.
        var dropped: [DropReason: UInt64] = [:]
        var possiblyDuplicated: UInt64 = 0
        var requests: UInt64 = 0
        var inFlight: [(token: Int, group: [Delivery])] = []
        var splitting: [Delivery] = []

        static func spans(_ deliveries: some Sequence<Delivery>) -> UInt64 {
            deliveries.reduce(0) { $0 + UInt64($1.spanCount) }
        }

        mutating func drop(_ reason: DropReason, _ spans: Int) {
            if spans > 0 { dropped[reason, default: 0] += UInt64(spans) }
        }

        /// Takes note of what came of a request.
        mutating func finish(_ group: [Delivery], _ verdict: Verdict, _ event: DeliveryEvent?) {
            switch (verdict, event) {
            case (.accepted(let rejected, _), _):
                let spans = Int(Self.spans(group))
                exported += UInt64(max(0, spans - rejected))
                drop(.rejected, min(rejected, spans))
                possiblyDuplicated += Self.spans(group.filter(\.mayHaveArrived))
            case (.refused(let why, _), _) where group.count == 1: drop(why, group[0].spanCount)
            case (.split, .tooLarge(let delivery, _, _)): splitting.append(delivery)
            default: break
            }
        }
    }

    @Test(
        "every span is in exactly one term after any sequence of events",
        arguments: 0..<20,
        [false, true]
    )
    func conservation(seed: Int, isInFiles: Bool) throws {
        let folder = TemporaryFolder()
        let directory = try SpoolDirectory.make(in: folder.path).get()
        var random = SplitMix64(seed: UInt64(seed))
        var queue = queue {
            $0.keepsFor = .seconds(20)
            $0.waitingBytes = 5_000
        }
        var oracle = Oracle()
        var time = 0.0
        var lastBatch: UInt64 = 0
        func delivery(_ body: Body, queued: ContinuousClock.Instant) -> Delivery {
            guard isInFiles else { return Delivery(body, queued: queued) }
            lastBatch += 1
            return Delivery(SpoolFile(directory: directory, batch: lastBatch, body), body: body, queued: queued)
        }
        for _ in 0..<2_000 {
            time += Double.random(in: 0..<0.5, using: &random)
            if Bool.random(using: &random), queue.hasRoom {
                let new = delivery(body(Int.random(in: 1...50, using: &random), bytes: 200), queued: at(time))
                oracle.created += UInt64(new.spanCount)
                if isInFiles, Int.random(in: 0..<4, using: &random) == 0 {
                    queue.appendForReplay(new)
                } else {
                    queue.append(new)
                }
            }
            if Int.random(in: 0..<20, using: &random) == 0 { queue.hurry(until: at(time + 3), at(time)) }
            if case .send(let token, let group, _) = queue.next(at(time)) {
                oracle.requests += 1
                switch Int.random(in: 0..<10, using: &random) {
                case 0:
                    queue.disband(token)
                    oracle.requests -= 1
                case 1:
                    let count = Int.random(in: 1...group.count, using: &random)
                    queue.shorten(token, to: count)
                    oracle.inFlight.append((token, Array(group[..<count])))
                default: oracle.inFlight.append((token, group))
                }
            }
            if let whole = oracle.splitting.popLast() {
                let half = whole.spanCount / 2
                if half > 0 {
                    let parts = [half, whole.spanCount - half].map { body($0, bytes: 100) }
                    queue.replace(whole, with: parts.map { delivery($0, queued: whole.queued) })
                } else {
                    queue.drop(whole, .tooLarge)
                    oracle.drop(.tooLarge, whole.spanCount)
                }
            }
            if !oracle.inFlight.isEmpty, Bool.random(using: &random) {
                let done = oracle.inFlight.remove(at: Int.random(in: oracle.inFlight.indices, using: &random))
                let verdict = Self.randomVerdict(&random)
                let event = queue.finish(
                    done.token,
                    verdict,
                    mayHaveArrived: Bool.random(using: &random),
                    now: at(time),
                    random: .random(in: 0..<1, using: &random)
                )
                oracle.finish(done.group, verdict, event)
            }
            if Int.random(in: 0..<50, using: &random) == 0 {
                let file = queue.dropOldestFile(.spoolFull) { $0.batch % 2 == 0 }
                #expect(isInFiles || file == nil)
                if let file { oracle.drop(.spoolFull, file.spanCount) }
            }
            if Int.random(in: 0..<50, using: &random) == 0 {
                queue.count(.queueFull, 3)
                oracle.created += 3
                oracle.drop(.queueFull, 3)
            }
            check(queue, oracle, isInFiles)
        }
        #expect(queue.account.exported > 0 && queue.account.dropped.count >= 3, "the run has met all outcomes")
        #expect(queue.account.possiblyDuplicated > 0)
        #expect(queue.account.dropped[isInFiles ? .spoolFull : .timeout] ?? 0 > 0)
        drain(queue, oracle, from: time + 1_000)
        queue.end(sent: Set(oracle.inFlight.map(\.token)))
        #expect(queue.census.inFlight == 0)
        let dropped = queue.account.dropped.values.reduce(0, +)
        #expect(queue.account.exported + dropped + queue.census.total == oracle.created)
    }

    private func check(_ queue: DeliveryQueue, _ oracle: Oracle, _ isInFiles: Bool) {
        let dropped = queue.account.dropped.values.reduce(0, +)
        #expect(queue.account.exported + dropped + queue.census.total == oracle.created)
        #expect(queue.account.exported == oracle.exported)
        #expect(queue.account.dropped.filter { $0.key != .timeout } == oracle.dropped)
        #expect(queue.account.possiblyDuplicated == oracle.possiblyDuplicated)
        #expect(queue.account.requests == oracle.requests)
        #expect(queue.census.inFlight == Oracle.spans(oracle.inFlight.flatMap(\.group)))
        #expect(queue.census.unacknowledged == 0)
        // A body that is being split belongs to the thread that splits it, wherever it came from.
        #expect(isInFiles ? queue.census.memory == Oracle.spans(oracle.splitting) : queue.census.files == 0)
    }

    /// Answers everything, after which no memory is taken.
    private func drain(_ queue: DeliveryQueue, _ oracle: Oracle, from begin: Double) {
        var (queue, time) = (queue, begin)
        for (token, _) in oracle.inFlight { accept(&queue, token, time) }
        for whole in oracle.splitting { queue.drop(whole, .tooLarge) }
        while case .send(let token, _, _) = queue.next(at(time)) {
            accept(&queue, token, time)
            time += 1
        }
        #expect(queue.isEmpty)
        #expect(queue.memoryBytes == 0)
        let dropped = queue.account.dropped.values.reduce(0, +)
        #expect(queue.account.exported + dropped == oracle.created)
    }

    private static func randomVerdict(_ random: inout SplitMix64) -> Verdict {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: .again(after: nil, reason: "")
        case 1: .again(after: .seconds(1), reason: "")
        case 2: .refused(.status(400), reason: "")
        case 3: .accepted(rejected: 2, message: "")
        case 4: .split(reason: "", status: 413)
        default: .accepted(rejected: 0, message: "")
        }
    }

    // MARK: Several bodies in one request

    /// The spans of each body in the next request.
    private func group(_ queue: inout DeliveryQueue, _ seconds: Double) -> (token: Int, spans: [Int])? {
        guard case .send(let token, let group, _) = queue.next(at(seconds)) else { return nil }
        return (token, group.map(\.spanCount))
    }

    @Test("during a flush, bodies are joined into requests")
    func joining() throws {
        var queue = queue { $0.parallelRequests = 2 }
        for spans in 1...6 { queue.append(Delivery(body(spans), queued: start)) }
        #expect(group(&queue, 0)?.spans == [1], "without a flush: one body each")
        queue.hurry(until: at(5), at(0))
        let rest = try #require(group(&queue, 0))
        #expect(rest.spans == [2, 3, 4, 5, 6], "one request is free")
        accept(&queue, rest.token, 2)
        #expect(queue.account.exported == 20)
        #expect(queue.account.requests == 2)
        #expect(queue.memoryBytes == 100)
    }

    @Test("the backlog of an outage is sent in larger requests, up to the span limit")
    func backlog() throws {
        var queue = queue {
            $0.parallelRequests = 2
            $0.joinedSpans = 100
        }
        for _ in 0..<20 { queue.append(Delivery(body(30), queued: start)) }
        #expect(group(&queue, 0)?.spans == [30, 30, 30])
        #expect(group(&queue, 0)?.spans == [30, 30, 30])
    }

    @Test("a body that may have arrived is never joined with others")
    func unknownFate() throws {
        var queue = queue { $0.parallelRequests = 1 }
        for spans in 1...3 { queue.append(Delivery(body(spans), queued: start)) }
        let first = try #require(group(&queue, 0))
        _ = queue.finish(
            first.token,
            .again(after: nil, reason: ""),
            mayHaveArrived: true,
            now: at(1),
            random: 0.5
        )
        queue.hurry(until: at(60), at(1))
        let second = try #require(group(&queue, 2))
        #expect(second.spans == [1], "the same bytes again")
        accept(&queue, second.token, 2)
        #expect(queue.account.possiblyDuplicated == 1)
        #expect(group(&queue, 2)?.spans == [2, 3])
    }

    @Test("if a request with several bodies is refused, each is sent alone, and only the bad one is dropped")
    func refusedTogether() throws {
        for verdict in [Verdict.refused(.status(400), reason: ""), .split(reason: "", status: 413)] {
            var queue = queue { $0.parallelRequests = 1 }
            for spans in 1...3 { queue.append(Delivery(body(spans), queued: start)) }
            queue.hurry(until: at(60), at(0))
            let together = try #require(group(&queue, 0))
            #expect(together.spans == [1, 2, 3])
            _ = queue.finish(together.token, verdict, mayHaveArrived: false, now: at(1), random: 0)
            #expect(queue.account.dropped.isEmpty && queue.account.exported == 0 && queue.failure == nil)
            for spans in 1...3 {
                let one = try #require(group(&queue, 1))
                #expect(one.spans == [spans])
                if spans == 2 {
                    _ = queue.finish(
                        one.token,
                        .refused(.status(400), reason: ""),
                        mayHaveArrived: false,
                        now: at(1),
                        random: 0
                    )
                } else {
                    accept(&queue, one.token, 1)
                }
            }
            #expect(queue.account.exported == 4 && queue.account.dropped == [.status(400): 2] && queue.isEmpty)
        }
    }

    // MARK: Deadlines

    /// The times of all attempts until the deadline, each of which fails.
    private func attempts(_ deadline: Double, asked: Duration? = nil, random: Double) -> [Double] {
        var queue = queue()
        queue.append(Delivery(body(), queued: start))
        queue.hurry(until: at(deadline), at(0))
        var times: [Double] = []
        var time = 0.0
        while time < deadline, times.count < 100 {
            switch queue.next(at(time)) {
            case .send(let token, _, _):
                times.append(time)
                _ = queue.finish(
                    token,
                    .again(after: asked, reason: ""),
                    mayHaveArrived: false,
                    now: at(time),
                    random: random
                )
            case .wait(let until):
                guard let until else { return times }
                time = Double(start.duration(to: until).wholeMilliseconds) / 1_000
            }
        }
        return times
    }

    @Test("with a deadline, attempts become more frequent towards it")
    func attemptsUntilDeadline() {
        for random in [0.1, 0.5, 0.99] {
            let times = attempts(5, random: random)
            #expect(times.count >= 5 && times.count < 100)
            #expect(times.last ?? 0 > 4.9, "the last attempt is near the deadline")
        }
    }

    @Test("a flush retries at once, but never before Retry-After")
    func hurryAndRetryAfter() throws {
        var queue = queue()
        queue.append(Delivery(body(), queued: start))
        fail(&queue, try #require(send(&queue, 0)).token, 0, after: .seconds(3))
        queue.hurry(until: at(10), at(1))
        #expect(send(&queue, 2.9) == nil)
        fail(&queue, try #require(send(&queue, 3)).token, 3)
        queue.hurry(until: at(10), at(3.001))
        #expect(send(&queue, 3.001) != nil, "no wait was asked for, so backoff gives way")
        #expect(attempts(5, asked: .seconds(1), random: 0.9).allSatisfy { $0 == $0.rounded() || $0 > 1 })
        #expect(attempts(5, asked: .seconds(2), random: 0).count == 3, "at 0, 2 and 4 s")
    }

    @Test("nothing can be delivered if Retry-After is later than the deadline")
    func retryAfterBeyondDeadline() throws {
        var queue = queue()
        queue.append(Delivery(body(), queued: start))
        #expect(queue.canDeliver(before: at(5)))
        fail(&queue, try #require(send(&queue, 0)).token, 0, after: .seconds(3_600))
        queue.hurry(until: at(5), at(0))
        #expect(!queue.canDeliver(before: at(5)))
        #expect(queue.canDeliver(before: at(4_000)))
        #expect(queue.failure?.description(at(0)) == "no; the receiver asks to wait 1 h 0 m")
        #expect(send(&queue, 4.9) == nil)
    }

    @Test("a flush is done when all earlier bodies are answered")
    func marks() throws {
        var queue = queue { $0.parallelRequests = 1 }
        queue.append(Delivery(body(1), queued: start))
        let mark = queue.mark()
        queue.append(Delivery(body(2), queued: start))
        #expect(!queue.isSettled(upTo: mark))
        let first = try #require(send(&queue, 0))
        #expect(!queue.isSettled(upTo: mark))
        let event = queue.finish(
            first.token,
            .split(reason: "", status: 413),
            mayHaveArrived: false,
            now: at(0),
            random: 0
        )
        #expect(!queue.isSettled(upTo: mark), "it is being split")
        guard case .tooLarge(let delivery, _, _) = event else {
            Issue.record("not split")
            return
        }
        queue.replace(delivery, with: [Delivery(body(1), queued: start)])
        #expect(!queue.isSettled(upTo: mark), "its part inherits the place")
        accept(&queue, try #require(send(&queue, 0)).token, 0)
        #expect(queue.isSettled(upTo: mark))
        #expect(!queue.isEmpty)
        // What came later is later in parts as well.
        let second = try #require(send(&queue, 0))
        guard
            case .tooLarge(let later, _, _) = queue.finish(
                second.token,
                .split(reason: "", status: 413),
                mayHaveArrived: false,
                now: at(0),
                random: 0
            )
        else {
            Issue.record("not split")
            return
        }
        queue.replace(later, with: [Delivery(body(1), queued: start), Delivery(body(1), queued: start)])
        #expect(queue.isSettled(upTo: mark))
        #expect(!queue.isSettled(upTo: queue.mark()))
    }

    @Test("at the end, unacknowledged spans are counted separately from unsent ones")
    func unacknowledged() throws {
        var queue = queue { $0.parallelRequests = 2 }
        for spans in [1, 2, 4] { queue.append(Delivery(body(spans), queued: start)) }
        let first = try #require(send(&queue, 0))
        _ = try #require(send(&queue, 0))
        queue.end(sent: [first.token])
        #expect(queue.census == DeliveryCensus(memory: 6, files: 0, inFlight: 0, unacknowledged: 1))
    }
}
