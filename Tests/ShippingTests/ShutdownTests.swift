import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

/// What a receiver does while a program shuts down.
enum Trouble: String, CaseIterable, Sendable {
    case unavailableShortly = "503 for 0.3 s"
    case unavailableLonger = "503 for 1.5 s"
    case askingForOneSecond = "Retry-After: 1"
    case closedForOneSecond = "closed for 1 s"
    case slow = "answers after 2 s"
}

/// The ways to send, each of which has to keep the same promises.
struct Way: Sendable, CustomTestStringConvertible {
    var transport: Transport
    var hasSpool: Bool

    var testDescription: String { "\(transport.rawValue), \(hasSpool ? "with" : "without") spool" }

    /// Each transport, with and without spool where that takes another path.
    static let all = [
        Way(transport: .json, hasSpool: false), Way(transport: .json, hasSpool: true),
        Way(transport: .protobuf, hasSpool: true), Way(transport: .grpc, hasSpool: false),
        Way(transport: .grpc, hasSpool: true), Way(transport: .jsonOverSocket, hasSpool: false),
        Way(transport: .grpcOverSocket, hasSpool: true),
    ]
}

@Suite("Flush and shutdown use their time limit", .serialized, .generousTimeLimit)
struct ShutdownTests {
    private let folder = TemporaryFolder()

    private func run(to server: FaultServer, _ way: Way) throws -> ShippingRun {
        var exporter = OTLPExporter(to: server)
        exporter.timeout = .seconds(3_600)
        let spool = way.hasSpool ? SpoolConfiguration(directory: folder.path("spool")) : nil
        return try ShippingRun([.otlp(exporter)], spool: spool)
    }

    private func server(_ trouble: Trouble, _ transport: Transport) throws -> FaultServer {
        let start = ContinuousClock.now
        let isOver: @Sendable (Duration) -> Bool = { start.duration(to: .now) > $0 }
        return switch trouble {
        case .unavailableShortly:
            try FaultServer(transport) { _, _ in isOver(.milliseconds(300)) ? .ok : .unavailable() }
        case .unavailableLonger:
            try FaultServer(transport) { _, _ in isOver(.milliseconds(1_500)) ? .ok : .unavailable() }
        case .askingForOneSecond:
            try FaultServer(transport) { _, number in number < 4 ? .unavailable(.seconds(1)) : .ok }
        case .closedForOneSecond: try FaultServer(transport, .ok)
        case .slow: try FaultServer(transport) { _, _ in .delay(.seconds(2), then: .ok) }
        }
    }

