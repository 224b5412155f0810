import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

extension TraceReader {
    /// Reads the traces that Jaeger's `/api/traces` returns, and the JSON file that its web page downloads.
    mutating func readJaegerTraces(_ deliver: (DecodedSpan) throws(Failure) -> Void) throws(Failure) {
        guard fields.cursor.peek() == UInt8(ascii: "[") else {
            content = .unknown
            return try fields.cursor.skip()
        }
        try eachElement { (reader) throws(Failure) in try reader.readJaegerTrace(deliver) }
    }

    /// Reads one trace: `{"traceID": …, "spans": […], "processes": {…}}`.
    ///
    /// Keys may come in any order, so the processes are searched for before the spans are read.
    mutating func readJaegerTrace(_ deliver: (DecodedSpan) throws(Failure) -> Void) throws(Failure) {
        if content == .nothing { content = .unknown }
        var spans: [Int] = []
        var processes: [ByteText: Resource] = [:]
        var failure: Failure?
        do {
            guard try fields.cursor.openObject() else { return }
            while let key = try fields.cursor.key() {
                switch key {
                case "spans":
                    spans.append(fields.cursor.place)
                    try fields.cursor.skip()
                case "processes":
                    content = .spans
                    try readProcesses(&processes)
                default: try fields.cursor.skip()
                }
            }
        } catch {
            // Where it breaks off, the spans before that are still good.
            failure = error
        }
        let end = fields.cursor.place
        for place in spans {
            content = .spans
            fields.cursor.move(to: place)
            try eachElement { (reader) throws(Failure) in
                if let span = try reader.readJaegerSpan(processes) { try deliver(span) }
            }
        }
        if let failure { throw failure }
        fields.cursor.move(to: end)
    }

    private mutating func readProcesses(_ processes: inout [ByteText: Resource]) throws(Failure) {
        let found = try fields.tolerating([:], "they are left out") {
            (fields) throws(Failure) -> [ByteText: Resource] in
            var found: [ByteText: Resource] = [:]
            guard try fields.cursor.openObject() else { return found }
            while let key = try fields.cursor.key() { found[ByteText(key.string)] = try fields.jaegerProcess() }
            return found
        }
        processes.merge(found) { $1 }
    }

    /// Reads a span; nil if it has no valid ids.
    private mutating func readJaegerSpan(_ processes: [ByteText: Resource]) throws(Failure) -> DecodedSpan? {
        let start = fields.cursor.place
        var span = RecordedSpan(
            name: "",
            context: SpanContext(traceID: .invalid, spanID: .invalid),
            startUnixNanoseconds: 0,
            endUnixNanoseconds: 0
        )
        var tags = SpanTags()
        var resource: Resource?
        var processID: String?
        var references: [JaegerReference] = []
        var duration: Int64?
        guard try fields.cursor.openObject() else { return nil }
        while let key = try fields.cursor.key() {
            switch key {
            case "traceID": span.context.traceID = try fields.paddedTraceID()
            case "spanID": span.context.spanID = try fields.paddedSpanID()
            case "parentSpanID":
                let parent = try fields.paddedSpanID()
                span.parentSpanID = parent.isValid ? parent : nil
            case "operationName": span.name = try fields.string()
            case "startTime": span.startUnixNanoseconds = try fields.microseconds()
            case "duration": duration = try fields.microseconds()
            case "flags": span.setFlags(try fields.unsigned(atMost: UInt64(UInt32.max)) & 1)
            case "processID": processID = try fields.string()
            case "process": resource = try fields.jaegerProcess()
            case "tags": for tag in try fields.jaegerTags() { tags.set(tag.key, tag.value) }
            case "references":
                try eachElement { (reader) throws(Failure) in try reader.readReference(into: &references) }
            case "logs":
                try eachElement { (reader) throws(Failure) in try reader.readLog(into: &span.events) }
            case "warnings":
                var warnings: [AttributeValue] = []
                try eachElement { (reader) throws(Failure) in warnings.append(.string(try reader.fields.string())) }
                if !warnings.isEmpty { tags.set("jaeger.warnings", .array(warnings)) }
            default: try fields.cursor.skip()
            }
        }
        guard span.context.isValid else {
            fields.note("the span \(span.name.quoted) has no valid ids; it is left out", at: start)
            return nil
        }
        if let processID, resource == nil {
            resource = processes[ByteText(processID)]
            if resource == nil {
                fields.note(
                    "a span names a process \(processID.quoted) that is missing; its service is unknown",
                    at: start
                )
            }
        }
        JaegerReference.apply(references, to: &span)
        span.kind = tags.kind ?? .internal
        span.status = tags.status
        span.context.traceState = tags["w3c.tracestate"] ?? ""
        span.setEnd(duration)
        span.attributes = tags.attributes.list
        if let reason = span.endNoEarlierThanStart() { fields.note(reason, at: start) }
        return DecodedSpan(resource: resource ?? Resource(), scope: tags.scope, span: span)
    }

