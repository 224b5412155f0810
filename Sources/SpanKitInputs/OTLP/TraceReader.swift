import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Reads one `TracesData` object.
///
/// Keys may be in lowerCamelCase or snake_case, numbers may be strings, and enums may be numbers or names. A missing value
/// and `null` are the default. Unknown keys are skipped.
struct TraceReader {
    typealias Failure = JSONCursor.Failure

    /// The content of an object.
    enum Content {
        case nothing, spans, otherSignal, unknown
    }

    var content = Content.nothing
    var fields: FieldReader
    /// Whether OTLP is read as it was written, without its meaning.
    private let forwards: Bool

    init(_ bytes: UnsafeBufferPointer<UInt8>, noteLimit: Int, forwards: Bool = false) {
        self.forwards = forwards
        fields = FieldReader(bytes, noteLimit: noteLimit)
    }

    /// Reads an object. Spans before a syntax error are still delivered.
    /// - Parameter depth: The number of objects around it that only wrap it.
    mutating func read(depth: Int = 0, _ deliver: (DecodedSpan) throws(Failure) -> Void) throws(Failure) {
        let start = fields.cursor.place
        var zipkinIDs = 0
        guard try fields.cursor.openObject() else { return }
        while let key = try fields.cursor.key() {
            switch key {
            // `batches`: Tempo and Grafana.
            case "resourceSpans", "resource_spans", "batches":
                content = .spans
                try eachElement { (reader) throws(Failure) in try reader.readResourceSpans(deliver) }
            // Tempo's API, and Jaeger's third.
            case "trace" where depth == 0, "result" where depth == 0:
                if fields.cursor.peek() == UInt8(ascii: "{") {
                    try read(depth: 1, deliver)
                } else {
                    content = .unknown
                    try fields.cursor.skip()
                }
            // An element of `resourceSpans` by itself: OpenTelemetry Java's OtlpJsonLoggingSpanExporter.
            case "scopeSpans", "scope_spans", "instrumentationLibrarySpans":
                content = .spans
                fields.cursor.move(to: start)
                return try readResourceSpans(deliver)
            case "data" where content != .spans: try readJaegerTraces(deliver)
            case "traceID", "processes":
                fields.cursor.move(to: start)
                return try readJaegerTrace(deliver)
            case "traceId" where content != .spans, "id" where content != .spans:
                zipkinIDs += 1
                if zipkinIDs == 2 {
                    fields.cursor.move(to: start)
                    return try readZipkinSpan(deliver)
                }
                content = .unknown
                try fields.cursor.skip()
            case "resourceMetrics", "resource_metrics", "resourceLogs", "resource_logs":
                content = .otherSignal
                try fields.cursor.skip()
            default:
                if content == .nothing { content = .unknown }
                try fields.cursor.skip()
            }
        }
    }

    /// Reads the elements of a list; skips and notes those that are invalid.
    mutating func eachElement(_ body: (inout TraceReader) throws(Failure) -> Void) throws(Failure) {
        var isList = false
        try skippingIfInvalid { (reader) throws(Failure) in isList = try reader.fields.cursor.openList() }
        guard isList else { return }
        while try fields.cursor.element() { try skippingIfInvalid(body) }
    }

    private mutating func skippingIfInvalid(_ body: (inout TraceReader) throws(Failure) -> Void) throws(Failure) {
        let start = fields.cursor.place
        do {
            try body(&self)
        } catch {
            if error.isFinal { throw error }
            fields.cursor.move(to: start)
            try fields.cursor.skip()
            fields.note("\(error.reason); it is left out", at: error.place)
        }
    }

    // MARK: Resources and scopes

    /// A scope and the offsets of its lists of spans.
    private struct ScopeSpans {
        var scope = InstrumentationScope()
        var spans: [Int] = []
    }

