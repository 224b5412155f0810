import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Reads the spans of one `ResourceSpans` message (`opentelemetry/proto/trace/v1/trace.proto`), the points of one
/// `ResourceMetrics` message or the records of one `ResourceLogs` message. All have the same outer fields.
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
    private let reads: OtherSignals
    /// The metrics of the message.
    var metrics: [DecodedMetric] = []
    /// The log records of the message.
    var logs: [DecodedLog] = []

    init(noteLimit: Int, forwards: Bool = false, reads: OtherSignals = []) {
        self.forwards = forwards
        self.reads = reads
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

    /// Reads what a `ResourceSpans` message says about its resource.
    mutating func readResourceHead(_ message: ArraySlice<UInt8>) -> Resource {
        var resource = Resource()
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 2): resource.attributes = readResource(field.content)
            case (3, 2): resource.schemaURL = text(field)
            default: break
            }
        }
        return resource
    }

    /// Reads what a `ScopeSpans` message says about its scope.
    mutating func readScopeHead(_ message: ArraySlice<UInt8>) -> InstrumentationScope {
        var scope = InstrumentationScope()
        var schemaURL = ""
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            switch (field.number, field.wire) {
            case (1, 2): scope = readScope(field.content)
            case (3, 2): schemaURL = text(field)
            default: break
            }
        }
        scope.schemaURL = schemaURL
        return scope
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
        var elements: [ArraySlice<UInt8>] = []
        var reader = ProtobufFieldReader(message)
        while true {
            while let field = reader.next() {
                switch (field.number, field.wire) {
                case (2, 2): elements.append(field.content)
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
            let kind = Self.kind(of: elements)
            let next = Self.nextElement(in: message, behind: damage.place, isLog: kind == .log)
            let left = (next ?? message.endIndex) - damage.place
            note(
                "a \(kind.name) is damaged (\(damage.reason)); \(left == 1 ? "1 byte is" : "\(left) bytes are") left out",
                at: damage.place
            )
            guard let next else { break }
            reader.resume(at: next)
        }
        switch Self.kind(of: elements) {
        case .span: break
        case .metric where reads.contains(.metrics):
            for metric in elements { readMetric(metric, resource, scope) }
            return
        case .log where reads.contains(.logs):
            for record in elements { readLog(record, resource, scope) }
            return
        case .metric, .log, .other:
            isOtherSignal = true
            return
        }
        if forwards {
            return try forward(elements, WireHead(resource: writtenResource, scope: written), deliver)
        }
        for message in elements {
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
}
