import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitReports

/// Counts the distinct names and attribute values of spans, and their effect on span metrics.
struct SpanCardinality {
    /// The names of one shape.
    struct Shape {
        var names = DistinctValues()
        var spanCount = 0
    }

    /// The values of one attribute.
    struct Key {
        var values = DistinctValues()
        var spanCount = 0

        /// Whether most spans have a value that no other span has.
        var isOfSingleSpans: Bool { values.count > 1 && values.count * 2 > spanCount }
    }

    /// The maximum number of shapes and of attribute keys.
    static let maximumEntries = 100_000

    private(set) var shapes: [ByteText: Shape] = [:]
    private(set) var keys: [ByteText: Key] = [:]
    private(set) var names = DistinctValues()
    private(set) var spanCount = 0
    /// The number of spans whose name appeared after the limit was reached.
    private(set) var overflowedSpanCount = 0
    private var members: Set<ByteText> = []
    /// The maximum number of names with separate series.
    let limit: Int

    /// - Parameter limit: The maximum number of names with separate series; see ``SpanMetrics/Configuration/maximumLabelSets``.
    init(limit: Int) {
        self.limit = limit
    }

    /// The number of names that share the overflow series.
    var overflowedNameCount: Int { max(0, names.count - limit) }

    /// Counts a span.
    mutating func add(_ span: RecordedSpan) {
        spanCount += 1
        names.add(span.name)
        if !members.contains(ByteText(span.name)) {
            if members.count < limit { members.insert(ByteText(span.name)) } else { overflowedSpanCount += 1 }
        }
        let shape = ByteText(NameShape.shape(of: span.name))
        if shapes[shape] != nil || shapes.count < Self.maximumEntries {
            shapes[shape, default: Shape()].names.add(span.name)
            shapes[shape]?.spanCount += 1
        }
        for attribute in span.attributes {
            let key = ByteText(attribute.key)
            guard keys[key] != nil || keys.count < Self.maximumEntries else { continue }
            keys[key, default: Key()].values.add(attribute.value.labelText)
            keys[key]?.spanCount += 1
        }
    }
}
