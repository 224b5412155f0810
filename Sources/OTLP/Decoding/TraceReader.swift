import Recording

/// Reads the messages of one `TracesData` object.
///
/// Takes keys in lowerCamelCase and in snake_case, numbers as numbers and as texts, enums as numbers and as names; `null` is
/// missing, missing is the default, unknown keys are passed over.
struct TraceReader {
    typealias Failure = JSONCursor.Failure

    /// Of spans that were left out, and why.
    private(set) var problems: [String] = []
    /// The object carries metrics or logs.
    private(set) var isOtherSignal = false

    private let deliver: (DecodedSpan) -> Void

    init(_ deliver: @escaping (DecodedSpan) -> Void) {
        self.deliver = deliver
    }

    /// Reads an object. What was delivered before something is found wrong stays delivered.
    mutating func read(_ cursor: inout JSONCursor) throws(Failure) {
        try cursor.members { (key, cursor) throws(Failure) in
            switch key {
            case "resourceSpans", "resource_spans":
                try cursor.elements { (cursor) throws(Failure) in try readResourceSpans(&cursor) }
            case "resourceMetrics", "resource_metrics", "resourceLogs", "resource_logs":
                isOtherSignal = true
                try cursor.skip()
            default: try cursor.skip()
            }
        }
    }

    /// The order of keys is free, so the resource is looked for before the spans are read.
    private mutating func readResourceSpans(_ cursor: inout JSONCursor) throws(Failure) {
        var resource = Resource()
        var scopeSpans: [Int] = []
        let failure = find(&cursor) { (key, cursor) throws(Failure) in
            switch key {
            case "resource":
                let schemaURL = resource.schemaURL
                resource = try Self.resource(&cursor)
                resource.schemaURL = schemaURL
            case "schemaUrl", "schema_url": resource.schemaURL = try cursor.scalar() ?? ""
            case "scopeSpans", "scope_spans":
                scopeSpans.append(cursor.place)
                try cursor.skip()
            default: try cursor.skip()
            }
        }
        for place in scopeSpans {
            var inner = cursor.moved(to: place)
            try inner.elements { (cursor) throws(Failure) in try readScopeSpans(&cursor, resource) }
        }
        if let failure { throw failure }
    }

    private mutating func readScopeSpans(_ cursor: inout JSONCursor, _ resource: Resource) throws(Failure) {
        var scope = InstrumentationScope()
        var spans: [Int] = []
        let failure = find(&cursor) { (key, cursor) throws(Failure) in
            switch key {
            case "scope":
                let schemaURL = scope.schemaURL
                scope = try Self.scope(&cursor)
                scope.schemaURL = schemaURL
            case "schemaUrl", "schema_url": scope.schemaURL = try cursor.scalar() ?? ""
            case "spans":
                spans.append(cursor.place)
                try cursor.skip()
            default: try cursor.skip()
            }
        }
        for place in spans {
            var inner = cursor.moved(to: place)
            try inner.elements { (cursor) throws(Failure) in
                if let span = try readSpan(&cursor) {
                    deliver(DecodedSpan(resource: resource, scope: scope, span: span))
                }
            }
        }
        if let failure { throw failure }
    }

    /// Walks through an object; where it breaks off, what was found so far is still good.
    private func find(
        _ cursor: inout JSONCursor,
        _ body: (String, inout JSONCursor) throws(Failure) -> Void
    ) -> Failure? {
        do {
            if !cursor.takeNull() { try cursor.members(body) }
            return nil
        } catch {
            return error
        }
    }

    private static func resource(_ cursor: inout JSONCursor) throws(Failure) -> Resource {
        var attributes: [Attribute] = []
        if cursor.takeNull() { return Resource() }
        try cursor.members { (key, cursor) throws(Failure) in
            if key == "attributes" { attributes = try ValueReader.attributes(&cursor) } else { try cursor.skip() }
        }
        return Resource(attributes: attributes)
    }

    private static func scope(_ cursor: inout JSONCursor) throws(Failure) -> InstrumentationScope {
        var scope = InstrumentationScope()
        if cursor.takeNull() { return scope }
        try cursor.members { (key, cursor) throws(Failure) in
            switch key {
            case "name": scope.name = try cursor.scalar() ?? ""
            case "version": scope.version = try cursor.scalar() ?? ""
            case "attributes": scope.attributes = try ValueReader.attributes(&cursor)
            default: try cursor.skip()
            }
        }
        return scope
    }

    // MARK: Spans