    private mutating func readReference(into references: inout [JaegerReference]) throws(Failure) {
        let start = fields.cursor.place
        var reference = JaegerReference()
        guard try fields.cursor.openObject() else { return }
        while let key = try fields.cursor.key() {
            switch key {
            case "refType": reference.kind = try fields.string()
            case "traceID": reference.context.traceID = try fields.paddedTraceID()
            case "spanID": reference.context.spanID = try fields.paddedSpanID()
            default: try fields.cursor.skip()
            }
        }
        if reference.context.isValid {
            references.append(reference)
        } else {
            fields.note("a reference has no valid ids; it is left out", at: start)
        }
    }

    /// A log is an event; its name is in the field `event`.
    private mutating func readLog(into events: inout [RecordedSpan.Event]) throws(Failure) {
        var event = RecordedSpan.Event(name: "", unixNanoseconds: 0)
        guard try fields.cursor.openObject() else { return }
        while let key = try fields.cursor.key() {
            switch key {
            case "timestamp": event.unixNanoseconds = try fields.microseconds()
            case "fields": event.attributes = try fields.jaegerTags()
            default: try fields.cursor.skip()
            }
        }
        if let place = event.attributes.firstIndex(where: { $0.key == "event" }),
            case .string(let name) = event.attributes[place].value
        {
            event.name = name
            event.attributes.remove(at: place)
        }
        events.append(event)
    }
}

/// A reference of a span to another one.
private struct JaegerReference {
    var kind = ""
    var context = SpanContext(traceID: .invalid, spanID: .invalid)

    /// The parent is the first `CHILD_OF` of the same trace, or else its first `FOLLOWS_FROM`, as in Jaeger. All other
    /// references become links.
    static func apply(_ references: [JaegerReference], to span: inout RecordedSpan) {
        let traceID = span.context.traceID
        let own = references.indices.filter { references[$0].context.traceID == traceID }
        let parent = own.first { references[$0].kind != "FOLLOWS_FROM" } ?? own.first
        if let parent { span.parentSpanID = references[parent].context.spanID }
        span.links = references.indices.filter { $0 != parent }.map { index in
            let kind = references[index].kind == "FOLLOWS_FROM" ? "follows_from" : "child_of"
            return RecordedSpan.Link(
                context: references[index].context,
                attributes: [Attribute("opentracing.ref_type", .string(kind))]
            )
        }
    }
}

extension FieldReader {
    /// A list of `{"key", "type", "value"}`. If a key appears twice, the later value is used.
    fileprivate mutating func jaegerTags() throws(Failure) -> [Attribute] {
        try tolerating([], "they are left out") { (fields) throws(Failure) in
            var tags = UniqueAttributes()
            guard try fields.cursor.openList() else { return [] }
            while try fields.cursor.element() {
                let tag = try fields.tolerating(nil, "the tag is left out") { (fields) throws(Failure) in
                    try fields.jaegerTag()
                }
                if let tag { tags.set(tag) }
            }
            return tags.list
        }
    }

    private mutating func jaegerTag() throws(Failure) -> Attribute? {
        let start = cursor.place
        var key = ""
        var type = ""
        var value = AttributeValue.null
        guard try cursor.openObject() else { return nil }
        while let member = try cursor.key() {
            switch member {
            case "key": key = try string()
            case "type": type = try string()
            case "value": value = try plainValue()
            default: try cursor.skip()
            }
        }
        return Attribute(key, typed(value, type.lowercased(), at: start))
    }

    /// Converts a value to the type that the tag names. JSON has only one number type, and Elasticsearch stores all
    /// values as strings.
    private mutating func typed(_ value: AttributeValue, _ type: String, at place: Int) -> AttributeValue {
        switch (type, value) {
        case ("float64", .int(let number)): return .double(Double(number))
        case ("int64", .string(let text)):
            if let number = Int64(text) { return .int(number) }
        case ("float64", .string(let text)):
            if let number = Double(text) { return .double(number) }
        case ("bool", .string(let text)):
            if text == "true" || text == "false" { return .bool(text == "true") }
        case ("binary", .string(let text)):
            if let bytes = Base64.decode(text) { return .bytes(bytes) }
        default: return value
        }
        note("the value of a tag is not of its type \(type); it is read as a string", at: place)
        return value
    }

    fileprivate mutating func jaegerProcess() throws(Failure) -> Resource {
        try tolerating(Resource(), "it is left out") { (fields) throws(Failure) in
            var service: String?
            var tags: [Attribute] = []
            guard try fields.cursor.openObject() else { return Resource() }
            while let key = try fields.cursor.key() {
                switch key {
                case "serviceName": service = try fields.string()
                case "tags": tags = try fields.jaegerTags()
                default: try fields.cursor.skip()
                }
            }
            return Resource(attributes: (service.map { [Attribute("service.name", .string($0))] } ?? []) + tags)
        }
    }
}
