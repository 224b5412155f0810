import Foundation
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Deadlines", .serialized, .generousTimeLimit)
struct DeadlineTests {
    private func shutdownTime(_ run: ShippingRun, _ duration: Duration) -> (Duration, ShippingAccount) {
        let start = ContinuousClock.now
        let account = run.shutdown(duration)
        return (start.duration(to: .now), account)
    }

    @Test(
        "shutdown keeps its deadline if the receiver never answers",
        arguments: [Answer.neverAnswer, .acceptOnly, .slow(bytesPerSecond: 1)],
        [Transport.json, .grpc, .grpcOverSocket]
    )
    func silentPeers(answer: Answer, transport: Transport) throws {
        let server = try FaultServer(transport, answer)
        defer { server.stop() }
        // Waiting for the exporter's own timeout would take an hour.
        let run = try ShippingRun(to: server) { $0.timeout = .seconds(3_600) }
        run.record(10_000)
        try eventually("a request is on its way", server.connectionCount) { $0 > 0 }
        let (time, account) = shutdownTime(run, .seconds(1))
        #expect(time < .generous)
        #expect(account.timedOut)
        #expect(account.isBalanced)
        #expect(account.created == 10_000 && account.destinations[0].exported == 0)
    }

    @Test("an unreachable receiver delays the shutdown at most until its deadline")
    func absentPeer() throws {
        let closed = try RefusedPort()
        let run = try ShippingRun([.otlp(OTLPExporter(url: "\(closed.url)/v1/traces"))])
        run.record(10_000)
        let (time, account) = shutdownTime(run, .seconds(1))
        #expect(time >= .seconds(1), "it may come back until then")
        #expect(time < .generous)
        #expect(account.destinations[0].undelivered == 10_000)
        #expect(account.destinations[0].requests > 2)
        #expect(account.isBalanced)
    }

    @Test("shutdown waits for a slow receiver, and every span arrives", arguments: Transport.allCases)
    func slowPeer(transport: Transport) throws {
        let server = try FaultServer(transport, .delay(.milliseconds(200), then: .ok))
        defer { server.stop() }
        let run = try ShippingRun(to: server)
        run.record(20_000)
        let account = run.shutdown()
        #expect(account.destinations[0].exported == 20_000)
        #expect(!account.timedOut)
    }

    @Test("a flush returns when every span has arrived, or at its deadline", arguments: Transport.allCases)
    func flush(transport: Transport) throws {
        let server = try FaultServer(transport, .delay(.milliseconds(100), then: .ok))
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand)
        run.record(1_000)
        #expect(run.flush().destinations[0].exported == 1_000)
        #expect(server.numbers.count == 1_000)
        server.pause()
        run.record(10, from: 1_000)
        let start = ContinuousClock.now
        let account = run.flush(.milliseconds(500))
        #expect(start.duration(to: .now) >= .milliseconds(500))
        #expect(account.timedOut)
        #expect(account.destinations[0].undelivered == 10)
        try server.resume()
        #expect(run.flush().destinations[0].undelivered == 0)
        run.shutdown()
    }

    @Test("a temporary outage neither loses nor duplicates spans", arguments: Transport.allCases)
    func outage(transport: Transport) throws {
        let server = try FaultServer(transport, .ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server)
        func exported() -> UInt64 { run.shipper.account().destinations[0].exported }
        for round in 0..<10 { run.record(100, from: round * 100) }
        // Nothing may be under way when the connections break: it would come twice.
        try eventually("1,000 spans are exported", exported()) { $0 == 1_000 }
        server.pause()
        for round in 10..<30 { run.record(100, from: round * 100) }
        try eventually("the outage is noticed", run.log) { !$0.isEmpty }
        try server.resume()
        for round in 30..<40 { run.record(100, from: round * 100) }
        try eventually("4,000 spans are exported", exported()) { $0 == 4_000 }
        let account = run.shutdown()
        #expect(server.numbers.sorted() == Array(0..<4_000))
        #expect(account.destinations[0].possiblyDuplicated == 0)
        #expect(run.log.count == 2, "failing, recovered: \(run.log)")
    }

    @Test("the log is bounded while the receiver is unavailable, and every span is counted")
    func boundedMemory() throws {
        let closed = try RefusedPort()
        let run = try ShippingRun([.otlp(OTLPExporter(url: "\(closed.url)/v1/traces"))], logBytes: 1 << 20)
        run.record(100_000)
        #expect(run.recorder.engine.snapshot().first { $0.name == "work" }?.histogram.count == 100_000)
        let account = run.shutdown(.seconds(2))
        #expect(account.created == 100_000)
        #expect(account.isBalanced)
        #expect(account.destinations[0].dropped[.queueFull] ?? 0 > 0)
    }

    @Test("no wake-up is lost in five hundred flushes in a row", arguments: Transport.allCases)
    func wakeUps(transport: Transport) throws {
        let server = try FaultServer(transport, .ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand)
        for round in 0..<500 {
            run.record(1, from: round)
            let account = run.flush()
            #expect(account.destinations[0].exported == UInt64(round + 1))
            #expect(!account.timedOut)
        }
        run.shutdown()
        #expect(server.numbers == Array(0..<500))
    }

    @Test("a full batch does not wait for the schedule delay", arguments: Transport.allCases)
    func fullBatches(transport: Transport) throws {
        let server = try FaultServer(transport, .ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand)
        run.record(5_000)
        server.waitForRequests(1)
        #expect(run.shutdown().destinations[0].exported == 5_000)
    }
}
