import SpanKitPlatform

/// The members of OTLP's JSON objects, each with its names in lowerCamelCase and snake_case.
enum MemberName: UInt8 {
    case unknown
    case resource, scopeSpans, scope, spans, schemaURL, attributes, version
    case traceID, spanID, parentSpanID, traceState, name, kind, start, end, status, flags, events, links
    case droppedAttributesCount, droppedEventsCount, droppedLinksCount
    case time, message, code, key, value, values
    case stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue
    case scopeMetrics, metrics, description, unit, gauge, sum, histogram, exponentialHistogram, summary
    case dataPoints, aggregationTemporality, isMonotonic, asInt, asDouble, count, min, max, bucketCounts, explicitBounds
    case scale, zeroCount, zeroThreshold, positive, negative, offset, quantileValues, quantile
    case scopeLogs, logRecords, observedTime, severityNumber, severityText, body, eventName

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
        ("scopeMetrics", .scopeMetrics), ("scope_metrics", .scopeMetrics),
        ("instrumentationLibraryMetrics", .scopeMetrics), ("instrumentation_library_metrics", .scopeMetrics),
        ("metrics", .metrics), ("description", .description), ("unit", .unit), ("gauge", .gauge), ("sum", .sum),
        ("histogram", .histogram), ("exponentialHistogram", .exponentialHistogram),
        ("exponential_histogram", .exponentialHistogram), ("summary", .summary), ("dataPoints", .dataPoints),
        ("data_points", .dataPoints), ("aggregationTemporality", .aggregationTemporality),
        ("aggregation_temporality", .aggregationTemporality), ("isMonotonic", .isMonotonic),
        ("is_monotonic", .isMonotonic), ("asInt", .asInt), ("as_int", .asInt), ("asDouble", .asDouble),
        ("as_double", .asDouble), ("count", .count), ("min", .min), ("max", .max), ("bucketCounts", .bucketCounts),
        ("bucket_counts", .bucketCounts), ("explicitBounds", .explicitBounds), ("explicit_bounds", .explicitBounds),
        ("scale", .scale), ("zeroCount", .zeroCount), ("zero_count", .zeroCount), ("zeroThreshold", .zeroThreshold),
        ("zero_threshold", .zeroThreshold), ("positive", .positive), ("negative", .negative), ("offset", .offset),
        ("quantileValues", .quantileValues), ("quantile_values", .quantileValues), ("quantile", .quantile),
        ("scopeLogs", .scopeLogs), ("scope_logs", .scopeLogs), ("instrumentationLibraryLogs", .scopeLogs),
        ("instrumentation_library_logs", .scopeLogs), ("logRecords", .logRecords), ("log_records", .logRecords),
        // The name before OTLP 0.15.
        ("logs", .logRecords), ("observedTimeUnixNano", .observedTime), ("observed_time_unix_nano", .observedTime),
        ("severityNumber", .severityNumber), ("severity_number", .severityNumber), ("severityText", .severityText),
        ("severity_text", .severityText), ("body", .body), ("eventName", .eventName), ("event_name", .eventName),
    ]

    init(_ key: JSONToken) {
        self = Self.names.first { $0.0 ~= key }?.1 ?? .unknown
    }
}

/// Remembers the order of members in the objects that were read.
///
/// An exporter writes the members of all objects in the same order and layout. So the bytes between two values, such as
/// `,"spanId":`, are compared as a whole, which is faster than reading a comma, a key and a colon.
final class MemberMemory {
    /// A position in an object: its beginning or the end of a member's value.
    struct Place {
        fileprivate var node: UInt8

        /// The beginning of each kind of object. Objects of one kind contain the same members.
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
        static let resourceMetrics = Place(node: 12)
        static let scopeMetrics = Place(node: 13)
        static let metric = Place(node: 14)
        static let metricData = Place(node: 15)
        static let point = Place(node: 16)
        static let buckets = Place(node: 17)
        static let quantile = Place(node: 18)
        static let resourceLogs = Place(node: 19)
        static let scopeLogs = Place(node: 20)
        static let logRecord = Place(node: 21)
        fileprivate static let beginningCount: UInt8 = 22
        /// A position after which no members are remembered.
        fileprivate static let unknown = Place(node: 0)
    }

    private struct Node {
        /// The bytes between the previous value and this one, as a mask and their number.
        var bytes = ShortBytes()
        var mask = ShortBytes()
        var count: UInt8 = 0
        var name = MemberName.unknown
        /// The first node that follows this one, and the next node that follows the same node as this one; 0 for none.
        var successor: UInt8 = 0
        var sibling: UInt8 = 0
        var successorCount: UInt8 = 0
    }

    /// The maximum number of successors of a node. Comparing more is not faster than reading the key.
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
    /// - Parameter start: The first of 32 bytes that can be read. The value starts after at most 32 bytes.
    /// - Returns: The position after the value.
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

    /// A position after which no members are remembered.
    var unknown: Place { .unknown }
}
