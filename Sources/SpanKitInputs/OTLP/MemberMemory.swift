import SpanKitPlatform

/// The members of OTLP's JSON objects, each with its names in lowerCamelCase and snake_case.
enum MemberName: UInt8 {
    case unknown
    case resource, scopeSpans, scope, spans, schemaURL, attributes, version
    case traceID, spanID, parentSpanID, traceState, name, kind, start, end, status, flags, events, links
    case droppedAttributesCount, droppedEventsCount, droppedLinksCount
    case time, message, code, key, value, values
    case stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue

    private static let names: [(StaticString, MemberName)] = [
        ("resource", .resource), ("scopeSpans", .scopeSpans), ("scope_spans", .scopeSpans),
        ("instrumentationLibrarySpans", .scopeSpans), ("instrumentation_library_spans", .scopeSpans),
        ("scope", .scope), ("instrumentationLibrary", .scope), ("instrumentation_library", .scope),
        ("spans", .spans), ("schemaUrl", .schemaURL), ("schema_url", .schemaURL), ("attributes", .attributes),
        ("version", .version), ("traceId", .traceID), ("trace_id", .traceID), ("spanId", .spanID),
        ("span_id", .spanID), ("parentSpanId", .parentSpanID), ("parent_span_id", .parentSpanID),
        ("traceState", .traceState), ("trace_state", .traceState), ("name", .name), ("kind", .kind),
        ("startTimeUnixNano", .start), ("start_time_unix_nano", .start), ("endTimeUnixNano", .end),
        ("end_time_unix_nano", .end), ("status", .status), ("flags", .flags), ("events", .events), ("links", .links),
        ("droppedAttributesCount", .droppedAttributesCount), ("dropped_attributes_count", .droppedAttributesCount),
        ("droppedEventsCount", .droppedEventsCount), ("dropped_events_count", .droppedEventsCount),
        ("droppedLinksCount", .droppedLinksCount), ("dropped_links_count", .droppedLinksCount),
        ("timeUnixNano", .time), ("time_unix_nano", .time), ("message", .message), ("code", .code), ("key", .key),
        ("value", .value), ("values", .values), ("stringValue", .stringValue), ("string_value", .stringValue),
        ("boolValue", .boolValue), ("bool_value", .boolValue), ("intValue", .intValue), ("int_value", .intValue),
        ("doubleValue", .doubleValue), ("double_value", .doubleValue), ("bytesValue", .bytesValue),
        ("bytes_value", .bytesValue), ("arrayValue", .arrayValue), ("array_value", .arrayValue),
        ("kvlistValue", .kvlistValue), ("kvlist_value", .kvlistValue),
    ]

    init(_ key: JSONToken) {
        self = Self.names.first { $0.0 ~= key }?.1 ?? .unknown
    }
}

/// How members follow each other in the objects that were read.
///
/// Exporters write the members of an object in one order and layout. The bytes from the end of one value to the start of the next,
/// such as `,"spanId":`, are compared as a whole, instead of reading a comma, a key and a colon and looking up the key.
final class MemberMemory {
    /// A place in an object: its beginning or the end of a member's value.
    struct Place {
        fileprivate var node: UInt8

        /// The beginnings. Objects of one kind contain the same members.
        static let resourceSpans = Place(node: 1)
        static let scopeSpans = Place(node: 2)
        static let resource = Place(node: 3)
        static let scope = Place(node: 4)
        static let span = Place(node: 5)
        static let event = Place(node: 6)
        static let link = Place(node: 7)
        static let status = Place(node: 8)
        static let attribute = Place(node: 9)
        static let value = Place(node: 10)
        static let list = Place(node: 11)
        fileprivate static let beginningCount: UInt8 = 12
        /// A place of which nothing is remembered.
        fileprivate static let unknown = Place(node: 0)
    }

    private struct Node {
        /// What leads here, and how many bytes, as a mask and as a number.
        var bytes = ShortBytes()
        var mask = ShortBytes()
        var count: UInt8 = 0
        var name = MemberName.unknown
        /// The first node behind this one, and the next node behind the same place; 0 for none.
        var successor: UInt8 = 0
        var sibling: UInt8 = 0
        var successorCount: UInt8 = 0
    }

    /// More are not worth comparing.
    private static let mostSuccessors = 8
    private static let capacity = 200

    /// Indices of nodes are always below `used`, which is at most `capacity`.
    private let nodes: UnsafeMutablePointer<Node>
    private var used = Place.beginningCount

    init() {
        nodes = .allocate(capacity: Self.capacity)
        nodes.initialize(repeating: Node(), count: Self.capacity)
    }

    deinit { nodes.deallocate() }

    /// The member that begins here, if its bytes are known.
    /// - Parameter start: The first of 32 bytes that can be read.
    /// - Returns: The name, and the number of bytes before the value.
    @inline(__always)
    func member(_ start: UnsafePointer<UInt8>, at place: inout Place) -> (name: MemberName, count: Int)? {
        var index = nodes[Int(place.node)].successor
        while index != 0 {
            let node = nodes + Int(index)
            if node.pointee.bytes.begin(start, mask: node.pointee.mask) {
                place.node = index
                return (node.pointee.name, Int(node.pointee.count))
            }
            index = node.pointee.sibling
        }
        return nil
    }

    /// Remembers the bytes before a value.
    /// - Parameter start: The first of 32 bytes that can be read, of which at most 32 are before the value.
    /// - Returns: The place behind the value.
    func add(_ start: UnsafePointer<UInt8>, count: Int, _ name: MemberName, at place: Place) -> Place {
        let before = nodes + Int(place.node)
        guard place.node != Place.unknown.node, Int(used) < Self.capacity, count <= ShortBytes.mostBytes,
            before.pointee.successorCount < Self.mostSuccessors
        else { return .unknown }
        nodes[Int(used)] = Node(
            bytes: ShortBytes(start, count: count),
            mask: .mask(count: count),
            count: UInt8(count),
            name: name,
            sibling: before.pointee.successor
        )
        before.pointee.successor = used
        before.pointee.successorCount += 1
        used += 1
        return Place(node: used - 1)
    }

    /// A place of which nothing is remembered.
    var unknown: Place { .unknown }
}
