import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Destinations of one receiver", .generousTimeLimit)
struct SharedReceiverTests {
    /// Destinations of two signals at one URL, whose attempts follow each other quickly.
    private final class Pair {
        let spans: HTTPDestination
        let logRecords: HTTPDestination
        private let lines = Locked<[String]>([])

        init(_ url: String) throws {
            let (lines, pool) = (lines, ConnectionPool())
            func make(_ signal: OTLPSignal) throws -> HTTPDestination {
                var retry = RetryPolicy()
                (retry.first, retry.longest) = (.milliseconds(20), .milliseconds(20))
                let log = ProfilerLog { level, line in lines.withLock { $0.append("\(level.rawValue): \(line)") } }
                let made = HTTPDestination(
                    OTLPExporter(url: "\(url)/v1/\(signal.rawValue)"),
                    signal,
                    spool: nil,
                    pool: pool,
                    log: log,
                    retry: retry,
                    roomChanged: {}
                )
                let destination = try #require(made)
                try #require(destination.start())
                return destination
            }
            (spans, logRecords) = (try make(.traces), try make(.logs))
        }

        var log: [String] { lines.withLock { $0 } }

        func offer(_ signal: OTLPSignal) {
            let text = signal == .traces ? "{\"resourceSpans\":[]}" : "{\"resourceLogs\":[]}"
            let body = Body(Array(text.utf8), .json, signal, isCompressed: false, spanCount: 1)
            (signal == .traces ? spans : logRecords).offer(Delivery(body, queued: .now), isReplay: false)
        }

        func close() {
            for destination in [spans, logRecords] { destination.close(until: .now.advanced(by: .generous)) }
        }
    }

    @Test("a connection serves all signals")
    func oneConnection() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let pair = try Pair(server.url)
        for signal in [OTLPSignal.traces, .logs, .logs, .traces] {
            pair.offer(signal)
            for destination in [pair.spans, pair.logRecords] { destination.settle(until: .now.advanced(by: .generous)) }
        }
        pair.close()
        #expect(server.requests.map(\.path) == ["/v1/traces", "/v1/logs", "/v1/logs", "/v1/traces"])
        #expect(Set(server.requests.map(\.connection)).count == 1)
    }

    @Test("while the receiver cannot be reached, one signal tries, and both are delivered when it is back")
    func oneProbe() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        server.pause()
        let pair = try Pair(server.url)
        pair.offer(.traces)
        try eventually("the other signal knows it", pair.logRecords.isFailing) { $0 }
        pair.offer(.logs)
        let before = pair.spans.account.requests
        try eventually("the first signal tries again", pair.spans.account.requests) { $0 >= before + 5 }
        #expect(pair.logRecords.account.requests == 0)
        #expect(pair.logRecords.account.waiting.memory == 1)
        try server.resume()
        try eventually("both are delivered", [pair.spans, pair.logRecords].map(\.account.exported)) { $0 == [1, 1] }
        #expect(!pair.logRecords.isFailing && pair.logRecords.account.requests == 1)
        pair.close()
        #expect(pair.log.count == 2 && pair.log.allSatisfy { $0.contains("traces → ") }, "\(pair.log)")
    }

    @Test("the other signal tries when the first has nothing to send any more, or has ended")
    func nextProbe() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        server.pause()
        let pair = try Pair(server.url)
        pair.offer(.traces)
        try eventually("the other signal knows it", pair.logRecords.isFailing) { $0 }
        pair.spans.close(until: .now)
        #expect(pair.spans.hasEnded)
        pair.offer(.logs)
        try eventually("the other signal tries", pair.logRecords.account.requests) { $0 > 2 }
        try server.resume()
        try eventually("it is delivered", pair.logRecords.account.exported) { $0 == 1 }
        pair.close()
    }

    @Test(
        "requests of one signal that fail or hang delay no other signal",
        arguments: [Answer.neverAnswer, .unavailable(.seconds(3_600)), .resetMidBody]
    )
    func independence(answer: Answer) throws {
        let server = try FaultServer { request, _ in request.path == "/v1/logs" ? answer : .ok }
        defer { server.stop() }
        let pair = try Pair(server.url)
        for _ in 0..<20 { pair.offer(.logs) }
        try eventually("requests of the first signal were sent", pair.logRecords.account.requests) { $0 > 0 }
        for _ in 0..<20 { pair.offer(.traces) }
        try eventually("the other signal is delivered", pair.spans.account.exported) { $0 == 20 }
        #expect(!pair.spans.isFailing && pair.logRecords.account.exported == 0)
        pair.logRecords.close(until: .now)
        pair.close()
    }

    @Test("another server, socket or certificate has connections of its own")
    func keys() {
        func key(_ url: String, _ configure: (inout OTLPExporter) -> Void = { _ in }) -> ReceiverConnections.Key? {
            var exporter = OTLPExporter(url: url)
            configure(&exporter)
            return ReceiverConnections.Key(exporter)
        }
        let known = key("http://localhost:4318/v1/traces")
        #expect(known == key("http://localhost:4318/v1/logs") && known == key("http://localhost:4318/other?query"))
        for url in ["http://localhost:4319/v1/logs", "https://localhost:4318/v1/logs", "unix:///tmp/a.sock"] {
            #expect(key(url) != nil && key(url) != known)
        }
        #expect(key("unix:///tmp/a.sock") != key("unix:///tmp/b.sock"))
        let files: [WritableKeyPath<OTLPExporter, String?>] = [
            \.certificateFile, \.clientCertificateFile, \.clientKeyFile,
        ]
        for file in files {
            #expect(key("http://localhost:4318") { $0[keyPath: file] = "/a" } != known)
        }
        #expect(key("not a URL") == nil)
    }
}

