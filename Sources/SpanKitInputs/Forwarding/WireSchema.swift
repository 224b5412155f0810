/// A message of OTLP's traces (`opentelemetry/proto/trace/v1/trace.proto`, `common.proto`, `resource.proto`).
enum WireType: Int, CaseIterable, Sendable {
    case resourceSpans, resource, entityReference, scopeSpans, scope, span, event, link, status
    case attribute, value, list, map

    /// The fields in the order of their numbers.
    var fields: [WireField] { WireField.tables[rawValue].fields }

    /// The field with a name in JSON, in lowerCamelCase or snake_case, or with the name that it had in older versions.
    func field(named name: String) -> WireField? { WireField.tables[rawValue].names[name] }

    /// The field with a number.
    func field(_ number: Int) -> WireField? {
        let fields = fields
        // The numbers have no gaps, except where a field is missing because it is read elsewhere.
        if number > 0, number <= fields.count, fields[number - 1].number == number { return fields[number - 1] }
        return fields.first { $0.number == number }
    }
}

/// A field of a message: its number in protobuf, its name in JSON, and its type.
struct WireField: Sendable {
    enum Kind: Sendable {
        case text
        /// A trace id (16 bytes) or a span id (8 bytes): hexadecimal in JSON.
        case id(Int)
        /// Base64 in JSON.
        case bytes
        /// 64 bits: a string in JSON.
        case fixed64
        case fixed32
        case varint
        /// A signed number of 64 bits: a string in JSON.
        case int
        case bool
        case double
        /// An enum: a number, or, from some exporters, a name with this prefix.
        case choice(prefix: String, [String])
        case message(WireType)

        /// The wire type of protobuf.
        var wire: UInt64 {
            switch self {
            case .text, .id, .bytes, .message: 2
            case .fixed64, .double: 1
            case .fixed32: 5
            case .varint, .int, .bool, .choice: 0
            }
        }
    }

    let number: Int
    let name: String
    let kind: Kind
    let isRepeated: Bool
    /// Other names in JSON, from before OTLP 0.15.
    let oldNames: [String]

    private init(_ number: Int, _ name: String, _ kind: Kind, isRepeated: Bool = false, oldNames: [String] = []) {
        self.number = number
        self.name = name
        self.kind = kind
        self.isRepeated = isRepeated
        self.oldNames = oldNames
    }

    private static func list(_ number: Int, _ name: String, _ kind: Kind) -> WireField {
        WireField(number, name, kind, isRepeated: true)
    }

    /// The name in snake_case.
    private var snakeName: String { name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)" } }

    /// The fields of the messages, by `WireType.rawValue`.
    fileprivate static let tables = WireType.allCases.map { type in
        let fields = fields(of: type)
        var names: [String: WireField] = [:]
        for field in fields { for name in [field.name, field.snakeName] + field.oldNames { names[name] = field } }
        return (fields: fields, names: names)
    }

    // `scopeSpans` and `spans` are missing: the readers split the input there.
    private static func fields(of type: WireType) -> [WireField] {
        switch type {
        case .resourceSpans: [.init(1, "resource", .message(.resource)), .init(3, "schemaUrl", .text)]
        case .resource:
            [
                .list(1, "attributes", .message(.attribute)), .init(2, "droppedAttributesCount", .varint),
                .list(3, "entityRefs", .message(.entityReference)),
            ]
        case .entityReference:
            [
                .init(1, "schemaUrl", .text), .init(2, "type", .text), .list(3, "idKeys", .text),
                .list(4, "descriptionKeys", .text),
            ]
        case .scopeSpans:
            [
                .init(
                    1,
                    "scope",
                    .message(.scope),
                    oldNames: ["instrumentationLibrary", "instrumentation_library"]
                ), .init(3, "schemaUrl", .text),
            ]
        case .scope:
            [
                .init(1, "name", .text), .init(2, "version", .text), .list(3, "attributes", .message(.attribute)),
                .init(4, "droppedAttributesCount", .varint),
            ]
        case .span:
            [
                .init(1, "traceId", .id(16)), .init(2, "spanId", .id(8)), .init(3, "traceState", .text),
                .init(4, "parentSpanId", .id(8)), .init(5, "name", .text), .init(6, "kind", spanKind),
                .init(7, "startTimeUnixNano", .fixed64), .init(8, "endTimeUnixNano", .fixed64),
                .list(9, "attributes", .message(.attribute)), .init(10, "droppedAttributesCount", .varint),
                .list(11, "events", .message(.event)), .init(12, "droppedEventsCount", .varint),
                .list(13, "links", .message(.link)), .init(14, "droppedLinksCount", .varint),
                .init(15, "status", .message(.status)), .init(16, "flags", .fixed32),
            ]
        case .event:
            [
                .init(1, "timeUnixNano", .fixed64), .init(2, "name", .text),
                .list(3, "attributes", .message(.attribute)), .init(4, "droppedAttributesCount", .varint),
            ]
        case .link:
            [
                .init(1, "traceId", .id(16)), .init(2, "spanId", .id(8)), .init(3, "traceState", .text),
                .list(4, "attributes", .message(.attribute)), .init(5, "droppedAttributesCount", .varint),
                .init(6, "flags", .fixed32),
            ]
        case .status:
            [.init(2, "message", .text), .init(3, "code", .choice(prefix: "STATUS_CODE_", ["UNSET", "OK", "ERROR"]))]
        case .attribute: [.init(1, "key", .text), .init(2, "value", .message(.value))]
        case .value:
            [
                .init(1, "stringValue", .text), .init(2, "boolValue", .bool), .init(3, "intValue", .int),
                .init(4, "doubleValue", .double), .init(5, "arrayValue", .message(.list)),
                .init(6, "kvlistValue", .message(.map)), .init(7, "bytesValue", .bytes),
            ]
        case .list: [.list(1, "values", .message(.value))]
        case .map: [.list(1, "values", .message(.attribute))]
        }
    }

    private static let spanKind = Kind.choice(
        prefix: "SPAN_KIND_",
        ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
    )
}
