import SpanKitPercentiles
import SpanKitRecording

/// What was counted of one operation, with what else becomes its labels.
public struct SpanSeries: Sendable {
    /// Name, durations and failures since the start.
    public var snapshot: OperationSnapshot
    /// Attributes by their keys. Each of their values makes a series: ids and content do not belong here.
    public var attributes: [String: String]

    /// A series from its parts.
    public init(_ snapshot: OperationSnapshot, attributes: [String: String] = [:]) {
        self.snapshot = snapshot
        self.attributes = attributes
    }
}

/// Makes the labels of a series from its name and attributes.
struct SpanLabels: Sendable {
    static let operation = "operation"
    static let status = "status"

    private let constants: [Attribute]
    private let maximumValueBytes: Int

    init(_ configuration: SpanMetrics.Configuration) {
        maximumValueBytes = configuration.maximumValueBytes
        constants = configuration.constantLabels
    }

    /// The labels of what exceeded the limit.
    var overflow: [Attribute] {
        MetricName.labels(for: constants + [Attribute(Self.operation, .string(OperationSnapshot.overflowName))])
    }

    func labels(of series: SpanSeries) -> [Attribute] {
        let name = series.snapshot.name
        var labels = constants
        labels.append(Attribute(Self.operation, .string(name.isEmpty ? "(unnamed)" : value(name))))
        for (key, text) in series.attributes.sorted(by: { $0.key < $1.key }) {
            var name = Self.unreserved(MetricName.label(forAttribute: key))
            if constants.contains(where: { $0.key == name }) { name = "attribute_" + name }
            labels.append(Attribute(name, .string(value(text))))
        }
        // As they are written: what becomes the same series is counted as one.
        return MetricName.labels(for: labels)
    }

    /// The name, or another where it means something here or in the format.
    static func unreserved(_ name: String) -> String {
        [operation, status, "kind", "slot", "le", "quantile", "_"].contains(name) ? "attribute_\(name)" : name
    }

    private func value(_ text: String) -> String { text.bounded(bytes: maximumValueBytes) }
}

extension String {
    /// The text as a label takes it: no longer than allowed, cut between scalars; without NUL, at which readers of text stop.
    package func bounded(bytes maximum: Int) -> String {
        let isLong = utf8.count > maximum
        guard isLong || utf8.contains(0) else { return self }
        var cut = String.UnicodeScalarView()
        var bytes = 0
        for scalar in unicodeScalars {
            let scalar: Unicode.Scalar = scalar == "\u{0}" ? "\u{FFFD}" : scalar
            bytes += UTF8.width(scalar)
            if bytes > maximum - 3 && isLong {
                cut.append("…")
                break
            }
            cut.append(scalar)
        }
        return String(cut)
    }
}
