import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Reads one `TracesData`, `MetricsData` or `LogsData` object.
///
/// Keys may be in lowerCamelCase or snake_case, numbers may be strings, and enums may be numbers or names. A missing value
/// and `null` are the default. Unknown keys are skipped.
struct TraceReader {
    typealias Failure = JSONCursor.Failure

    /// The content of an object.
    enum Content {
        case nothing, spans, metrics, logs, otherSignal, unknown
    }

    var content = Content.nothing
    var fields: FieldReader
    /// Whether OTLP is read for forwarding, without interpretation.
    private let forwards: Bool
    /// The signals other than spans that are read. The others are skipped.
    private let reads: OtherSignals
    /// The metrics of the object.
    var metrics: [DecodedMetric] = []
    /// The log records of the object.
    var logs: [DecodedLog] = []

    init(
        _ bytes: UnsafeBufferPointer<UInt8>,
        noteLimit: Int,
        forwards: Bool,
        reads: OtherSignals,
        memory: ReadingMemory
    ) {
        self.forwards = forwards
        self.reads = reads
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
            case "resourceMetrics" where reads.contains(.metrics), "resource_metrics" where reads.contains(.metrics):
                content = .metrics
                try eachElement { (reader) throws(Failure) in try reader.readResourceMetrics() }
            // An element of `resourceMetrics` by itself: OpenTelemetry Java's OtlpJsonLoggingMetricExporter.
            case "scopeMetrics" where reads.contains(.metrics), "scope_metrics" where reads.contains(.metrics):
                content = .metrics
                fields.cursor.move(to: start)
                return try readResourceMetrics()
            case "resourceLogs" where reads.contains(.logs), "resource_logs" where reads.contains(.logs):
                content = .logs
                try eachElement { (reader) throws(Failure) in try reader.readResourceLogs() }
            // An element of `resourceLogs` by itself: OpenTelemetry Java's OtlpJsonLoggingLogRecordExporter.
            case "scopeLogs" where reads.contains(.logs), "scope_logs" where reads.contains(.logs):
                content = .logs
                fields.cursor.move(to: start)
                return try readResourceLogs()
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
}
