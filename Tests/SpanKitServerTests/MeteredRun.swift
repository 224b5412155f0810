import Metrics
import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitServer
import Testing

/// A backend of swift-metrics by itself, the points that it exports, and what it logs.
struct MeteredRun {
    let telemetry: Telemetry
    let factory: SpanKitMetricsFactory
    private let log = Locked<[String]>([])

    init(_ change: (inout TelemetryConfiguration) -> Void = { _ in }) {
        var configuration = TelemetryConfiguration()
        configuration.exporters = []
        configuration.shutsDownAtExit = false
        configuration.warnThreshold = .seconds(3_600)
        change(&configuration)
        let log = log
        telemetry = Telemetry.start(
            configuration,
            log: ProfilerLog { level, line in log.withLock { $0.append("\(level.rawValue): \(line)") } }
        )
        factory = telemetry.metricsFactory
    }

    /// The lines so far, with their levels.
    var lines: [String] { log.withLock { $0 } }

    /// The metrics of a name, of which there is more than one only if their kinds, units or descriptions differ.
    func metrics(_ name: String) -> [Metric] {
        telemetry.metrics.collect().filter { $0.name == name }
    }

    /// The one metric of a name.
    func metric(_ name: String, _ location: SourceLocation = #_sourceLocation) throws -> Metric {
        let found = metrics(name)
        #expect(found.count == 1, "\(name)", sourceLocation: location)
        return try #require(found.first, "\(name)", sourceLocation: location)
    }

    /// The one point of a metric with these attributes.
    func point(
        _ name: String,
        _ attributes: [String: String] = [:],
        _ location: SourceLocation = #_sourceLocation
    ) throws -> Metric.Point {
        let points = try metric(name, location).points.filter { $0.texts == attributes }
        #expect(points.count == 1, "\(name) \(attributes)", sourceLocation: location)
        return try #require(points.first, "\(name) \(attributes)", sourceLocation: location)
    }

    func value(
        _ name: String,
        _ attributes: [String: String] = [:],
        _ location: SourceLocation = #_sourceLocation
    ) throws -> Metric.Value {
        try point(name, attributes, location).value
    }

    /// The histogram of a point.
    func distribution(
        _ name: String,
        _ attributes: [String: String] = [:],
        _ location: SourceLocation = #_sourceLocation
    ) throws -> ExponentialDistribution {
        guard case .distribution(let distribution) = try value(name, attributes, location) else {
            throw NoDistribution()
        }
        return distribution
    }

    struct NoDistribution: Error {}
}

extension Metric.Point {
    /// The attributes as text.
    var texts: [String: String] {
        let texts = attributes.map { attribute in
            if case .string(let text) = attribute.value { return (attribute.key, text) }
            return (attribute.key, "\(attribute.value)")
        }
        return Dictionary(texts) { $1 }
    }
}
