/// A message of OTLP: its fields by number in protobuf and by name in JSON (`opentelemetry/proto/…`, version 1).
package final class MessageType: Sendable {
    /// The type of a field.
    enum Kind: Sendable {
        case text
        /// An id: hexadecimal digits in JSON.
        case id
        /// Base64 in JSON.
        case bytes
        case fixed64, signedFixed64, double
        case fixed32
        /// Numbers of 64 bits are strings in JSON, those of 32 bits are not.
        case signed64, unsigned64, unsigned32, zigzag32
        case bool, choice
        case message(String)

        /// The wire type of protobuf.
        var wire: UInt64 {
            switch self {
            case .text, .id, .bytes, .message: 2
            case .fixed64, .signedFixed64, .double: 1
            case .fixed32: 5
            case .signed64, .unsigned64, .unsigned32, .zigzag32, .bool, .choice: 0
            }
        }
    }

    struct Field: Sendable {
        let number: Int
        let name: String
        let kind: Kind
        let isRepeated: Bool

        /// Whether several values are written as one field (a packed field).
        var isPacked: Bool { isRepeated && kind.wire != 2 }
    }

    let fields: [Field]
    private let numbers: [Int: Int]
    private let names: [String: Int]

    private init(_ fields: [Field]) {
        self.fields = fields
        numbers = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.number, $0) })
        names = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
    }

    /// The request of a signal: `traces`, `metrics` or `logs`; nil for any other.
    package static func request(ofSignal signal: String) -> MessageType? { all[signal] }

    static func named(_ name: String) -> MessageType {
        guard let type = all[name] else { preconditionFailure("the table has all types that it names") }
        return type
    }

    func field(_ number: Int) -> Field? { numbers[number].map { fields[$0] } }

    func field(named name: String) -> Field? { names[name].map { fields[$0] } }

    /// Message, colon, then number, name and type of each field; `*` is a list.
    private static let table = """
        traces: 1 resourceSpans *ResourceSpans
        ResourceSpans: 1 resource Resource, 2 scopeSpans *ScopeSpans, 3 schemaUrl text
        ScopeSpans: 1 scope Scope, 2 spans *Span, 3 schemaUrl text
        Span: 1 traceId id, 2 spanId id, 3 traceState text, 4 parentSpanId id, 5 name text, 6 kind choice, 7 startTimeUnixNano fixed64, \
        8 endTimeUnixNano fixed64, 9 attributes *KeyValue, 10 droppedAttributesCount unsigned32, 11 events *Event, \
        12 droppedEventsCount unsigned32, 13 links *Link, 14 droppedLinksCount unsigned32, 15 status Status, 16 flags fixed32
        Event: 1 timeUnixNano fixed64, 2 name text, 3 attributes *KeyValue, 4 droppedAttributesCount unsigned32
        Link: 1 traceId id, 2 spanId id, 3 traceState text, 4 attributes *KeyValue, 5 droppedAttributesCount unsigned32, 6 flags fixed32
        Status: 2 message text, 3 code choice
        metrics: 1 resourceMetrics *ResourceMetrics
        ResourceMetrics: 1 resource Resource, 2 scopeMetrics *ScopeMetrics, 3 schemaUrl text
        ScopeMetrics: 1 scope Scope, 2 metrics *Metric, 3 schemaUrl text
        Metric: 1 name text, 2 description text, 3 unit text, 5 gauge Gauge, 7 sum Sum, 9 histogram Histogram, \
        10 exponentialHistogram ExponentialHistogram, 11 summary Summary, 12 metadata *KeyValue
        Gauge: 1 dataPoints *NumberPoint
        Sum: 1 dataPoints *NumberPoint, 2 aggregationTemporality choice, 3 isMonotonic bool
        Histogram: 1 dataPoints *HistogramPoint, 2 aggregationTemporality choice
        ExponentialHistogram: 1 dataPoints *ExponentialPoint, 2 aggregationTemporality choice
        Summary: 1 dataPoints *SummaryPoint
        NumberPoint: 2 startTimeUnixNano fixed64, 3 timeUnixNano fixed64, 4 asDouble double, 5 exemplars *Exemplar, \
        6 asInt signedFixed64, 7 attributes *KeyValue, 8 flags unsigned32
        HistogramPoint: 2 startTimeUnixNano fixed64, 3 timeUnixNano fixed64, 4 count fixed64, 5 sum double, 6 bucketCounts *fixed64, \
        7 explicitBounds *double, 8 exemplars *Exemplar, 9 attributes *KeyValue, 10 flags unsigned32, 11 min double, 12 max double
        ExponentialPoint: 1 attributes *KeyValue, 2 startTimeUnixNano fixed64, 3 timeUnixNano fixed64, 4 count fixed64, 5 sum double, \
        6 scale zigzag32, 7 zeroCount fixed64, 8 positive Buckets, 9 negative Buckets, 10 flags unsigned32, 11 exemplars *Exemplar, \
        12 min double, 13 max double, 14 zeroThreshold double
        Buckets: 1 offset zigzag32, 2 bucketCounts *unsigned64
        SummaryPoint: 2 startTimeUnixNano fixed64, 3 timeUnixNano fixed64, 4 count fixed64, 5 sum double, 6 quantileValues *Quantile, \
        7 attributes *KeyValue, 8 flags unsigned32
        Quantile: 1 quantile double, 2 value double
        Exemplar: 2 timeUnixNano fixed64, 3 asDouble double, 4 spanId id, 5 traceId id, 6 asInt signedFixed64, \
        7 filteredAttributes *KeyValue
        logs: 1 resourceLogs *ResourceLogs
        ResourceLogs: 1 resource Resource, 2 scopeLogs *ScopeLogs, 3 schemaUrl text
        ScopeLogs: 1 scope Scope, 2 logRecords *LogRecord, 3 schemaUrl text
        LogRecord: 1 timeUnixNano fixed64, 2 severityNumber choice, 3 severityText text, 5 body Value, 6 attributes *KeyValue, \
        7 droppedAttributesCount unsigned32, 8 flags fixed32, 9 traceId id, 10 spanId id, 11 observedTimeUnixNano fixed64, \
        12 eventName text
        Resource: 1 attributes *KeyValue, 2 droppedAttributesCount unsigned32, 3 entityRefs *EntityRef
        EntityRef: 1 schemaUrl text, 2 type text, 3 idKeys *text, 4 descriptionKeys *text
        Scope: 1 name text, 2 version text, 3 attributes *KeyValue, 4 droppedAttributesCount unsigned32
        KeyValue: 1 key text, 2 value Value
        Value: 1 stringValue text, 2 boolValue bool, 3 intValue signed64, 4 doubleValue double, 5 arrayValue List, 6 kvlistValue Map, \
        7 bytesValue bytes
        List: 1 values *Value
        Map: 1 values *KeyValue
        """

    private static let all: [String: MessageType] = Dictionary(
        uniqueKeysWithValues: table.split(separator: "\n").map { line in
            let name = line.prefix { $0 != ":" }
            let fields = line.dropFirst(name.count + 1).split(separator: ",").map { text in
                let words = text.split(separator: " ")
                let type = words[2].drop { $0 == "*" }
                return Field(
                    number: Int(words[0]) ?? 0,
                    name: String(words[1]),
                    kind: kinds[String(type)] ?? .message(String(type)),
                    isRepeated: words[2].hasPrefix("*")
                )
            }
            return (String(name), MessageType(fields))
        }
    )

    private static let kinds: [String: Kind] = [
        "text": .text, "id": .id, "bytes": .bytes, "fixed64": .fixed64, "signedFixed64": .signedFixed64,
        "double": .double,
        "fixed32": .fixed32, "signed64": .signed64, "unsigned64": .unsigned64, "unsigned32": .unsigned32,
        "zigzag32": .zigzag32, "bool": .bool, "choice": .choice,
    ]
}
