import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

/// The next process after one that was killed: a reader without metrics of its own.
final class NextMetricProcess {
    let reader: MetricReader
    private let lines = Locked<[String]>([])

    init(to server: FaultServer, _ folder: TemporaryFolder) throws {
        let lines = lines
        let log = ProfilerLog { level, line in lines.withLock { $0.append("\(level.rawValue): \(line)") } }
        let configuration = MetricReaderConfiguration(
            OTLPExporter(url: "\(server.url)/v1/metrics"),
            interval: .seconds(3_600)
        )
        let resource = Resource(attributes: [Attribute("service.name", "next")])
        let scope = InstrumentationScope(name: "next")
        let spool = try #require(
            MetricSpool(
                SpoolConfiguration(directory: folder.path("spool")),
                resource: resource,
                scope: scope,
                readers: [configuration],
                log: log
            )
        )
        reader = MetricReader(configuration, resource: resource, scope: scope, log: log, spool: spool) { _ in [] }
    }

    var log: [String] { lines.withLock { $0 } }

    func shutdown() -> ShippingAccount.Destination {
        let deadline = ContinuousClock.now.advanced(by: .generous)
        MetricReader.beginShutdown([reader], until: deadline)
        MetricReader.awaitShutdown([reader], until: deadline)
        return reader.account
    }
}
