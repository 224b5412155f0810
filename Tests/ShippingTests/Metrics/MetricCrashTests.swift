import Foundation
import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Metrics after kill -9", .serialized, .generousTimeLimit)
struct MetricCrashTests {
    private static let names: [(name: String, part: Double)] = [
        ("counter", 1), ("sum", 0.5), ("exponential", 1), ("explicit", 1), ("up and down", 1), ("ending", 1),
        ("reset", 1),
    ]
    /// Their series end again and again.
    private static let ending: Set<String> = ["ending", "reset"]

    @Test(
        "killed at random moments, the receiver has what was counted, once",
        arguments: [TemporalityPreference.cumulative, .delta]
    )
    func killedAtRandomMoments(_ temporality: TemporalityPreference) throws {
        var random = SplitMix64(seed: 44)
        for round in 0..<max(1, CrashTests.kills / 2) {
            let server = try FaultServer(.ok)
            defer { server.stop() }
            let isDown = round % 3 == 2
            if isDown { server.pause() }
            let folder = TemporaryFolder()
            defer { folder.remove() }
            let threads = 3
            let producer = try Self.produce(to: server, folder, threads, temporality)
            try eventually("the producer counts", Self.counters(folder, threads)) { !$0.contains(0) }
            usleep(UInt32.random(in: 0...150_000, using: &random))
            kill(producer.processIdentifier, SIGKILL)
            producer.waitUntilExit()
            if isDown { try server.resume() }
            let counted = Self.counters(folder, threads)

            let next = try NextMetricProcess(to: server, folder)
            let spool = folder.path("spool/metrics")
            try eventually("what was left is sent", FileSystem.names(in: spool)) { $0.isEmpty }
            let account = next.shutdown()
            #expect(account.dropped.isEmpty && account.undelivered == 0)
            #expect(next.log.allSatisfy { $0.hasPrefix("info: spool: ") }, "\(next.log)")
            #expect(FileSystem.names(in: folder.path("spool")).isEmpty, "the spool is left in order")

            let received = try ReceivedCounts(server.requests, Set(Self.names.map(\.name)))
            #expect(received.services == ["producer"], "the resource is that of the killed process")
            for place in 0..<threads {
                for (name, part) in Self.names {
                    let total = (received.totals["\(name) \(place)"] ?? 0) / part
                    let truth = Double(counted[place])
                    #expect(
                        total == truth || total == truth + 1,
                        "round \(round): \(name) of \(place) is \(total) instead of \(truth), or one more"
                    )
                    guard temporality == .cumulative || name == "up and down", !Self.ending.contains(name) else {
                        continue
                    }
                    #expect(received.starts["\(name) \(place)"]?.count == 1, "the start stays the same")
                }
            }
        }
    }

    @Test("a process that shuts down in order leaves nothing, and what it could not send is sent by the next one")
    func shutdown() throws {
        for isDown in [false, true] {
            let server = try FaultServer(.ok)
            defer { server.stop() }
            if isDown { server.pause() }
            let folder = TemporaryFolder()
            defer { folder.remove() }
            var configuration = MetricReaderConfiguration(
                OTLPExporter(url: "\(server.url)/v1/metrics"),
                interval: .seconds(3_600)
            )
            configuration.temporality = .delta
            let resource = Resource(attributes: [Attribute("service.name", "first")])
            let spool = try #require(
                MetricSpool(
                    SpoolConfiguration(directory: folder.path("spool")),
                    resource: resource,
                    scope: InstrumentationScope(),
                    readers: [configuration],
                    log: .silent
                )
            )
            let meter = TelemetryMeter(MeterConfiguration(), log: .silent, recorder: nil, file: spool.file)
            meter.counter("counter").add(5, attributes: ["place": 1])
            let reader = MetricReader(
                configuration,
                resource: resource,
                scope: InstrumentationScope(),
                log: .silent,
                spool: spool
            ) { _ in meter.collect() }
            let deadline = ContinuousClock.now.advanced(by: isDown ? .milliseconds(100) : .generous)
            MetricReader.beginShutdown([reader], until: deadline)
            MetricReader.awaitShutdown([reader], until: .now.advanced(by: .generous))
            #expect(FileSystem.exists(folder.path("spool/metrics")) == isDown)
            if isDown {
                try server.resume()
                let next = try NextMetricProcess(to: server, folder)
                try eventually("the rest is sent", FileSystem.names(in: folder.path("spool/metrics"))) { $0.isEmpty }
                _ = next.shutdown()
            }
            let received = try ReceivedCounts(server.requests, ["counter"])
            #expect(received.totals == ["counter 1": 5])
            #expect(received.services == ["first"])
        }
    }

    private static func produce(
        to server: FaultServer,
        _ folder: TemporaryFolder,
        _ threads: Int,
        _ temporality: TemporalityPreference
    ) throws -> Process {
        let process = Process()
        process.executableURL = BuiltProducts.url("span-producer")
        process.arguments = ["ending-meters", folder.path("counter"), "\(threads)"]
        process.environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "otlp",
            "OTEL_METRIC_EXPORT_INTERVAL": "20", "OTEL_SERVICE_NAME": "producer",
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": temporality.rawValue,
            "SPANKIT_SPOOL_DIR": folder.path("spool"),
        ]
        try process.run()
        return process
    }

    private static func counters(_ folder: TemporaryFolder, _ threads: Int) -> [Int] {
        guard let bytes = try? FileSystem.read(folder.path("counter")).get(), bytes.count == threads * 8 else {
            return Array(repeating: 0, count: threads)
        }
        return bytes.withUnsafeBytes { bytes in
            (0..<threads).map { Int(bytes.load(fromByteOffset: $0 * 8, as: UInt64.self)) }
        }
    }
}