    /// Reads the spans of a resource. Keys may come in any order, so resource and scopes are read before the spans.
    private mutating func readResourceSpans(_ deliver: (DecodedSpan) throws(Failure) -> Void) throws(Failure) {
        if forwards { return try forwardResourceSpans(deliver) }
        var resource = Resource()
        var scopes: [ScopeSpans] = []
        var failure: Failure?
        do {
            guard try fields.cursor.openObject() else { return }
            while let key = try fields.cursor.key() {
                switch key {
                case "resource": resource.attributes = try readResource()
                case "schemaUrl", "schema_url": resource.schemaURL = try fields.string()
                case "scopeSpans", "scope_spans", "instrumentationLibrarySpans", "instrumentation_library_spans":
                    try eachElement { (reader) throws(Failure) in try reader.findSpans(&scopes) }
                default: try fields.cursor.skip()
                }
            }
        } catch {
            // The part before a syntax error is still valid.
            failure = error
        }
        let end = fields.cursor.place
        for scope in scopes {
            for place in scope.spans {
                fields.cursor.move(to: place)
                try eachElement { (reader) throws(Failure) in
                    guard let span = try reader.readSpan() else { return }
                    try deliver(DecodedSpan(resource: resource, scope: scope.scope, span: span))
                }
            }
        }
        if let failure { throw failure }
        fields.cursor.move(to: end)
    }

    private mutating func findSpans(_ scopes: inout [ScopeSpans]) throws(Failure) {
        var found = ScopeSpans()
        defer { scopes.append(found) }
        guard try fields.cursor.openObject() else { return }
        while let key = try fields.cursor.key() {
            switch key {
            case "scope", "instrumentationLibrary", "instrumentation_library":
                let schemaURL = found.scope.schemaURL
                found.scope = try readScope()
                found.scope.schemaURL = schemaURL
            case "schemaUrl", "schema_url": found.scope.schemaURL = try fields.string()
            case "spans":
                found.spans.append(fields.cursor.place)
                try fields.cursor.skip()
            default: try fields.cursor.skip()
            }
        }
    }

    private mutating func readResource() throws(Failure) -> [Attribute] {
        try fields.tolerating([], "it is left out") { (fields) throws(Failure) in
            var attributes: [Attribute] = []
            guard try fields.cursor.openObject() else { return attributes }
            while let key = try fields.cursor.key() {
                if "attributes" ~= key { attributes = try fields.attributes() } else { try fields.cursor.skip() }
            }
            return attributes
        }
    }

    private mutating func readScope() throws(Failure) -> InstrumentationScope {
        try fields.tolerating(InstrumentationScope(), "it is left out") { (fields) throws(Failure) in
            var scope = InstrumentationScope()
            guard try fields.cursor.openObject() else { return scope }
            while let key = try fields.cursor.key() {
                switch key {
                case "name": scope.name = try fields.string()
                case "version": scope.version = try fields.string()
                case "attributes": scope.attributes = try fields.attributes()
                default: try fields.cursor.skip()
                }
            }
            return scope
        }
    }

    // MARK: Spans

    /// Reads a span; `nil` if it is invalid.
    private mutating func readSpan() throws(Failure) -> RecordedSpan? {
        let start = fields.cursor.place
        var span = RecordedSpan(
            name: "",
            context: SpanContext(traceID: .invalid, spanID: .invalid),
            startUnixNanoseconds: 0,
            endUnixNanoseconds: 0
        )
        var flags: UInt64 = 0
        guard try fields.cursor.openObject() else { return nil }
        while let key = try fields.cursor.key() {
            switch key {
            case "traceId", "trace_id": span.context.traceID = try fields.traceID()
            case "spanId", "span_id": span.context.spanID = try fields.spanID()
            case "parentSpanId", "parent_span_id":
                // Zeros and invalid ids mean that there is no parent.
                let parent = try fields.spanID()
                span.parentSpanID = parent.isValid ? parent : nil
            case "traceState", "trace_state": span.context.traceState = try fields.string()
            case "name": span.name = try fields.string()
            case "kind": span.kind = try readKind()
            case "startTimeUnixNano", "start_time_unix_nano": span.startUnixNanoseconds = try fields.time()
            case "endTimeUnixNano", "end_time_unix_nano": span.endUnixNanoseconds = try fields.time()
            case "attributes": span.attributes = try fields.attributes()
            case "droppedAttributesCount", "dropped_attributes_count":
                span.droppedAttributeCount = try fields.count()
            case "events":
                try eachElement { (reader) throws(Failure) in try reader.readEvent(into: &span.events) }
            case "droppedEventsCount", "dropped_events_count": span.droppedEventCount = try fields.count()
            case "links":
                try eachElement { (reader) throws(Failure) in try reader.readLink(into: &span.links) }
            case "droppedLinksCount", "dropped_links_count": span.droppedLinkCount = try fields.count()
            case "status": span.status = try readStatus()
            case "flags": flags = try fields.unsigned(atMost: UInt64(UInt32.max))
            default: try fields.cursor.skip()
            }
        }
        guard span.context.isValid else {
            fields.note("the span \(span.name.quoted) has no valid ids; it is left out", at: start)
            return nil
        }
        if let reason = span.endNoEarlierThanStart() { fields.note(reason, at: start) }
        span.setFlags(flags)
        return span
    }

