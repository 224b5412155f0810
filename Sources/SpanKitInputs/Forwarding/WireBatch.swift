import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The body of one request (`ExportTraceServiceRequest`) with spans of any resources and scopes.
///
/// Spans with byte-equal resources and scopes share them, in whatever order the spans are added.
package struct WireBatch {
    private struct Group {
        var resource: [UInt8]
        var scope: [UInt8]
        var spans: [UInt8] = []
    }

    private var writer: WireWriter
    private var redactor: WireRedactor?
    private var groups: [Group] = []
    /// Indices in `groups`, by the encoded resource and scope.
    private var places: [[[UInt8]]: Int] = [:]
    /// The head of the previous span, encoded, and its index in `groups`; nil if the body does not contain it yet.
    private var last: (head: WireHead, resource: [UInt8], scope: [UInt8], place: Int?)?

    /// The number of spans.
    package private(set) var spanCount = 0
    /// The number of bytes that ``take()`` returns at most.
    package private(set) var byteCount = 0

    package init(_ encoding: Encoding, _ redaction: Redaction?) {
        writer = WireWriter(encoding)
        redactor = redaction.map { WireRedactor($0) }
    }

    /// The numbers of unknown fields that were left out because the input has the other encoding (JSON or protobuf),
    /// and because they cannot be redacted.
    package var leftOut: (untranslatable: Int, unredactable: Int) { (writer.leftOutCount, redactor?.removedCount ?? 0) }

    /// The number of trace states that redaction removed.
    package var removedTraceStateCount: Int { redactor?.removedTraceStateCount ?? 0 }

    /// Adds a span.
    /// - Parameter flush: Receives the body of the spans before this one, and their number, if this span would exceed the limits.
    package mutating func add<Stop: Error>(
        _ wire: WireSpan,
        spanLimit: Int,
        byteLimit: Int,
        flush: ([UInt8], Int) throws(Stop) -> Void
    ) throws(Stop) {
        let span = content(of: wire.span)
        find(wire.head)
        let size = span.count + Self.spanOverhead + missingHeadSize
        if spanCount > 0, spanCount >= spanLimit || byteCount + size > byteLimit {
            let count = spanCount
            try flush(take(), count)
        }
        let place = placeOfHead()
        switch writer.encoding {
        case .json:
            if !groups[place].spans.isEmpty { groups[place].spans.append(UInt8(ascii: ",")) }
            groups[place].spans += [UInt8(ascii: "{")] + span + [UInt8(ascii: "}")]
        case .protobuf:
            groups[place].spans += Self.field(2, span)
        }
        spanCount += 1
        byteCount += span.count + Self.spanOverhead
    }

    /// Returns the body and empties the batch.
    package mutating func take() -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(byteCount)
        if writer.encoding == .json { body += "{\"resourceSpans\":[".utf8 }
        for (number, group) in groups.enumerated() {
            switch writer.encoding {
            case .json:
                if number > 0 { body.append(UInt8(ascii: ",")) }
                body.append(UInt8(ascii: "{"))
                body += group.resource
                body += (group.resource.isEmpty ? "" : ",").utf8
                body += "\"scopeSpans\":[{".utf8
                body += group.scope
                body += (group.scope.isEmpty ? "" : ",").utf8
                body += "\"spans\":[".utf8
                body += group.spans
                body += "]}]}".utf8
            case .protobuf:
                body += Self.field(1, group.resource + Self.field(2, group.scope + group.spans))
            }
        }
        if writer.encoding == .json { body += "]}".utf8 }
        groups.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        last?.place = nil
        spanCount = 0
        byteCount = 0
        return body
    }

    /// Upper bounds for the number of bytes around a span and around a group.
    private static let spanOverhead = 12
    private static let groupOverhead = 64

    /// Encodes a head and looks for it in the body, unless it is the head of the previous span.
    private mutating func find(_ head: WireHead) {
        if let last, last.head === head { return }
        let (resource, scope) = (content(of: head.resource), content(of: head.scope))
        last = (head, resource, scope, places[[resource, scope]])
    }

    /// The number of bytes that the head adds to the body; 0 if the body contains it.
    private var missingHeadSize: Int {
        guard let last, last.place == nil else { return 0 }
        return last.resource.count + last.scope.count + Self.groupOverhead
    }

    /// The index of the head's group. The group is added if the body does not have it.
    private mutating func placeOfHead() -> Int {
        guard let head = last else { return 0 }
        if let place = head.place { return place }
        byteCount += missingHeadSize
        last?.place = groups.count
        places[[head.resource, head.scope]] = groups.count
        groups.append(Group(resource: head.resource, scope: head.scope))
        return groups.count - 1
    }

    private mutating func content(of message: WireMessage) -> [UInt8] {
        writer.content(of: redactor?.redacted(message) ?? message)
    }

    /// A length-delimited field.
    private static func field(_ number: UInt64, _ content: [UInt8]) -> [UInt8] {
        var field: [UInt8] = []
        WireWriter.varint(number << 3 | 2, to: &field)
        WireWriter.varint(UInt64(content.count), to: &field)
        return field + content
    }
}

/// Translates spans of other formats to OTLP, for forwarding.
package struct WireEncoding {
    private var encoder: TraceEncoder?
    private var resource = Resource()
    private var scope = InstrumentationScope()
    private let records = DetachedRecords()

    package init() {}

    /// The span as OTLP; `nil` only if it has no valid ids.
    package mutating func wire(of decoded: DecodedSpan) -> WireSpan? {
        if let wire = decoded.wire { return wire }
        let encoder: TraceEncoder
        if let known = self.encoder, Self.isSame(resource, decoded.resource), Self.isSame(scope, decoded.scope) {
            encoder = known
        } else {
            encoder = TraceEncoder(.protobuf, resource: decoded.resource, scope: decoded.scope)
            (self.encoder, resource, scope) = (encoder, decoded.resource, decoded.scope)
        }
        records.append(decoded.span)
        records.consume(encoder.encode(records, spanLimit: 1, byteLimit: .max))
        var wire: WireSpan?
        for request in ProtobufField.all(in: Array(encoder.bytes)[...]) ?? [] {
            var reader = ProtobufTraceReader(noteLimit: 0, forwards: true)
            reader.read(request.content) { wire = $0.wire }
        }
        return wire
    }

    /// Whether two values are equal byte for byte. With `==`, strings with different bytes can be equal.
    private static func isSame<Value: Equatable>(_ left: Value, _ right: Value) -> Bool {
        left == right && "\(left)".hasSameBytes(as: "\(right)")
    }
}
