import Percentiles

/// Makes the labels of a series from its name and what is allowed of its attributes.
struct SpanLabels: Sendable {
    static let operation = "operation"
    static let kind = "kind"
    static let status = "status"

    private let policy: AttributePolicy
    private let constants: [MetricLabel]
    private let maximumValueBytes: Int

    init(_ configuration: SpanMetrics.Configuration) {
        policy = configuration.attributes
        maximumValueBytes = configuration.maximumValueBytes
        constants = configuration.constantLabels
    }

    /// The labels of what exceeded the limit.
    var overflow: [MetricLabel] {
        constants + [MetricLabel(Self.operation, OperationSnapshot.overflowName)]
    }

    func labels(of series: SpanSeries) -> [MetricLabel] {
        let name = series.snapshot.name
        var labels = constants
        labels.append(MetricLabel(Self.operation, name.isEmpty ? "(unnamed)" : value(name)))
        if let kind = series.kind { labels.append(MetricLabel(Self.kind, value(kind))) }
        guard !series.attributes.isEmpty, !policy.allowed.isEmpty else { return labels }
        // Keys that become one name: their values are joined in the order of the keys, as OpenTelemetry has it.
        for key in series.attributes.keys.sorted() where policy.allowed.contains(key) {
            var name = Self.unreserved(MetricName.label(forAttribute: key))
            if constants.contains(where: { $0.name == name }) { name = "attribute_" + name }
            let value = value(series.attributes[key] ?? "")
            if let place = labels.firstIndex(where: { $0.name == name }) {
                labels[place].value = self.value("\(labels[place].value);\(value)")
            } else {
                labels.append(MetricLabel(name, value))
            }
        }
        return labels
    }

    /// The name, or another where it means something here or in the format.
    static func unreserved(_ name: String) -> String {
        [operation, kind, status, "slot", "le", "quantile", "_"].contains(name) ? "attribute_\(name)" : name
    }

    private func value(_ text: String) -> String { Self.bounded(text, bytes: maximumValueBytes) }

    /// No longer than allowed, cut between scalars; without NUL, at which readers of text stop.
    static func bounded(_ text: String, bytes maximum: Int) -> String {
        let isLong = text.utf8.count > maximum
        guard isLong || text.utf8.contains(0) else { return text }
        var cut = String.UnicodeScalarView()
        var bytes = 0
        for scalar in text.unicodeScalars {
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
