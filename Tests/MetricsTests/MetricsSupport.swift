import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The lines that a meter has logged.
final class LogLines: Sendable {
    private let lines = Locked<[String]>([])

    var log: ProfilerLog {
        ProfilerLog { [self] level, line in lines.withLock { $0.append("\(level.rawValue): \(line)") } }
    }

    var all: [String] { lines.withLock { $0 } }
}

extension TelemetryMeter {
    /// The collected metric of a name.
    func metric(_ name: String) -> Metric? { collect().first { $0.name == name } }

    /// The point of a metric with some attributes.
    func point(_ name: String, _ attributes: [Attribute] = []) -> Metric.Point? {
        metric(name)?.points.first { $0.attributes == attributes }
    }

    /// The value of a point.
    func value(_ name: String, _ attributes: [Attribute] = []) -> Metric.Value? { point(name, attributes)?.value }
}

extension Metric.Value {
    var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    var distribution: ExponentialDistribution? {
        if case .distribution(let distribution) = self { distribution } else { nil }
    }

    var classic: ExplicitHistogram? {
        if case .histogram(let histogram) = self { histogram } else { nil }
    }
}
