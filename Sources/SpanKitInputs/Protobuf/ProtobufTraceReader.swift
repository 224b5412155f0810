import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Reads the spans of one `ResourceSpans` message (`opentelemetry/proto/trace/v1/trace.proto`), or the points of one
/// `ResourceMetrics` message, which has the same outer fields.
///
/// The spans are the same as those of ``TraceReader`` for the same data in JSON. A damaged attribute, event or span is skipped;
/// the rest is kept.
struct ProtobufTraceReader {
    /// What was changed or left out, and the index of its byte.
    struct Note {
        var reason: String
        var place: Int
    }

    /// Notes on the first fields that were changed or left out.
    private(set) var notes: [Note] = []
    private(set) var noteCount = 0
    /// The number of unknown fields.
    var unknownFieldCount = 0
    /// Whether the message contains metrics or logs that are not read. They have the same outer fields.
    private(set) var isOtherSignal = false
    private let noteLimit: Int
    /// Whether messages are read for forwarding, without interpretation.
    private let forwards: Bool
    private let readsMetrics: Bool
    /// The metrics of the message.
    var metrics: [DecodedMetric] = []

    init(noteLimit: Int, forwards: Bool = false, readsMetrics: Bool = false) {
        self.forwards = forwards
        self.readsMetrics = readsMetrics
        self.noteLimit = noteLimit
    }

    mutating func note(_ reason: @autoclosure () -> String, at place: Int) {
        noteCount += 1
        if notes.count < noteLimit { notes.append(Note(reason: reason(), place: place)) }
    }

    /// Adds a note if a message is damaged.
    /// - Returns: Whether the message is not damaged.
    mutating func isWhole(
        _ reader: ProtobufFieldReader,
        _ message: @autoclosure () -> String,
        _ consequence: StaticString
    ) -> Bool {
        guard let damage = reader.damage else { return true }
        note("\(message()) is damaged (\(damage.reason)); \(consequence)", at: damage.place)
        return false
    }

