/// Where the messages of OTLP contain text. Numbers are not listed: they are kept.
///
/// Of length-delimited fields, those that are not listed are unknown, so that they may be text.
struct TextPlaces: Sendable {
    enum Place: Sendable {
        case text
        /// A W3C trace state, which cannot be changed in part.
        case traceState
        /// Ids, bytes of packed numbers and the like.
        case other
        case message(String)
    }

    private let fields: [Int: Place]

    subscript(number: Int) -> Place? { fields[number] }

    static func of(_ message: String) -> TextPlaces { all[message] ?? TextPlaces(fields: [:]) }

    /// Message: number and what it contains. `*` is text, `~` a trace state, `-` no text, and everything else a message.
    private static let table = """
        traces: 1 ResourceSpans
        ResourceSpans: 1 Resource, 2 ScopeSpans, 3 *
        ScopeSpans: 1 Scope, 2 Span, 3 *
        Span: 1 -, 2 -, 3 ~, 4 -, 5 *, 9 KeyValue, 11 Event, 13 Link, 15 Status
        Event: 2 *, 3 KeyValue
        Link: 1 -, 2 -, 3 ~, 4 KeyValue
        Status: 2 *
        logs: 1 ResourceLogs
        ResourceLogs: 1 Resource, 2 ScopeLogs, 3 *
        ScopeLogs: 1 Scope, 2 LogRecord, 3 *
        LogRecord: 3 *, 5 Value, 6 KeyValue, 9 -, 10 -, 12 *
        metrics: 1 ResourceMetrics
        ResourceMetrics: 1 Resource, 2 ScopeMetrics, 3 *
        ScopeMetrics: 1 Scope, 2 Metric, 3 *
        Metric: 1 *, 2 *, 3 *, 5 Numbers, 7 Numbers, 9 Histogram, 10 ExponentialHistogram, 11 Summary, 12 KeyValue
        Numbers: 1 Number
        Number: 5 Exemplar, 7 KeyValue
        Histogram: 1 HistogramPoint
        HistogramPoint: 6 -, 7 -, 8 Exemplar, 9 KeyValue
        ExponentialHistogram: 1 ExponentialPoint
        ExponentialPoint: 1 KeyValue, 8 -, 9 -, 11 Exemplar
        Summary: 1 SummaryPoint
        SummaryPoint: 6 -, 7 KeyValue
        Exemplar: 4 -, 5 -, 7 KeyValue
        Resource: 1 KeyValue, 3 EntityReference
        EntityReference: 1 *, 2 *, 3 *, 4 *
        Scope: 1 *, 2 *, 3 KeyValue
        KeyValue: 1 *, 2 Value
        Value: 1 *, 5 List, 6 Map, 7 -
        List: 1 Value
        Map: 1 KeyValue
        """

    private static let all = Dictionary(
        uniqueKeysWithValues: table.split(separator: "\n").map { line in
            let parts = line.split(separator: ":")
            let fields = parts[1].split(separator: ",").map { field -> (Int, Place) in
                let words = field.split(separator: " ")
                let place: Place =
                    switch words[1] {
                    case "*": .text
                    case "~": .traceState
                    case "-": .other
                    default: .message(String(words[1]))
                    }
                return (Int(words[0]) ?? 0, place)
            }
            return (String(parts[0]), TextPlaces(fields: Dictionary(uniqueKeysWithValues: fields)))
        }
    )
}
