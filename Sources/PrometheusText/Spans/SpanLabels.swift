import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// The counts of one operation, with the attributes that become labels.
public struct SpanSeries: Sendable {
    /// The operation's name, durations and failures since the start of the process.
    public var snapshot: OperationSnapshot
    /// The attributes by key. Each distinct value creates a series, so do not use ids or content.
    public var attributes: [String: String]

    /// Creates a series.
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

    /// The labels of the operations beyond the limit.
    var overflow: [Attribute] {
        MetricName.labels(for: constants + [Attribute(Self.operation, .string(OperationSnapshot.overflowName))])
    }

    func labels(of series: SpanSeries) -> [Attribute] {
        func value(_ text: String) -> AttributeValue { .string(text.bounded(bytes: maximumValueBytes)) }
        let name = series.snapshot.name
        var labels = constants
        labels.append(Attribute(Self.operation, name.isEmpty ? "(unnamed)" : value(name)))
        for (key, text) in series.attributes.sorted(by: { ByteText($0.key) < ByteText($1.key) }) {
            var name = Self.unreserved(MetricName.label(forAttribute: key))
            if constants.contains(where: { $0.key == name }) { name = "attribute_" + name }
            labels.append(Attribute(name, value(text)))
        }
        // The labels are converted to the form in which they are written, so that operations with the same written
        // labels are counted as one series.
        return MetricName.labels(for: labels)
    }

    /// The name, with the prefix `attribute_` if it has a meaning here or in the format.
    static func unreserved(_ name: String) -> String {
        [operation, status, "kind", "slot", "le", "quantile", "_"].contains(name) ? "attribute_\(name)" : name
    }
}

extension String {
    /// The text as a label value: cut between scalars if it is too long, and without NUL, at which parsers stop.
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