    /// Reads a message.
    mutating func read<Stop: Error>(
        _ message: ArraySlice<UInt8>,
        _ deliver: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        var resource = Resource()
        var written = WireMessage(.resourceSpans)
        var scopes: [ArraySlice<UInt8>] = []
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (2, 2): scopes.append(field.content)
            case _ where forwards: readField(field, of: &written)
            case (1, 2): resource.attributes = readResource(field.content)
            case (3, 2): resource.schemaURL = text(field)
            default: unknownFieldCount += 1
            }
        }
        for scope in scopes { try readScopeSpans(scope, resource, written, deliver) }
        // The spans before the point where it is cut off are still valid.
        let known = noteCount
        if let cut = reader.cut, cut.number == 2 { try readScopeSpans(cut.content, resource, written, deliver) }
        // One fault is noted once, at the innermost message.
        if noteCount == known {
            _ = isWhole(reader, "a ResourceSpans message", "what was read before that is kept")
        }
    }

    private mutating func readResource(_ message: ArraySlice<UInt8>) -> [Attribute] {
        var attributes = UniqueAttributes()
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 2): if let attribute = attribute(field.content, depth: 1) { attributes.set(attribute) }
            // The count of dropped attributes and the references to entities, as in JSON.
            case (2, 0), (3, 2): break
            default: unknownFieldCount += 1
            }
        }
        _ = isWhole(reader, "a resource", "its attributes before that are kept")
        return attributes.list
    }

    private mutating func readScopeSpans<Stop: Error>(
        _ message: ArraySlice<UInt8>,
        _ resource: Resource,
        _ writtenResource: WireMessage,
        _ deliver: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        var scope = InstrumentationScope()
        var written = WireMessage(.scopeSpans)
        var spans: [ArraySlice<UInt8>] = []
        var reader = ProtobufFieldReader(message)
        while true {
            while let field = reader.next() {
                switch (field.number, field.wire) {
                case (2, 2): spans.append(field.content)
                case _ where forwards: readField(field, of: &written)
                case (1, 2):
                    let schemaURL = scope.schemaURL
                    scope = readScope(field.content)
                    scope.schemaURL = schemaURL
                case (3, 2): scope.schemaURL = text(field)
                default: unknownFieldCount += 1
                }
            }
            guard let damage = reader.damage else { break }
            let next = Self.nextSpan(in: message, behind: damage.place)
            let left = (next ?? message.endIndex) - damage.place
            note(
                "a \(spans.prefix(3).contains(where: Self.isMetric) ? "metric" : "span") is damaged (\(damage.reason)); \(left == 1 ? "1 byte is" : "\(left) bytes are") left out",
                at: damage.place
            )
            guard let next else { break }
            reader.resume(at: next)
        }
        // The first may be damaged.
        if readsMetrics, spans.prefix(3).contains(where: Self.isMetric) {
            for metric in spans { readMetric(metric, resource, scope) }
            return
        }
        if let first = spans.first, !Self.isSpan(first) {
            isOtherSignal = true
            return
        }
        if forwards {
            return try forward(spans, WireHead(resource: writtenResource, scope: written), deliver)
        }
        for message in spans {
            guard let span = readSpan(message) else { continue }
            try deliver(DecodedSpan(resource: resource, scope: scope, span: span))
        }
    }

    private mutating func readScope(_ message: ArraySlice<UInt8>) -> InstrumentationScope {
        var scope = InstrumentationScope()
        var attributes = UniqueAttributes()
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 2): scope.name = text(field)
            case (2, 2): scope.version = text(field)
            case (3, 2): if let attribute = attribute(field.content, depth: 1) { attributes.set(attribute) }
            case (4, 0): break
            default: unknownFieldCount += 1
            }
        }
        _ = isWhole(reader, "a scope", "what was read before that is kept")
        scope.attributes = attributes.list
        return scope
    }

    // MARK: Damage and other signals

    /// The index of the next span that begins with its ids, as all known encoders write it.
    private static func nextSpan(in message: ArraySlice<UInt8>, behind place: Int) -> Int? {
        guard place < message.endIndex else { return nil }
        return message[(place + 1)...].indices.first { start in
            guard message[start] == 0x12 else { return false }
            var ids = start + 1
            guard let length = try? Varint.read(message, at: &ids), ids + 28 <= message.endIndex,
                28...UInt64(message.endIndex - ids) ~= length
            else { return false }
            return message[ids] == 0x0A && message[ids + 1] == 16 && message[ids + 18] == 0x12 && message[ids + 19] == 8
        }
    }

    /// Whether an element of a scope is a span, not a metric or a log record.
    ///
    /// Field 1 is the trace id of a span, the name of a metric, or the time of a log record.
    private static func isSpan(_ message: ArraySlice<UInt8>) -> Bool {
        var ids = 0
        var count = 0
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            count += 1
            switch (field.number, field.wire) {
            case (1, 2) where field.content.count == 16 && !isReadable(field.content): ids += 1
            case (2, 2) where field.content.count == 8 && !isReadable(field.content): ids += 1
            case (7, 1), (8, 1): return true
            case (1, 1), (11, 1): return false
            default: break
            }
        }
        return ids > 0 || count == 0 || reader.damage != nil
    }

    /// Whether an element of a scope is a metric, not a span or a log record: it has data of a known kind, and a name where a span has
    /// an id of 16 bytes. It has no time of its own.
    private static func isMetric(_ message: ArraySlice<UInt8>) -> Bool {
        var hasName = false
        var hasData = false
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 2): hasName = field.content.count != 16 || isReadable(field.content)
            case (1, 1), (7, 1), (8, 1), (11, 1): return false
            case (let number, 2) where MetricParts.kind(ofField: number) != nil: hasData = true
            default: break
            }
        }
        return hasName && hasData
    }

    private static func isReadable(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.allSatisfy { 0x20..<0x7F ~= $0 } }
}