    @Test("a receiver that recovers before the deadline gets every span once", arguments: Trouble.allCases, Way.all)
    func temporary(trouble: Trouble, way: Way) throws {
        defer { folder.remove() }
        let server = try server(trouble, way.transport)
        defer { server.stop() }
        if trouble == .closedForOneSecond { server.pause() }
        let run = try run(to: server, way)
        run.record(10_000)
        let resumed = DispatchSemaphore(value: 0)
        if trouble == .closedForOneSecond {
            Thread.detachNewThread {
                sleep(1)
                try? server.resume()
                resumed.signal()
            }
        }
        let account = run.shutdown(.generous)
        if trouble == .closedForOneSecond { resumed.wait() }
        #expect(account.isBalanced)
        #expect(account.destinations[0].exported == 10_000, "\(account)")
        #expect(!account.timedOut)
        let accepted = server.requests.filter { $0.isComplete }
        #expect(Set(accepted.flatMap(\.numbers)) == Set(0..<10_000))
        if trouble == .slow || trouble == .closedForOneSecond {
            #expect(accepted.flatMap(\.numbers).count == 10_000, "nothing twice")
        }
        if trouble == .askingForOneSecond {
            let times = server.requests.map(\.arrival).sorted()
            let first = try #require(times.first)
            #expect(times.filter { $0 < first.advanced(by: .seconds(1)) }.count <= 4, "those in flight at once")
        }
        if way.hasSpool { #expect(FileSystem.names(in: folder.path("spool")).isEmpty) }
    }

    @Test(
        "a Retry-After of an hour ends a flush and the shutdown at once",
        arguments: Way.all
    )
    func retryAfterAnHour(way: Way) throws {
        defer { folder.remove() }
        let server = try FaultServer(way.transport, .unavailable(.seconds(3_600)))
        defer { server.stop() }
        let run = try run(to: server, way)
        run.record(10_000)
        let start = ContinuousClock.now
        let flushed = run.flush(.seconds(1_800))
        let account = run.shutdown(.seconds(1_800))
        #expect(start.duration(to: .now) < .generous)
        #expect(flushed.isBalanced && account.isBalanced)
        #expect(!account.timedOut)
        let destination = account.destinations[0]
        #expect(way.hasSpool ? destination.waiting.files == 10_000 : destination.undelivered == 10_000)
        #expect(server.requests.count <= 4, "those in flight at once; never again before the hour is over")
        #expect(account.description.contains("the receiver asks to wait"), "\(account)")
    }

    @Test(
        "with a receiver that hangs, sent spans count as unacknowledged",
        arguments: Way.all
    )
    func hanging(way: Way) throws {
        defer { folder.remove() }
        let server = try FaultServer(way.transport, .neverAnswer)
        defer { server.stop() }
        let run = try run(to: server, way)
        run.record(98)
        try eventually("the request is in flight", run.shipper.account().destinations[0].inFlight) { $0 == 98 }
        server.waitForRequests(1)
        let account = run.shutdown(.milliseconds(300))
        let destination = account.destinations[0]
        #expect(account.isBalanced)
        #expect(destination.exported == 0 && destination.inFlight == 0)
        if way.hasSpool {
            #expect(destination.waiting.files == 98 && destination.unacknowledged == 0)
            #expect(account.description.hasSuffix("0 of 98 spans delivered, 98 wait in the spool"))
        } else {
            #expect(destination.unacknowledged == 98 && destination.undelivered == 0)
            #expect(
                account.description.hasSuffix("0 of 98 spans delivered, 98 sent, not acknowledged (may have arrived)")
            )
        }
    }

    @Test("no request exceeds the configured number of spans, even under a backlog")
    func configuredMaximum() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        server.pause()
        var batch = BatchSettings.quick
        batch.maximumSpans = 100
        let run = try ShippingRun(to: server, batch: batch)
        run.record(2_000)
        try eventually("the outage is noticed", run.shipper.isFailing) { $0 }
        try server.resume()
        #expect(run.shutdown().destinations[0].exported == 2_000)
        #expect(server.requests.map(\.numbers.count).max() == 100)
    }

    @Test("a flush sends all spans, even if bodies are limited by bytes")
    func largeSpans() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand) { $0.bodyBytes = 50_000 }
        for number in 0..<200 {
            let span = run.recorder.begin("work")
            span.set("number", number)
            span.set("text", String(repeating: "x", count: 5_000))
            span.end()
        }
        #expect(run.flush().destinations[0].exported == 200)
        run.shutdown()
    }

    @Test("spans that were encoded before the shutdown are joined into its last requests", arguments: Way.all)
    func backlog(way: Way) throws {
        defer { folder.remove() }
        let gate = Monitor(false)
        let server = try FaultServer(way.transport) { _, _ in
            _ = gate.wait(until: .now.advanced(by: .generous)) { $0 ? true : nil }
            return .ok
        }
        defer { server.stop() }
        let run = try run(to: server, way)
        for first in stride(from: 0, to: 10_000, by: 500) {
            run.record(500, from: first)
            usleep(5_000)
        }
        try eventually("four requests are in flight", run.shipper.account().destinations[0].requests) { $0 == 4 }
        let ended = DispatchSemaphore(value: 0)
        let result = Monitor<ShippingAccount?>(nil)
        Thread.detachNewThread {
            let account = run.shutdown(.generous)
            result.change { $0 = account }
            ended.signal()
        }
        try eventually("all spans are in bodies", run.shipper.account().destinations[0].waiting) {
            $0.log == 0 && $0.encoding == 0
        }
        gate.change { $0 = true }
        ended.wait()
        let account = try #require(result.read { $0 })
        #expect(account.destinations[0].exported == 10_000)
        #expect(server.numbers.count == 10_000 && Set(server.numbers) == Set(0..<10_000))
        #expect(account.destinations[0].requests <= 12, "not the twenty that one body each would take")
    }
}
