import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Tail sampling in the shipper", .generousTimeLimit)
struct TailShippingTests {
    /// Traces of two spans from several threads; every tenth fails.
    private func record(_ run: ShippingRun, threads: Int, traces: Int) {
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            for number in 0..<traces {
                let root = run.recorder.begin(named: "request", parent: .none)
                root.set("number", thread * traces + number)
                let child = run.recorder.begin(named: "step", parent: .context(root.context))
                if number % 10 == 0 { child.setStatus(.error("every tenth")) }
                child.end()
                root.end()
            }
        }
    }

    @Test(
        "failed traces arrive completely, others by probability, and the account is balanced",
        arguments: [false, true]
    )
    func account(hasSpool: Bool) throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let run = try ShippingRun(
            to: server,
            tailSampling: TailSampling(keeping: [.errors], otherwise: 0.25),
            spool: hasSpool ? SpoolConfiguration(directory: folder.path("spool")) : nil
        )
        record(run, threads: 4, traces: 2_000)
        let account = run.shutdown()
        let tail = try #require(account.tailSampling)
        let destination = account.destinations[0]
        #expect(account.isBalanced)
        #expect(account.created == 16_000)
        #expect(tail.kept[.error] == 1_600)
        #expect(destination.dropped == [.tailSampled: tail.dropped])
        #expect(destination.exported == 1_600 + (tail.kept[.probability] ?? 0))
        #expect(destination.undelivered == 0)
        #expect(abs(Double(tail.kept[.probability] ?? 0) / 14_400 - 0.25) < 0.03)
        let numbers = server.numbers
        #expect(Set(numbers).count == numbers.count, "no trace twice")
        #expect(Set(numbers).isSuperset(of: (0..<8_000).filter { $0 % 10 == 0 }))
        #expect(numbers.count * 2 == Int(destination.exported))
        if hasSpool { #expect(FileSystem.names(in: folder.path("spool")).isEmpty) }
        let statistics = run.recorder.engine.total().map(\.histogram.count)
        #expect(statistics.isEmpty || statistics.allSatisfy { $0 == 8_000 }, "percentiles count every span")
    }

    @Test("two destinations get the same spans")
    func severalDestinations() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let folder = TemporaryFolder()
        defer { folder.remove() }
        var protobuf = OTLPExporter(url: "\(server.url)/v1/traces")
        protobuf.encoding = .protobuf
        let run = try ShippingRun(
            [.otlp(protobuf), .linesFile(LinesFileConfiguration(path: folder.path("spans.jsonl")))],
            tailSampling: TailSampling(keeping: [.errors], otherwise: 0)
        )
        record(run, threads: 1, traces: 1_000)
        let account = run.shutdown()
        #expect(account.isBalanced)
        #expect(account.destinations.map(\.exported) == [200, 200])
        #expect(account.destinations.map { $0.dropped[.tailSampled] } == [1_800, 1_800])
        let lines = try String(contentsOfFile: folder.path("spans.jsonl"), encoding: .utf8)
        #expect(lines.components(separatedBy: "spankit.sampling.reason").count == 101, "once for each root")
        #expect(lines.components(separatedBy: #""traceState":"ot=th:0""#).count == 201)
    }

    @Test("traces are decided during an outage, and dropped ones free the log")
    func receiverAway() throws {
        let server = try FaultServer(.unavailable())
        defer { server.stop() }
        let run = try ShippingRun(
            to: server,
            tailSampling: TailSampling(keeping: [.errors], otherwise: 0),
            logBytes: 2 * 1_024 * 1_024
        ) { $0.waitingBytes = 1_024 }
        for round in 1...20 {
            for _ in 0..<5_000 { run.recorder.begin("work").end() }
            // A flush decides at once; nothing of it can arrive.
            _ = run.flush(.milliseconds(1))
            try eventually("\(round * 5_000) spans are decided", run.shipper.account().tailSampling?.dropped) {
                $0 == UInt64(round * 5_000)
            }
        }
        let account = run.shutdown(.seconds(1))
        #expect(account.isBalanced)
        #expect(run.recorder.account().droppedLogFull == 0)
        #expect(account.tailSampling?.dropped == 100_000)
    }

    @Test("a flush decides on all ended spans")
    func flush() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server, tailSampling: TailSampling(keeping: [.errors], otherwise: 1))
        let root = run.recorder.begin(named: "request", parent: .none)
        run.recorder.begin(named: "step", parent: .context(root.context)).end()
        #expect(run.flush().destinations[0].exported == 1)
        root.end()
        #expect(run.shutdown().destinations[0].exported == 2)
    }
}
