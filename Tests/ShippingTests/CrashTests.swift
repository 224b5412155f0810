import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Crash recovery", .serialized, .generousTimeLimit)
struct CrashTests {
    /// Moments to kill at; `SPANKIT_KILLS` sets another number.
    static let kills = ProcessInfo.processInfo.environment["SPANKIT_KILLS"].flatMap { Int($0) } ?? 50

    @Test(
        "after kill -9, every ended span, log record and count of an instrument arrives once, open spans as unfinished, and the accounts add up"
    )
    func killedAtRandomMoments() throws {
        var random = SplitMix64(seed: 42)
        for round in 0..<Self.kills {
            let isDown = round % 3 == 2
            let server = try FaultServer(.ok)
            defer { server.stop() }
            if isDown { server.pause() }
            let folder = TemporaryFolder()
            defer { folder.remove() }
            let threads = 1 + round % 2
            let producer = try Self.produce(to: server, folder, threads: threads, "signals")
            try Self.waitForSpans(folder, threads)
            usleep(UInt32.random(in: 0...120_000, using: &random))
            kill(producer.processIdentifier, SIGKILL)
            producer.waitUntilExit()
            if isDown { try server.resume() }
            let ended = try Self.counters(folder, threads)

            let spool = SpoolConfiguration(directory: folder.path("spool"))
            let run = try ShippingRun(to: server, exportsLogs: true, spool: spool)
            try eventually("all spans that were left are delivered", run.shipper.account()) {
                $0.created > 0 && $0.destinations[0].undelivered == 0
            }
            try eventually("all log records that were left are delivered", run.logsAccount) {
                $0.destinations[0].undelivered == 0
            }
            let account = run.shutdown()
            #expect(account.isBalanced)
            #expect(run.logsAccount.isBalanced)
            #expect(run.logsAccount.created == run.logsAccount.recovered)
            #expect(account.recovered > 0, "the open spans at least")
            try Self.check(server, ended, threads, round)
            try Self.checkCounts(server, folder, ended, round)
            let left = FileSystem.names(in: folder.path("spool"))
            #expect(left.isEmpty, "round \(round): the spool is left in order: \(left)")
        }
    }