    private mutating func readEvent(into events: inout [RecordedSpan.Event]) throws(Failure) {
        var event = RecordedSpan.Event(name: "", unixNanoseconds: 0)
        guard try fields.cursor.openObject() else { return }
        while let key = try fields.cursor.key() {
            switch key {
            case "timeUnixNano", "time_unix_nano": event.unixNanoseconds = try fields.time()
            case "name": event.name = try fields.string()
            case "attributes": event.attributes = try fields.attributes()
            case "droppedAttributesCount", "dropped_attributes_count":
                event.droppedAttributeCount = try fields.count()
            default: try fields.cursor.skip()
            }
        }
        events.append(event)
    }

    private mutating func readLink(into links: inout [RecordedSpan.Link]) throws(Failure) {
        let start = fields.cursor.place
        var link = RecordedSpan.Link(context: SpanContext(traceID: .invalid, spanID: .invalid))
        var flags: UInt64 = 0
        guard try fields.cursor.openObject() else { return }
        while let key = try fields.cursor.key() {
            switch key {
            case "traceId", "trace_id": link.context.traceID = try fields.traceID()
            case "spanId", "span_id": link.context.spanID = try fields.spanID()
            case "traceState", "trace_state": link.context.traceState = try fields.string()
            case "attributes": link.attributes = try fields.attributes()
            case "droppedAttributesCount", "dropped_attributes_count":
                link.droppedAttributeCount = try fields.count()
            case "flags": flags = try fields.unsigned(atMost: UInt64(UInt32.max))
            default: try fields.cursor.skip()
            }
        }
        guard link.context.isValid else {
            fields.note("a link has no valid ids; it is left out", at: start)
            return
        }
        link.setFlags(flags)
        links.append(link)
    }

    private mutating func readKind() throws(Failure) -> RecordedSpan.Kind {
        try fields.tolerating(.internal, "it is read as internal") { (fields) throws(Failure) in
            let token = try fields.cursor.scalar()
            if let number = token.unsigned { return RecordedSpan.Kind(rawValue: UInt8(clamping: number)) ?? .internal }
            switch token {
            case "SPAN_KIND_SERVER": return .server
            case "SPAN_KIND_CLIENT": return .client
            case "SPAN_KIND_PRODUCER": return .producer
            case "SPAN_KIND_CONSUMER": return .consumer
            default: return .internal
            }
        }
    }

    private mutating func readStatus() throws(Failure) -> RecordedSpan.Status {
        try fields.tolerating(.unset, "it is read as unset") { (fields) throws(Failure) in
            var message = ""
            var code = RecordedSpan.Status.unset
            guard try fields.cursor.openObject() else { return .unset }
            while let key = try fields.cursor.key() {
                switch key {
                case "message": message = try fields.string()
                case "code":
                    let token = try fields.cursor.scalar()
                    switch token {
                    case "1", "STATUS_CODE_OK": code = .ok
                    case "2", "STATUS_CODE_ERROR": code = .error
                    default: code = .unset
                    }
                default: try fields.cursor.skip()
                }
            }
            if case .error = code { return .error(message) }
            return code
        }
    }
}
