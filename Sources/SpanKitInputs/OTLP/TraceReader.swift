import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Reads one `TracesData` or `MetricsData` object.
///
/// Keys may be in lowerCamelCase or snake_case, numbers may be strings, and enums may be numbers or names. A missing value
/// and `null` are the default. Unknown keys are skipped.
struct TraceReader {
    typealias Failure = JSONCursor.Failure

    /// The content of an object.
    enum Content {
        case nothing, spans, metrics, otherSignal, unknown
    }

    var content = Content.nothing
    var fields: FieldReader
    /// Whether OTLP is read for forwarding, without interpretation.
    private let forwards: Bool
    /// Whether metrics are read. Otherwise they are skipped.
    private let readsMetrics: Bool
    /// The metrics of the object.
    var metrics: [DecodedMetric] = []

    init(
        _ bytes: UnsafeBufferPointer<UInt8>,
        noteLimit: Int,
        forwards: Bool,
        readsMetrics: Bool,
        memory: ReadingMemory
    ) {
        self.forwards = forwards
        self.readsMetrics = readsMetrics
        fields = FieldReader(bytes, noteLimit: noteLimit, memory: memory)
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
            case "resourceMetrics" where readsMetrics, "resource_metrics" where readsMetrics:
                content = .metrics
                try eachElement { (reader) throws(Failure) in try reader.readResourceMetrics() }
            // An element of `resourceMetrics` by itself: OpenTelemetry Java's OtlpJsonLoggingMetricExporter.
            case "scopeMetrics" where readsMetrics, "scope_metrics" where readsMetrics:
                content = .metrics
                fields.cursor.move(to: start)
                return try readResourceMetrics()
            case "resourceMetrics", "resource_metrics", "scopeMetrics", "scope_metrics",
                "resourceLogs", "resource_logs", "scopeLogs", "scope_logs":
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

    private struct ScopeSpans {
        var scope = InstrumentationScope()
        /// The index after its last span in the kept spans.
        var end = 0
        /// Offsets of elements in lists of spans. These elements and all after them in their lists are read when the
        /// scope is known.
        var rest: [Int] = []
    }

    /// What was read of a resource. Keys may come in any order, so the resource's attributes may follow its spans.
    private struct ResourceSpans {
        var resource = Resource()
        var scopes: [ScopeSpans] = []
        /// The error that ended the reading of spans. The rest is only searched for the resource and the scopes.
        var failure: Failure?
    }

    private mutating func readResourceSpans(_ deliver: (DecodedSpan) throws(Failure) -> Void) throws(Failure) {
        if forwards { return try forwardResourceSpans(deliver) }
        var found = ResourceSpans()
        var failure: Failure?
        do {
            guard try fields.cursor.openObject() else { return }
            var place = MemberMemory.Place.resourceSpans
            while let member = try fields.member(&place) {
                switch member {
                case .resource: found.resource.attributes = try readResource()
                case .schemaURL: found.resource.schemaURL = try fields.string()
                case .scopeSpans: try eachElement { (reader) throws(Failure) in try reader.readScopeSpans(&found) }
                default: try fields.cursor.skip()
                }
            }
        } catch {
            // The part before a syntax error is still valid.
            failure = error
        }
        let end = fields.cursor.place
        // One for all spans: a copy of the resource and the scope for each would take a tenth of the decoder's time.
        var decoded = DecodedSpan(resource: found.resource, scope: InstrumentationScope(), span: Self.emptySpan)
        var (next, scopeEnd) = (0, 0)
        try fields.memory.spans.take { (place: Int, span: consuming RecordedSpan) throws(Failure) in
            while place >= scopeEnd {
                (decoded.scope, scopeEnd) = (found.scopes[next].scope, found.scopes[next].end)
                next += 1
            }
            decoded.span = span
            try deliver(decoded)
        }
        for scope in found.scopes {
            decoded.scope = scope.scope
            for place in scope.rest {
                fields.cursor.move(to: place)
                repeat {
                    try skippingIfInvalid { (reader) throws(Failure) in
                        guard let span = try reader.readSpan() else { return }
                        decoded.span = span
                        try deliver(decoded)
                    }
                } while try fields.cursor.element()
            }
        }
        if let failure = found.failure ?? failure { throw failure }
        fields.cursor.move(to: end)
    }

    private mutating func readScopeSpans(_ found: inout ResourceSpans) throws(Failure) {
        let index = found.scopes.count
        guard try fields.cursor.openObject() else { return }
        found.scopes.append(ScopeSpans(end: fields.memory.spans.count))
        var place = MemberMemory.Place.scopeSpans
        while let member = try fields.member(&place) {
            switch member {
            case .scope:
                let schemaURL = found.scopes[index].scope.schemaURL
                found.scopes[index].scope = try readScope()
                found.scopes[index].scope.schemaURL = schemaURL
            case .schemaURL: found.scopes[index].scope.schemaURL = try fields.string()
            case .spans: try readSpans(&found, index)
            default: try fields.cursor.skip()
            }
        }
    }

    /// Reads a list of spans until no more spans can be kept, and moves to the end of the list.
    private mutating func readSpans(_ found: inout ResourceSpans, _ index: Int) throws(Failure) {
        let start = fields.cursor.place
        guard found.failure == nil else { return try fields.cursor.skip() }
        do {
            var isList = false
            try skippingIfInvalid { (reader) throws(Failure) in isList = try reader.fields.cursor.openList() }
            guard isList else { return }
            while try fields.cursor.element() {
                guard !fields.memory.spans.isFull else {
                    found.scopes[index].rest.append(fields.cursor.place)
                    fields.cursor.move(to: start)
                    return try fields.cursor.skip()
                }
                try skippingIfInvalid { (reader) throws(Failure) in
                    let start = reader.fields.cursor.place
                    guard let span = try reader.readSpan() else { return }
                    reader.fields.memory.spans.append(span, bytes: reader.fields.cursor.place - start)
                    found.scopes[index].end = reader.fields.memory.spans.count
                }
            }
        } catch {
            found.failure = error
            fields.cursor.move(to: start)
            try fields.cursor.skip()
        }
    }

    mutating func readResource() throws(Failure) -> [Attribute] {
        try fields.tolerating([], "it is left out") { (fields) throws(Failure) in
            var attributes: [Attribute] = []
            guard try fields.cursor.openObject() else { return attributes }
            var place = MemberMemory.Place.resource
            while let member = try fields.member(&place) {
                if member == .attributes { attributes = try fields.attributes() } else { try fields.cursor.skip() }
            }
            return attributes
        }
    }

    mutating func readScope() throws(Failure) -> InstrumentationScope {
        try fields.tolerating(InstrumentationScope(), "it is left out") { (fields) throws(Failure) in
            var scope = InstrumentationScope()
            guard try fields.cursor.openObject() else { return scope }
            var place = MemberMemory.Place.scope
            while let member = try fields.member(&place) {
                switch member {
                case .name: scope.name = try fields.string()
                case .version: scope.version = try fields.string()
                case .attributes: scope.attributes = try fields.attributes()
                default: try fields.cursor.skip()
                }
            }
            return scope
        }
    }

    // MARK: Spans

    private static var emptySpan: RecordedSpan {
        RecordedSpan(
            name: "",
            context: SpanContext(traceID: .invalid, spanID: .invalid),
            startUnixNanoseconds: 0,
            endUnixNanoseconds: 0
        )
    }

    /// Reads a span; `nil` if it is invalid.
    private mutating func readSpan() throws(Failure) -> RecordedSpan? {
        let start = fields.cursor.place
        var span = Self.emptySpan
        var flags: UInt64 = 0
        guard try fields.cursor.openObject() else { return nil }
        var place = MemberMemory.Place.span
        while let member = try fields.member(&place) {
            switch member {
            case .traceID: span.context.traceID = try fields.traceID()
            case .spanID: span.context.spanID = try fields.spanID()
            case .parentSpanID:
                // Zeros and invalid ids mean that there is no parent.
                let parent = try fields.spanID()
                span.parentSpanID = parent.isValid ? parent : nil
            case .traceState: span.context.traceState = try fields.string()
            case .name: span.name = try fields.string()
            case .kind: span.kind = try readKind()
            case .start: span.startUnixNanoseconds = try fields.time()
            case .end: span.endUnixNanoseconds = try fields.time()
            case .attributes: span.attributes = try fields.attributes()
            case .droppedAttributesCount:
                span.droppedAttributeCount = try fields.count()
            // A closure that captured the span would make a copy of it necessary at the end.
            case .events:
                var events = span.events
                try eachElement { (reader) throws(Failure) in try reader.readEvent(into: &events) }
                span.events = events
            case .droppedEventsCount: span.droppedEventCount = try fields.count()
            case .links:
                var links = span.links
                try eachElement { (reader) throws(Failure) in try reader.readLink(into: &links) }
                span.links = links
            case .droppedLinksCount: span.droppedLinkCount = try fields.count()
            case .status: span.status = try readStatus()
            case .flags: flags = try fields.unsigned(atMost: UInt64(UInt32.max))
            default: try fields.cursor.skip()
            }
        }
        guard span.context.isValid else {
            let name = span.name
            fields.note("the span \(name.quoted) has no valid ids; it is left out", at: start)
            return nil
        }
        if let reason = span.endNoEarlierThanStart() { fields.note(reason, at: start) }
        span.setFlags(flags)
        return span
    }

    private mutating func readEvent(into events: inout [RecordedSpan.Event]) throws(Failure) {
        var event = RecordedSpan.Event(name: "", unixNanoseconds: 0)
        guard try fields.cursor.openObject() else { return }
        var place = MemberMemory.Place.event
        while let member = try fields.member(&place) {
            switch member {
            case .time: event.unixNanoseconds = try fields.time()
            case .name: event.name = try fields.string()
            case .attributes: event.attributes = try fields.attributes()
            case .droppedAttributesCount:
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
        var place = MemberMemory.Place.link
        while let member = try fields.member(&place) {
            switch member {
            case .traceID: link.context.traceID = try fields.traceID()
            case .spanID: link.context.spanID = try fields.spanID()
            case .traceState: link.context.traceState = try fields.string()
            case .attributes: link.attributes = try fields.attributes()
            case .droppedAttributesCount:
                link.droppedAttributeCount = try fields.count()
            case .flags: flags = try fields.unsigned(atMost: UInt64(UInt32.max))
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
        if let number = fields.shortNumber() {
            return RecordedSpan.Kind(rawValue: UInt8(clamping: number)) ?? .internal
        }
        return try fields.tolerating(.internal, "it is read as internal") { (fields) throws(Failure) in
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
            var place = MemberMemory.Place.status
            while let member = try fields.member(&place) {
                switch member {
                case .message: message = try fields.string()
                case .code:
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