    @Test(
        "after kill -9 with tail sampling, every failed trace arrives once, and no other twice"
    )
    func killedWhileSampling() throws {
        var random = SplitMix64(seed: 43)
        for round in 0..<max(1, Self.kills / 2) {
            let server = try FaultServer(.ok)
            defer { server.stop() }
            if round % 3 == 2 { server.pause() }
            let folder = TemporaryFolder()
            defer { folder.remove() }
            let producer = try Self.produce(
                to: server,
                folder,
                threads: 2,
                "traces",
                tailSampling: "errors,otherwise=0.5"
            )
            try Self.waitForSpans(folder, 2)
            usleep(UInt32.random(in: 0...120_000, using: &random))
            kill(producer.processIdentifier, SIGKILL)
            producer.waitUntilExit()
            if round % 3 == 2 { try server.resume() }
            let ended = try Self.counters(folder, 2)

            let run = try ShippingRun(to: server, spool: SpoolConfiguration(directory: folder.path("spool")))
            try eventually("what was left is taken over", run.shipper.hasAdopted) { $0 }
            try eventually("all that was left is delivered", run.shipper.account()) {
                $0.destinations[0].undelivered == 0
            }
            #expect(run.shutdown().isBalanced)
            var bodies: Set<[UInt8]> = []
            var seen: [Int: Int] = [:]
            for request in server.requests where request.isComplete && bodies.insert(request.body).inserted {
                for number in request.numbers { seen[number, default: 0] += 1 }
            }
            #expect(seen.values.allSatisfy { $0 == 1 }, "round \(round): a span arrived in two different bodies")
            for thread in 0..<2 {
                let failed = stride(from: 0, to: ended[thread], by: 5).map { $0 * 2 + thread }
                let missing = failed.filter { seen[$0] == nil }
                #expect(
                    missing.isEmpty,
                    "round \(round): \(missing.count) of \(failed.count) failed traces are missing"
                )
            }
            #expect(FileSystem.names(in: folder.path("spool")).isEmpty)
        }
    }

    /// The counts of the instrument `rounds`, which a reader of the next process sends.
    private static func checkCounts(
        _ server: FaultServer,
        _ folder: TemporaryFolder,
        _ ended: [Int],
        _ round: Int
    ) throws {
        let next = try NextMetricProcess(to: server, folder)
        try eventually("the counts that were left are sent", FileSystem.names(in: folder.path("spool/metrics"))) {
            $0.isEmpty
        }
        let account = next.shutdown()
        #expect(account.dropped.isEmpty && account.undelivered == 0)
        let totals = try ReceivedCounts(server.requests, ["rounds"]).totals
        for (thread, count) in ended.enumerated() {
            let total = Int(totals["rounds \(thread)"] ?? 0)
            #expect(total == count || total == count + 1, "round \(round): \(total) instead of \(count), or one more")
        }
    }

    /// Spans that arrived, without the copies of a body that was under way when the process was killed.
    private static func check(_ server: FaultServer, _ ended: [Int], _ threads: Int, _ round: Int) throws {
        var bodies: Set<[UInt8]> = []
        var seen: [Int: Int] = [:]
        var seenLogs: [Int: Int] = [:]
        var unfinished = 0
        for request in server.requests where request.isComplete && bodies.insert(request.body).inserted {
            for number in request.numbers { seen[number, default: 0] += 1 }
            for number in request.logNumbers { seenLogs[number, default: 0] += 1 }
            unfinished += request.text.components(separatedBy: "spankit.unfinished").count - 1
            for spans in request.text.components(separatedBy: #""scopeSpans":["#).dropFirst() {
                for scope in spans.components(separatedBy: #"{"scope":{"name":""#).dropFirst() {
                    #expect(
                        scope.contains(#""name":"inner""#) == scope.hasPrefix(#"producer-library","version":"1.0"}"#),
                        "round \(round): the inner spans, and no others, have the library's scope"
                    )
                }
            }
        }
        #expect(seen.values.allSatisfy { $0 == 1 }, "round \(round): a span arrived in two different bodies")
        #expect(seenLogs.values.allSatisfy { $0 == 1 }, "round \(round): a log record arrived in two different bodies")
        for thread in 0..<threads {
            let logs = Set(seenLogs.keys.filter { $0 % threads == thread }.map { $0 / threads })
            let missingLogs = Set(0..<ended[thread]).subtracting(logs)
            #expect(
                missingLogs.isEmpty,
                "round \(round): \(missingLogs.count) of \(ended[thread]) log records are missing"
            )
            #expect(logs.isSubset(of: Set(0...ended[thread])), "round \(round): log records that never were")
            let own = Set(seen.keys.filter { $0 % threads == thread }.map { $0 / threads })
            // The span after the last counted one may have ended, or be among the unfinished.
            let missing = Set(0..<ended[thread]).subtracting(own)
            #expect(missing.isEmpty, "round \(round): \(missing.count) of \(ended[thread]) spans are missing")
            #expect(own.isSubset(of: Set(0...ended[thread])), "round \(round): spans that never were")
        }
        #expect(unfinished >= threads, "round \(round): the open spans arrive, marked")
    }

    private static func produce(
        to server: FaultServer,
        _ folder: TemporaryFolder,
        threads: Int,
        _ kind: String = "run",
        tailSampling: String = "off"
    ) throws -> Process {
        let process = Process()
        process.executableURL = BuiltProducts.url("span-producer")
        process.arguments = [kind, folder.path("counter"), "\(threads)"]
        process.environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url,
            "SPANKIT_SPOOL_DIR": folder.path("spool"), "SPANKIT_TAIL_SAMPLING": tailSampling,
            "OTEL_METRICS_EXPORTER": kind == "signals" ? "otlp" : "none", "OTEL_METRIC_EXPORT_INTERVAL": "20",
        ]
        try process.run()
        return process
    }

    private static func waitForSpans(_ folder: TemporaryFolder, _ threads: Int) throws {
        try eventually("the producer records on each thread", try counters(folder, threads)) { !$0.contains(0) }
    }

    private static func counters(_ folder: TemporaryFolder, _ threads: Int) throws -> [Int] {
        guard let bytes = (try? FileSystem.read(folder.path("counter")).get()), bytes.count == threads * 8 else {
            return Array(repeating: 0, count: threads)
        }
        return bytes.withUnsafeBytes { bytes in
            (0..<threads).map { Int(bytes.load(fromByteOffset: $0 * 8, as: UInt64.self)) }
        }
    }
}