@Suite("A failure that another destination has found, in virtual time")
struct SharedFailureTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant {
        start.advanced(by: .milliseconds(Int(seconds * 1_000)))
    }

    private func queue() -> DeliveryQueue {
        var queue = DeliveryQueue(DeliveryQueue.Settings())
        queue.append(Delivery(Body([1], .json, isCompressed: false, spanCount: 1), queued: start))
        return queue
    }

    private func failure(next: Double, count: Int = 1) -> DeliveryQueue.Failure {
        DeliveryQueue.Failure(
            since: start,
            count: count,
            nextAttempt: at(next),
            reason: "refused",
            isUnreachable: true
        )
    }

    private func token(_ queue: inout DeliveryQueue, _ seconds: Double) -> Int? {
        if case .send(let token, _, _) = queue.next(at(seconds)) { token } else { nil }
    }

    @Test("the queue waits for the next attempt of the other, and tries with the other's backoff")
    func waiting() throws {
        var queue = queue()
        queue.share(failure(next: 10, count: 4))
        #expect(token(&queue, 9.9) == nil)
        queue.share(failure(next: 20, count: 5))
        #expect(token(&queue, 19.9) == nil)
        let attempt = try #require(token(&queue, 20))
        let event = queue.finish(
            attempt,
            .again(after: nil, reason: "refused"),
            mayHaveArrived: false,
            isUnreachable: true,
            now: at(20),
            random: 1
        )
        guard case .postponed(let isFirst, _) = event else { throw Unexpected() }
        #expect(isFirst, "nothing was logged for this signal before")
        #expect(queue.failure?.count == 6 && queue.failure?.nextAttempt == at(50))
    }

    @Test("when the receiver is back, the queue sends at once, and reports a recovery only of its own failure")
    func back() throws {
        for isOwn in [false, true] {
            var queue = queue()
            if isOwn {
                let attempt = try #require(token(&queue, 0))
                _ = queue.finish(
                    attempt,
                    .again(after: nil, reason: "refused"),
                    mayHaveArrived: false,
                    isUnreachable: true,
                    now: at(0),
                    random: 1
                )
            }
            queue.share(failure(next: 30))
            queue.receiverIsBack(at(1))
            #expect((queue.failure != nil) == isOwn)
            let attempt = try #require(token(&queue, 1))
            let event = queue.finish(
                attempt,
                .accepted(rejected: 0, message: ""),
                mayHaveArrived: false,
                now: at(1),
                random: 0
            )
            guard case .delivered(_, _, _, let recovered) = event else { throw Unexpected() }
            #expect((recovered != nil) == isOwn && queue.failure == nil)
        }
    }

    @Test("a wait that the receiver has asked for this signal to make is kept")
    func retryAfter() throws {
        var queue = queue()
        let attempt = try #require(token(&queue, 0))
        _ = queue.finish(
            attempt,
            .again(after: .seconds(100), reason: "status 503"),
            mayHaveArrived: false,
            now: at(0),
            random: 0
        )
        queue.share(failure(next: 5))
        #expect(queue.failure?.reason == "status 503" && queue.failure?.nextAttempt == at(100))
        queue.receiverIsBack(at(6))
        #expect(token(&queue, 99) == nil && token(&queue, 100) != nil)
    }

    private struct Unexpected: Error {}
}
