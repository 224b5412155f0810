import Percentiles
import Recording

/// Makes the labels of a series from its name and what is allowed of its attributes.
struct SpanLabels: Sendable {
    static let operation = "operation"
    static let kind = "kind"
    static let status = "status"

    private let policy: AttributePolicy
    private let constants: [Attribute]
    private let maximumValueBytes: Int

    init(_ configuration: SpanMetrics.Configuration) {
        policy = configuration.attributes
        maximumValueBytes = configuration.maximumValueBytes
        constants = configuration.constantLabels
    }

    /// The labels of what exceeded the limit.
    var overflow: [Attribute] {
        constants + [Attribute(Self.operation, .string(OperationSnapshot.overflowName))]
    }

    func labels(of series: SpanSeries) -> [Attribute] {
        let name = series.snapshot.name
        var labels = constants
        labels.append(Attribute(Self.operation, .string(name.isEmpty ? "(unnamed)" : value(name))))
        if let kind = series.kind { labels.append(Attribute(Self.kind, .string(value(kind)))) }
        guard !series.attributes.isEmpty, !policy.allowed.isEmpty else { return labels }
        // Keys that become one name: their values are joined in the order of the keys, as OpenTelemetry has it.
        for key in series.attributes.keys.sorted() where policy.allowed.contains(key) {
            var name = Self.unreserved(MetricName.label(forAttribute: key))
            if constants.contains(where: { $0.key == name }) { name = "attribute_" + name }
            let value = value(series.attributes[key] ?? "")
            if let place = labels.firstIndex(where: { $0.key == name }) {
                labels[place].value = .string(self.value("\(labels[place].value.labelText);\(value)"))
            } else {
                labels.append(Attribute(name, .string(value)))
            }
        }
        return labels
    }

    /// The name, or another where it means something here or in the format.
    static func unreserved(_ name: String) -> String {
        [operation, kind, status, "slot", "le", "quantile", "_"].contains(name) ? "attribute_\(name)" : name
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
