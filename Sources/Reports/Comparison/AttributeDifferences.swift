import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// What distinguishes some traces from others: for each value of an attribute, the part of the traces that have it, inside and outside
/// of a selection.
///
/// A value counts once for a trace, whichever of its spans has it. The memory is bounded by the number of values.
package struct AttributeDifferences: Sendable {
    private struct Pair: Hashable {
        var key: ByteText
        var value: ByteText
    }

    /// The number of different values that are counted. Later ones are left out.
    package static let valueLimit = 50_000
    /// Longer values are left out: they are texts, not properties.
    private static let longestValue = 256
    /// The number of traces on each side from which on shares are meaningful.
    package static let fewest = 10

    private var counts: [Pair: (inside: Int, outside: Int)] = [:]
    private var inside = 0
    private var outside = 0
    /// Whether values were left out, because there are too many.
    private var isFull = false

    package init() {}

    /// Adds a trace.
    /// - Parameter spans: All spans of the trace.
    package mutating func add(_ spans: some Sequence<DecodedSpan>, isInside: Bool) {
        if isInside { inside += 1 } else { outside += 1 }
        var pairs: Set<Pair> = []
        for span in spans {
            pairs.insert(Pair(key: ByteText("name"), value: ByteText(span.span.name)))
            pairs.insert(Pair(key: ByteText("status"), value: ByteText(SpanStatus(span.span).rawValue)))
            for attribute in span.span.attributes + span.resource.attributes {
                guard let text = attribute.value.propertyText, text.utf8.count <= Self.longestValue else { continue }
                pairs.insert(Pair(key: ByteText(attribute.key), value: ByteText(text)))
            }
        }
        for pair in pairs {
            guard counts[pair] != nil || counts.count < Self.valueLimit else {
                isFull = true
                continue
            }
            if isInside {
                counts[pair, default: (0, 0)].inside += 1
            } else {
                counts[pair, default: (0, 0)].outside += 1
            }
        }
    }

    /// The values with the largest difference first.
    /// - Parameter limit: The maximum number of values.
    package func json(limit: Int) -> JSONText {
        func share(_ count: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(count) / Double(whole) }
        typealias Row = (pair: Pair, inside: Int, outside: Int, difference: Double)
        let isMeaningful = inside >= Self.fewest && outside >= Self.fewest
        let rows: [Row] =
            !isMeaningful
            ? []
            : counts.map { pair, count in
                let difference = share(count.inside, inside) - share(count.outside, outside)
                return (pair, count.inside, count.outside, difference)
            }
            .filter { $0.difference != 0 }
            .sorted {
                ($1.difference.magnitude, $0.pair.key, $0.pair.value)
                    < ($0.difference.magnitude, $1.pair.key, $1.pair.value)
            }
        return .object([
            ("inside", .count(inside)), ("outside", .count(outside)), ("fewest", .count(Self.fewest)),
            ("isComplete", .bool(!isFull)), ("total", .count(rows.count)),
            (
                "rows",
                .list(
                    rows.prefix(limit).map { row in
                        .object([
                            ("key", .string(row.pair.key.text)), ("value", .string(row.pair.value.text)),
                            ("insideCount", .count(row.inside)), ("outsideCount", .count(row.outside)),
                            ("insideShare", .number(share(row.inside, inside))),
                            ("outsideShare", .number(share(row.outside, outside))),
                        ])
                    }
                )
            ),
        ])
    }
}

extension AttributeValue {
    /// The text of a value by which spans can be told apart; `nil` for lists, maps and bytes.
    var propertyText: String? {
        switch self {
        case .string(let text): text
        case .bool, .int, .double: JSONText(self).compact
        case .bytes, .array, .map, .null: nil
        }
    }
}
