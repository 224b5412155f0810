import SpanKitPlatform
import SpanKitRecording

/// Attributes without an order, as the identity of a series.
///
/// The attributes are sorted by key. Of several with one key, the last one is kept. Attributes with an empty key are left out.
struct AttributeSet: Hashable, Sendable {
    let attributes: [Attribute]
    /// ``Code/of(_:)`` the attributes.
    let code: UInt64

    static let empty = AttributeSet([])

    init(_ attributes: [Attribute]) {
        let isCanonical = zip(attributes, attributes.dropFirst()).allSatisfy { $0.key.byteOrder($1.key) < 0 }
        if isCanonical, attributes.first?.key.isEmpty != true {
            self.init(sorted: attributes)
            return
        }
        // Sorting is stable, so the last of several with one key is the last in the list.
        let sorted = attributes.filter { !$0.key.isEmpty }.sorted { $0.key.byteOrder($1.key) < 0 }
        var unique: [Attribute] = []
        for attribute in sorted {
            if let last = unique.last, last.key.hasSameBytes(as: attribute.key) { unique.removeLast() }
            unique.append(attribute)
        }
        self.init(sorted: unique)
    }

    private init(sorted attributes: [Attribute]) {
        self.attributes = attributes
        code = Code.of(attributes)
    }

    static func == (left: AttributeSet, right: AttributeSet) -> Bool {
        left.code == right.code && left.contains(right.attributes)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(code) }

    /// Whether these are the same attributes in any order. Their codes are equal, so that none is there twice.
    @inline(__always)
    func contains(_ others: [Attribute]) -> Bool {
        guard attributes.count == others.count else { return false }
        return others.indices.allSatisfy { place in
            let other = others[place]
            // Usually the order is the same.
            if Self.isSame(attributes[place], other) { return true }
            return attributes.contains { Self.isSame($0, other) }
        }
    }

    @inline(__always)
    private static func isSame(_ left: Attribute, _ right: Attribute) -> Bool {
        left.key.hasSameBytes(as: right.key) && left.value.isSame(as: right.value)
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
