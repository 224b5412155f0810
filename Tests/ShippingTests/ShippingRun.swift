import Foundation
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

/// A recorder with a shipper behind it, as a program has them.
final class ShippingRun: Sendable {
    let recorder: Recorder
    let shipper: Shipper
    private let lines: Locked<[String]>

    /// - Parameter logBytes: of the span log.
    init(
        _ exporters: [SpanExporter],
        logs: [SpanExporter] = [],
        batch: BatchSettings = .quick,
        tailSampling: TailSampling? = nil,
        spool: SpoolConfiguration? = nil,
        logBytes: Int = 64 * 1_024 * 1_024,
        service: String = "test"
    ) throws {
        let lines = Locked<[String]>([])
        self.lines = lines
        let log = ProfilerLog { level, line in lines.withLock { $0.append("\(level): \(line)") } }
        var configuration = RecordingConfiguration()
        configuration.logBytes = logBytes
        configuration.whenLogIsFull = .dropNewest
        configuration.logRecords.whenFull = .dropNewest
        configuration.logRecords.bytes = logBytes
        let handle = spool.flatMap { Spool.make($0, log) }
        guard let recorder = Recorder.make(configuration, file: handle?.makeRegionFile(log) ?? -1) else {
            throw ShippingRunFailure.noRecorder
        }
        let resource = Resource(attributes: [Attribute("service.name", .string(service))])
        if handle != nil { recorder.describe(resource: resource.attributes) }
        guard
            let shipper = Shipper.start(
                recorder: recorder,
                exporters: exporters,
                logs: LogShipping(logs, batch),
                resource: resource,
                scope: InstrumentationScope(name: "tests"),
                batch: batch,
                tailSampling: tailSampling,
                spool: handle,
                log: log
            )
        else { throw ShippingRunFailure.noShipper }
        self.recorder = recorder
        self.shipper = shipper
    }

    convenience init(
        to server: FaultServer,
        exportsLogs: Bool = false,
        batch: BatchSettings = .quick,
        tailSampling: TailSampling? = nil,
        spool: SpoolConfiguration? = nil,
        logBytes: Int = 64 * 1_024 * 1_024,
        _ configure: (inout OTLPExporter) -> Void = { _ in }
    ) throws {
        var exporter = OTLPExporter(to: server)
        configure(&exporter)
        let logs: [SpanExporter] = exportsLogs ? [.otlp(try #require(exporter.forLogs))] : []
        try self.init(
            [.otlp(exporter)],
            logs: logs,
            batch: batch,
            tailSampling: tailSampling,
            spool: spool,
            logBytes: logBytes
        )
    }

    /// Everything that was logged.
    var log: [String] { lines.withLock { $0 } }

    /// Records spans with a number each, from `first` on.
    func record(_ count: Int, from first: Int = 0) {
        for number in first..<first + count {
            let span = recorder.begin("work")
            span.set("number", number)
            span.set("phase", "discovery")
            span.set("ratio", 0.5)
            span.end()
        }
    }

    /// Records log records with a number each, from `first` on.
    func recordLogs(_ count: Int, from first: Int = 0) {
        let logs = Logs(recorder, "tests")
        for number in first..<first + count {
            logs.emit(.info, "a message", ["number": .int(Int64(number)), "phase": "discovery", "ratio": 0.5])
        }
    }

    /// Where the log records are.
    var logsAccount: ShippingAccount { shipper.account(of: .logs) }

    func flush(_ duration: Duration = .generous) -> ShippingAccount {
        shipper.flush(until: .now.advanced(by: duration))
    }

    @discardableResult
    func shutdown(_ duration: Duration = .generous) -> ShippingAccount {
        let account = shipper.shutdown(until: .now.advanced(by: duration))
        recorder.close()
        return account
    }
}

extension OTLPExporter {
    /// An exporter that uses the transport of a server.
    init(to server: FaultServer, _ path: String = "v1/traces") {
        let transport = server.transport
        self.init(
            url: transport.isGRPC ? server.url : "\(server.url)/\(path)",
            protocol: transport.isGRPC ? .grpc : transport.isJSON ? .httpJSON : .httpProtobuf
        )
    }
}

extension Transport {
    /// What a log line says about an answer of 503.
    var unavailable: String { isGRPC ? "gRPC status 14 (UNAVAILABLE): unavailable" : "status 503" }
}

enum ShippingRunFailure: Error {
    case noRecorder
    case noShipper
}

extension BatchSettings {
    /// So that tests do not wait five seconds. What is recorded at once may be sent in several bodies.
    static var quick: BatchSettings {
        var settings = BatchSettings()
        settings.scheduleDelay = .milliseconds(50)
        return settings
    }

    /// For tests that count requests: what is recorded is sent by `flush`, by `shutdown`, or when a batch is full.
    static var onDemand: BatchSettings {
        var settings = BatchSettings()
        settings.scheduleDelay = .seconds(3_600)
        return settings
    }
}
