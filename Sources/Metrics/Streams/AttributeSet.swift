import SpanKitPlatform
import SpanKitRecording

/// Attributes without an order, as the identity of a series.
///
/// The attributes are sorted by key. Of several with one key, the last one is kept. Attributes with an empty key are left out.
struct AttributeSet: Hashable, Sendable {
    let attributes: [Attribute]

    static let empty = AttributeSet([])

    init(_ attributes: [Attribute]) {
        let isCanonical = zip(attributes, attributes.dropFirst()).allSatisfy { $0.key.byteOrder($1.key) < 0 }
        if isCanonical, attributes.first?.key.isEmpty != true {
            self.attributes = attributes
            return
        }
        // Sorting is stable, so the last of several with one key is the last in the list.
        let sorted = attributes.filter { !$0.key.isEmpty }.sorted { $0.key.byteOrder($1.key) < 0 }
        var unique: [Attribute] = []
        for attribute in sorted {
            if let last = unique.last, last.key.hasSameBytes(as: attribute.key) { unique.removeLast() }
            unique.append(attribute)
        }
        self.attributes = unique
    }

    private init(sorted attributes: [Attribute]) {
        self.attributes = attributes
    }

    /// The attributes that a view keeps, and those that it leaves out.
    func split(by keys: MetricView.AttributeKeys) -> (kept: AttributeSet, dropped: [Attribute]) {
        guard !keys.keepsAll else { return (self, []) }
        return (
            AttributeSet(sorted: attributes.filter { keys.keeps($0.key) }), attributes.filter { !keys.keeps($0.key) }
        )
    }

    /// The attributes of the series that counts what exceeds the cardinality limit.
    static let overflow = AttributeSet([Attribute("otel.metric.overflow", true)])
}
