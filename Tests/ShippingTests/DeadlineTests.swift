import Foundation
import Recording
import TestSupport
import Testing

@testable import Shipping

@Suite("Nothing waits longer than it was told to", .serialized, .timeLimit(.minutes(5)))
struct DeadlineTests {
    /// What a wait may take beyond its deadline on a machine that has other things to do.
    private let grace = Duration.seconds(20)

    private func shutdownTime(_ run: ShippingRun, _ duration: Duration) -> (Duration, ShippingAccount) {
        let start = ContinuousClock.now
        let account = run.shutdown(duration)
        return (start.duration(to: .now), account)
    }

    @Test(
        "shutdown keeps its deadline against a peer that accepts and never answers",
        arguments: [Answer.neverAnswer, .acceptOnly, .slow(bytesPerSecond: 1)]
    )
    func silentPeers(answer: Answer) throws {
        let server = try FaultServer(answer)
        defer { server.stop() }
        let run = try ShippingRun(to: server)
        run.record(10_000)
        let (time, account) = shutdownTime(run, .seconds(1))
        #expect(time < .seconds(1) + grace)
        #expect(account.timedOut)
        #expect(account.isBalanced)
        #expect(account.created == 10_000 && account.destinations[0].exported == 0)
    }

    @Test("a receiver that is gone for good costs the deadline of the shutdown, and no more")
    func absentPeer() throws {
        let closed = try RefusedPort()
        let run = try ShippingRun([.otlp(OTLPExporter(url: "\(closed.url)/v1/traces"))])
        run.record(10_000)
        let (time, account) = shutdownTime(run, .seconds(1))
        #expect(time >= .seconds(1), "it may come back until then")
        #expect(time < .seconds(1) + grace)
        #expect(account.destinations[0].undelivered == 10_000)
        #expect(account.destinations[0].requests > 2)
        #expect(account.isBalanced)
    }

    @Test("shutdown waits for a slow receiver as long as it may, and everything arrives")
    func slowPeer() throws {
        let server = try FaultServer(.delay(.milliseconds(200), then: .ok))
        defer { server.stop() }
        let run = try ShippingRun(to: server)
        run.record(20_000)
        let (_, account) = shutdownTime(run, .seconds(60))
        #expect(account.destinations[0].exported == 20_000)
        #expect(!account.timedOut)
    }

    @Test("a flush returns when everything has arrived, and not before its deadline while a receiver is away")
    func flush() throws {
        let server = try FaultServer(.delay(.milliseconds(100), then: .ok))
        defer { server.stop() }
        var settings = BatchSettings()
        settings.scheduleDelay = .seconds(3_600)
        let run = try ShippingRun(to: server, batch: settings)
        run.record(1_000)
        #expect(run.flush(.seconds(60)).destinations[0].exported == 1_000)
        #expect(server.numbers.count == 1_000)
        server.pause()
        run.record(10, from: 1_000)
        let start = ContinuousClock.now
        let account = run.flush(.milliseconds(500))
        #expect(start.duration(to: .now) >= .milliseconds(500))
        #expect(account.timedOut)
        #expect(account.destinations[0].undelivered == 10)
        try server.resume()
        #expect(run.flush(.seconds(60)).destinations[0].undelivered == 0)
        run.shutdown()
    }

    @Test("a receiver that is away for a while: nothing lost, nothing twice")
    func outage() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server)
        for round in 0..<40 {
            if round == 10 { server.pause() }
            if round == 30 { try server.resume() }
            run.record(100, from: round * 100)
            usleep(50_000)
        }
        #expect(run.waitForAccount { $0.destinations[0].exported == 4_000 })
        let account = run.shutdown()
        #expect(server.numbers.sorted() == Array(0..<4_000))
        #expect(account.destinations[0].possiblyDuplicated == 0)
        #expect(run.log.count == 2, "failing, recovered: \(run.log)")
    }

    @Test("the log is bounded while the receiver is down, and every span is accounted for")
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

    @Test("no wake-up is lost: five hundred flushes in a row, each of them at once")
    func wakeUps() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        var settings = BatchSettings()
        settings.scheduleDelay = .seconds(3_600)
        let run = try ShippingRun(to: server, batch: settings)
        for round in 0..<500 {
            run.record(1, from: round)
            let account = run.flush(.seconds(60))
            #expect(account.destinations[0].exported == UInt64(round + 1))
            #expect(!account.timedOut)
        }
        run.shutdown()
        #expect(server.numbers == Array(0..<500))
    }

    @Test("a full batch does not wait for the schedule delay")
    func fullBatches() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        var settings = BatchSettings()
        settings.scheduleDelay = .seconds(3_600)
        let run = try ShippingRun(to: server, batch: settings)
        run.record(5_000)
        #expect(server.waitForRequests(1, within: .seconds(60)))
        #expect(run.shutdown().destinations[0].exported == 5_000)
    }
}
