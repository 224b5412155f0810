import SpanKitOTLP
import SpanKitPrometheusText
import SpanKitRecording

/// How many different names and attribute values spans have, and what that means for their metrics.
struct SpanCardinality {
    /// Names of one shape.
    struct Shape {
        var names = DistinctValues()
        var spanCount = 0
    }

    /// The values of one attribute.
    struct Key {
        var values = DistinctValues()
        var spanCount = 0

        /// Whether most spans have a value of their own: more spans would bring more of them.
        var isOfSingleSpans: Bool { values.count > 1 && values.count * 2 > spanCount }
    }

    /// Beyond so many shapes or keys a file is no longer about operations.
    static let maximumEntries = 100_000

    private(set) var shapes: [String: Shape] = [:]
    private(set) var keys: [String: Key] = [:]
    private(set) var names = DistinctValues()
    private(set) var spanCount = 0
    /// Spans whose name came after the limit was reached.
    private(set) var overflowedSpanCount = 0
    private var members: Set<String> = []
    /// How many names have series of their own.
    let limit: Int

    /// - Parameter limit: as ``SpanMetrics/Configuration/maximumLabelSets``.
    init(limit: Int) {
        self.limit = limit
    }

    /// How many names share the overflow series.
    var overflowedNameCount: Int { max(0, names.count - limit) }

    /// Counts a span.
    mutating func add(_ span: RecordedSpan) {
        spanCount += 1
        names.add(span.name)
        if !members.contains(span.name) {
            if members.count < limit { members.insert(span.name) } else { overflowedSpanCount += 1 }
        }
        let shape = NameShape.shape(of: span.name)
        if shapes[shape] != nil || shapes.count < Self.maximumEntries {
            shapes[shape, default: Shape()].names.add(span.name)
            shapes[shape]?.spanCount += 1
        }
        for attribute in span.attributes {
            guard keys[attribute.key] != nil || keys.count < Self.maximumEntries else { continue }
            keys[attribute.key, default: Key()].values.add(attribute.value.labelText)
            keys[attribute.key]?.spanCount += 1
        }
    }
}
