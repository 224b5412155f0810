import SpanKitPlatform
import SpanKitRecording
import SpanKitReports

/// What a question about stored traces selects: traces with at least one span of a selection, and of a duration.
package struct TraceQuery: Sendable {
    package var selection: SpanSelection
    /// The bounds of the duration of the whole trace in nanoseconds, inclusive.
    package var shortest: Int64?
    package var longest: Int64?

    package init(_ selection: SpanSelection = SpanSelection(), shortest: Int64? = nil, longest: Int64? = nil) {
        (self.selection, self.shortest, self.longest) = (selection, shortest, longest)
    }

    /// Whether all traces are selected.
    package var isEverything: Bool { !selection.isActive && shortest == nil && longest == nil }
}

/// The order of a list of traces.
package enum TraceOrder: String, Sendable, CaseIterable {
    case newest, slowest
    /// Most failed spans first. Traces without any are left out.
    case errors

    /// The column by which traces are sorted, largest first. Each has an index.
    var column: String {
        switch self {
        case .newest: "start"
        case .slowest: "duration"
        case .errors: "errors"
        }
    }
}

/// A trace in a list.
package struct TraceRow: Sendable {
    /// The number of the trace in the store.
    package let number: Int64
    package let id: TraceID
    /// The name and the service of the root, or of the first span that arrived if there is no root yet.
    package let name: String
    package let service: String
    /// The first start of a span in nanoseconds since 1970-01-01 UTC; 0 if no span has one.
    package let start: Int64
    /// From the first start to the last end, in nanoseconds.
    package let duration: Int64
    package let spanCount: Int
    package let errorCount: Int
    /// Whether no span without a parent arrived yet.
    package let isOrphan: Bool
    package let conversation: String?
    /// The tokens of its calls of language models; `nil` if it has none.
    package let tokens: Int64?
    /// All services of its spans, by name.
    package var services: [String] = []
    /// The last change of the trace; see ``StoreSchema``.
    package let changed: Int64

    package var json: JSONText {
        .object([
            ("trace", .string("\(id)")), ("root", .string(name)), ("service", .string(service)),
            ("start", .string("\(start)")), ("duration", .count(duration)), ("spans", .count(spanCount)),
            ("errors", .count(errorCount)), ("services", .list(services.map { .string($0) })),
            ("orphan", .bool(isOrphan)), ("conversation", .text(conversation)), ("tokens", .count(tokens)),
        ])
    }
}

/// The position in a list after which the next part begins.
package struct TraceCursor: Sendable, Equatable {
    /// The value of the order's column.
    package let key: Int64
    package let number: Int64

    package init(key: Int64, number: Int64) {
        (self.key, self.number) = (key, number)
    }
}
