import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Log records are exported beside the spans, each signal with its own account", .generousTimeLimit)
struct LogShippingTests {
    @Test(
        "log records arrive at /v1/logs, spans at /v1/traces, in JSON and protobuf",
        arguments: Encoding.allCases,
        [Compression.none, .gzip()]
    )
    func arrival(encoding: Encoding, compression: Compression) throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server, exportsLogs: true) {
            $0.encoding = encoding
            $0.compression = compression
        }
        run.record(2_000)
        run.recordLogs(3_000)
        let account = run.shutdown()
        #expect(server.numbers.sorted() == Array(0..<2_000))
        #expect(server.logNumbers.sorted() == Array(0..<3_000))
        let logs = server.requests.filter { !$0.logNumbers.isEmpty }
        #expect(
            logs.allSatisfy { $0.path == "/v1/logs" && ($0["content-encoding"] == "gzip") == (compression != .none) }
        )
        #expect(account.isBalanced && account.created == 2_000)
        let destination = try #require(run.logsAccount.destinations.first)
        #expect(run.logsAccount.isBalanced && destination.exported == 3_000)
        #expect(destination.name == "logs → \(server.url)/v1/logs")
        #expect(destination.outcome(of: 3_000) == "3000 of 3000 log records delivered")
        #expect(destination.componentType == "otlp_http_\(encoding == .json ? "json_" : "")log_exporter")
    }

    @Test(
        "a receiver that does not answer for one signal does not delay the other",
        arguments: ["/v1/logs", "/v1/traces"]
    )
    func independence(stuck: String) throws {
        let server = try FaultServer { request, _ in request.path == stuck ? .unavailable(.seconds(3_600)) : .ok }
        defer { server.stop() }
        let run = try ShippingRun(to: server, exportsLogs: true)
        run.record(10_000)
        run.recordLogs(10_000)
        let other = stuck == "/v1/logs" ? OTLPSignal.traces : .logs
        try eventually("the other signal is delivered", run.shipper.account(of: other)) {
            $0.destinations[0].exported == 10_000
        }
        run.shutdown(.milliseconds(200))
        for signal in [OTLPSignal.traces, .logs] {
            let account = run.shipper.account(of: signal)
            #expect(account.isBalanced && account.created == 10_000)
            #expect((account.destinations[0].exported == 0) == (signal != other))
        }
    }

    @Test("log records that never end delay no spans and no flush")
    func endlessRecords() throws {
        let server = try FaultServer(keepsBodies: false) { _, _ in .ok }
        defer { server.stop() }
        let run = try ShippingRun(to: server, exportsLogs: true, logBytes: 4 << 20)
        let isOver = Locked(false)
        let thread = SpanKitPlatform.Thread("endless", isJoined: true) {
            while !isOver.withLock({ $0 }) { run.recordLogs(1_000) }
        }
        try eventually("log records are delivered", run.logsAccount) { $0.destinations[0].exported > 10_000 }
        run.record(10)
        try eventually("spans are delivered", run.shipper.account()) { $0.destinations[0].exported == 10 }
        run.record(10, from: 10)
        #expect(run.flush().destinations[0].exported == 20)
        isOver.withLock { $0 = true }
        thread?.join()
        run.shutdown()
        #expect(run.logsAccount.isBalanced && run.shipper.account().isBalanced)
    }

    @Test("a full log of log records drops and counts new ones, and spans are not affected")
    func fullLog() throws {
        let server = try FaultServer(.unavailable(.seconds(3_600)))
        defer { server.stop() }
        let run = try ShippingRun(to: server, exportsLogs: true, batch: .onDemand, logBytes: 1 << 20) {
            $0.waitingBytes = 1
        }
        run.record(100)
        run.recordLogs(20_000)
        run.shutdown(.milliseconds(100))
        let logs = run.logsAccount
        #expect(logs.isBalanced && logs.created == 20_000)
        #expect((logs.destinations[0].dropped[.queueFull] ?? 0) > 0)
        #expect(run.shipper.account().destinations[0].droppedCount == 0)
    }

    @Test("files in the spool have names that tell log records from spans, and the next process sends them once")
    func spool() throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let spool = SpoolConfiguration(directory: folder.path("spool"))
        let server = try FaultServer(.ok)
        defer { server.stop() }
        server.pause()
        let first = try ShippingRun(to: server, exportsLogs: true, spool: spool)
        first.record(1_000)
        first.recordLogs(1_500)
        try eventually("all log records are in files", first.logsAccount.destinations[0].waiting) {
            $0.log == 0 && $0.encoding == 0
        }
        first.shutdown(.milliseconds(300))
        let names = FileSystem.names(in: folder.path("spool")).flatMap {
            FileSystem.names(in: "\(folder.path("spool"))/\($0)")
        }
        #expect(names.contains { $0.hasSuffix(".logs.json.gz") } && names.contains { !$0.contains(".logs.") })
        #expect(first.logsAccount.isBalanced && first.logsAccount.destinations[0].waiting.files == 1_500)
        try server.resume()

        let second = try ShippingRun(to: server, exportsLogs: true, spool: spool)
        try eventually("the spans are delivered", second.shipper.account()) { $0.destinations[0].exported == 1_000 }
        try eventually("the log records are delivered", second.logsAccount) { $0.destinations[0].exported == 1_500 }
        second.shutdown()
        #expect(second.logsAccount.recovered == 1_500 && second.logsAccount.isBalanced)
        #expect(server.numbers.sorted() == Array(0..<1_000) && server.logNumbers.sorted() == Array(0..<1_500))
        #expect(FileSystem.names(in: folder.path("spool")).isEmpty)
    }

    @Test("a process that exports no log records leaves those of earlier processes to one that does, and says so")
    func unclaimed() throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let spool = SpoolConfiguration(directory: folder.path("spool"))
        let server = try FaultServer(.ok)
        defer { server.stop() }
        server.pause()
        let first = try ShippingRun(to: server, exportsLogs: true, spool: spool)
        first.record(10)
        first.recordLogs(20)
        first.shutdown(.milliseconds(300))
        try server.resume()
        let second = try ShippingRun(to: server, spool: spool)
        try eventually("the spans are delivered", second.shipper.account()) { $0.destinations[0].exported == 10 }
        second.shutdown()
        #expect(second.log.contains { $0.contains("20 log records of earlier processes wait in") })
        #expect(server.logNumbers.isEmpty)
        let third = try ShippingRun(to: server, exportsLogs: true, spool: spool)
        try eventually("the log records are delivered", third.logsAccount) { $0.destinations[0].exported == 20 }
        third.shutdown()
        #expect(server.logNumbers.sorted() == Array(0..<20) && server.numbers.sorted() == Array(0..<10))
    }

    @Test("after a partial success, rejected log records are counted and not sent again", arguments: Transport.allCases)
    func partialSuccess(transport: Transport) throws {
        let json = #"{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"too old"}}"#
        let answer =
            transport.isJSON
            ? Answer.text(200, json, type: "application/json") : .partialSuccess(rejected: 3, message: "too old")
        let server = try FaultServer(transport, answer)
        defer { server.stop() }
        let run = try ShippingRun(to: server, exportsLogs: true, batch: .onDemand)
        run.recordLogs(10)
        run.shutdown()
        let destination = run.logsAccount.destinations[0]
        #expect(destination.exported == 7 && destination.dropped == [.rejected: 3])
        #expect(run.logsAccount.isBalanced && server.requests.count == 1)
    }

    @Test("a flush waits until the log records of before have arrived")
    func flush() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server, exportsLogs: true, batch: .onDemand)
        for round in 1...20 {
            run.recordLogs(10, from: (round - 1) * 10)
            _ = run.flush()
            #expect(run.logsAccount.destinations[0].exported == UInt64(10 * round))
        }
        run.shutdown()
        #expect(server.logNumbers == Array(0..<200))
    }

    @Test("log records alone are exported, and a region without exported spans leaves none to recover")
    func onlyLogs() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let run = try ShippingRun([], logs: [.otlp(OTLPExporter(url: "\(server.url)/v1/logs"))])
        run.record(10)
        run.recordLogs(700)
        run.shutdown()
        #expect(server.logNumbers.sorted() == Array(0..<700) && server.numbers.isEmpty)
        #expect(run.shipper.account().destinations.isEmpty)
        #expect(run.logsAccount.isBalanced)
    }
}