    /// Nil for a span that says of itself what cannot be; its neighbours are not harmed.
    private mutating func readSpan(_ cursor: inout JSONCursor) throws(Failure) -> RecordedSpan? {
        var ids = IDs()
        var span = RecordedSpan(
            name: "",
            context: SpanContext(traceID: .invalid, spanID: .invalid),
            startUnixNanoseconds: 0,
            endUnixNanoseconds: 0
        )
        var flags: UInt64 = 0
        if cursor.takeNull() { return nil }
        try cursor.members { (key, cursor) throws(Failure) in
            switch key {
            case "traceId", "trace_id": ids.trace = try cursor.scalar() ?? ""
            case "spanId", "span_id": ids.span = try cursor.scalar() ?? ""
            case "parentSpanId", "parent_span_id": ids.parent = try cursor.scalar() ?? ""
            case "traceState", "trace_state": span.context.traceState = try cursor.scalar() ?? ""
            case "name": span.name = try cursor.scalar() ?? ""
            case "kind": span.kind = try ValueReader.kind(&cursor)
            case "startTimeUnixNano", "start_time_unix_nano": span.startUnixNanoseconds = try ValueReader.time(&cursor)
            case "endTimeUnixNano", "end_time_unix_nano": span.endUnixNanoseconds = try ValueReader.time(&cursor)
            case "attributes": span.attributes = try ValueReader.attributes(&cursor)
            case "droppedAttributesCount", "dropped_attributes_count":
                span.droppedAttributeCount = try ValueReader.count(&cursor)
            case "events": span.events = try Self.events(&cursor)
            case "droppedEventsCount", "dropped_events_count": span.droppedEventCount = try ValueReader.count(&cursor)
            case "links": span.links = try links(&cursor)
            case "droppedLinksCount", "dropped_links_count": span.droppedLinkCount = try ValueReader.count(&cursor)
            case "status": span.status = try Self.status(&cursor)
            case "flags": flags = try ValueReader.unsigned(&cursor)
            default: try cursor.skip()
            }
        }
        guard let context = ids.context else {
            problems.append("a span named '\(span.name.prefix(60))' has no valid ids; it is left out")
            return nil
        }
        span.context.traceID = context.traceID
        span.context.spanID = context.spanID
        span.context.traceFlags = TraceFlags(rawValue: UInt8(truncatingIfNeeded: flags))
        span.parentSpanID = ids.parentID
        span.parentIsRemote = flags & 0x300 == 0x300
        return span
    }

    private struct IDs {
        var trace = ""
        var span = ""
        var parent = ""

        var context: SpanContext? {
            guard let trace = HexID.bytes(trace, count: 16), let span = HexID.bytes(span, count: 8) else { return nil }
            let context = SpanContext(
                traceID: TraceID(high: HexID.number(trace[..<8]), low: HexID.number(trace[8...])),
                spanID: SpanID(rawValue: HexID.number(span[...]))
            )
            return context.isValid ? context : nil
        }

        /// Zeros and nonsense mean none.
        var parentID: SpanID? {
            guard let bytes = HexID.bytes(parent, count: 8) else { return nil }
            let id = SpanID(rawValue: HexID.number(bytes[...]))
            return id.isValid ? id : nil
        }
    }

    private static func events(_ cursor: inout JSONCursor) throws(Failure) -> [RecordedSpan.Event] {
        var events: [RecordedSpan.Event] = []
        try cursor.elements { (cursor) throws(Failure) in
            var event = RecordedSpan.Event(name: "", unixNanoseconds: 0)
            try cursor.members { (key, cursor) throws(Failure) in
                switch key {
                case "timeUnixNano", "time_unix_nano": event.unixNanoseconds = try ValueReader.time(&cursor)
                case "name": event.name = try cursor.scalar() ?? ""
                case "attributes": event.attributes = try ValueReader.attributes(&cursor)
                case "droppedAttributesCount", "dropped_attributes_count":
                    event.droppedAttributeCount = try ValueReader.count(&cursor)
                default: try cursor.skip()
                }
            }
            events.append(event)
        }
        return events
    }

    private mutating func links(_ cursor: inout JSONCursor) throws(Failure) -> [RecordedSpan.Link] {
        var links: [RecordedSpan.Link] = []
        try cursor.elements { (cursor) throws(Failure) in
            var ids = IDs()
            var link = RecordedSpan.Link(context: SpanContext(traceID: .invalid, spanID: .invalid))
            var flags: UInt64 = 0
            try cursor.members { (key, cursor) throws(Failure) in
                switch key {
                case "traceId", "trace_id": ids.trace = try cursor.scalar() ?? ""
                case "spanId", "span_id": ids.span = try cursor.scalar() ?? ""
                case "traceState", "trace_state": link.context.traceState = try cursor.scalar() ?? ""
                case "attributes": link.attributes = try ValueReader.attributes(&cursor)
                case "droppedAttributesCount", "dropped_attributes_count":
                    link.droppedAttributeCount = try ValueReader.count(&cursor)
                case "flags": flags = try ValueReader.unsigned(&cursor)
                default: try cursor.skip()
                }
            }
            guard let context = ids.context else {
                problems.append("a link has no valid ids; it is left out")
                return
            }
            link.context.traceID = context.traceID
            link.context.spanID = context.spanID
            link.context.traceFlags = TraceFlags(rawValue: UInt8(truncatingIfNeeded: flags))
            link.context.isRemote = flags & 0x300 == 0x300
            links.append(link)
        }
        return links
    }

    private static func status(_ cursor: inout JSONCursor) throws(Failure) -> SpanStatus {
        var message = ""
        var code = ""
        if cursor.takeNull() { return .unset }
        try cursor.members { (key, cursor) throws(Failure) in
            switch key {
            case "message": message = try cursor.scalar() ?? ""
            case "code": code = try cursor.scalar() ?? ""
            default: try cursor.skip()
            }
        }
        switch code {
        case "1", "STATUS_CODE_OK": return .ok
        case "2", "STATUS_CODE_ERROR": return .error(message)
        default: return .unset
        }
    }
}
