import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The keys of the attributes of spans, and the most frequent values of each, to complete a query.
package struct AttributeKeys: Sendable {
    private static let keyLimit = 1_000
    /// A key with more different values contains ids or texts. They are not offered, because a list of them helps no one to choose.
    private static let valueLimit = 200
    private static let longestValue = 100
    private static let shownValues = 20

    private var keys: [ByteText: (count: Int, values: [ByteText: Int])] = [:]

    package init() {}

    package mutating func add(_ spans: some Sequence<DecodedSpan>) {
        for span in spans {
            for attribute in span.span.attributes + span.resource.attributes { add(attribute) }
        }
    }

    private mutating func add(_ attribute: Attribute) {
        let key = ByteText(attribute.key)
        guard keys[key] != nil || keys.count < Self.keyLimit else { return }
        keys[key, default: (0, [:])].count += 1
        guard let text = attribute.value.propertyText else { return }
        let value = ByteText(text)
        guard text.utf8.count <= Self.longestValue,
            let known = keys[key]?.values, known[value] != nil || known.count < Self.valueLimit
        else { return }
        keys[key]?.values[value, default: 0] += 1
    }

    /// The most frequent keys first.
    package var json: JSONText {
        let sorted = keys.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        return .list(
            sorted.map { key, found in
                let values = found.values.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.shownValues)
                return .object([
                    ("key", .string(key.text)), ("count", .count(found.count)),
                    ("values", .list(values.map { .string($0.key.text) })),
                ])
            }
        )
    }
}
