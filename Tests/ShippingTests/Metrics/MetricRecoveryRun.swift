import Foundation
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

/// What a receiver of metrics has added up.
struct ReceivedCounts {
    /// By service, metric and place. The last cumulative value or the sum of all deltas.
    var totals: [String: Double] = [:]
    var starts: [String: Set<String>] = [:]
    var services: Set<String> = []
    private var lastTimes: [String: UInt64] = [:]

    /// - Parameter names: the metrics of instruments.
    init(_ requests: [ReceivedRequest], _ names: Set<String>) throws {
        // A request under way when the process was killed may arrive again, with the same bytes.
        var bodies: Set<[UInt8]> = []
        for request in requests
        where request.path == "/v1/metrics" && request.isComplete && bodies.insert(request.body).inserted {
            let json = try JSONSerialization.jsonObject(with: Data(request.decodedBody ?? []))
            let root = try #require(json as? [String: Any])
            for resource in root["resourceMetrics"] as? [[String: Any]] ?? [] {
                let attributes = (resource["resource"] as? [String: Any])?["attributes"] as? [[String: Any]] ?? []
                let service = attributes.first { $0["key"] as? String == "service.name" }?["value"] as? [String: Any]
                services.insert(service?["stringValue"] as? String ?? "")
                for scope in resource["scopeMetrics"] as? [[String: Any]] ?? [] {
                    for metric in scope["metrics"] as? [[String: Any]] ?? [] { try add(metric, names) }
                }
            }
        }
    }

    private mutating func add(_ metric: [String: Any], _ names: Set<String>) throws {
        let name = try #require(metric["name"] as? String)
        guard names.contains(name) else { return }
        let kinds = ["sum", "histogram", "exponentialHistogram"]
        let data = try #require(kinds.compactMap { metric[$0] as? [String: Any] }.first)
        let isDelta = data["aggregationTemporality"] as? Int == 1
        for point in data["dataPoints"] as? [[String: Any]] ?? [] {
            let attributes = try #require(point["attributes"] as? [[String: Any]])
            let place = try #require((attributes.first?["value"] as? [String: Any])?["intValue"] as? String)
            let key = "\(name) \(place)"
            let count = point["asInt"] ?? point["count"] ?? "\(point["asDouble"] ?? "")"
            let value = try #require((count as? String).flatMap { Double($0) })
            let time = try #require((point["timeUnixNano"] as? String).flatMap { UInt64($0) })
            starts[key, default: []].insert(point["startTimeUnixNano"] as? String ?? "")
            if isDelta {
                totals[key, default: 0] += value
            } else if time >= lastTimes[key] ?? 0 {
                #expect(value >= totals[key] ?? 0, "\(key) never falls")
                (totals[key], lastTimes[key]) = (value, time)
            }
        }
    }
}
