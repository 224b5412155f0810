import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

extension TraceReader {
    /// Reads a span of Zipkin's version 2 JSON (`zipkin2-api.yaml`).
    ///
    /// A span of a server with `shared` has the id of its client's span. Both are kept as they are.
    mutating func readZipkinSpan(_ deliver: (DecodedSpan) throws(Failure) -> Void) throws(Failure) {
        let start = fields.cursor.place
        var span = RecordedSpan(
            name: "",
            // What is reported was sampled.
            context: SpanContext(traceID: .invalid, spanID: .invalid, traceFlags: .sampled),
            startUnixNanoseconds: 0,
            endUnixNanoseconds: 0
        )
        var tags = SpanTags()
        var kind: RecordedSpan.Kind?
        var service: String?
        var endpoints: [Attribute] = []
        var duration: Int64?
        // A line of a log may have ids as well.
        var isSpan = false
        guard try fields.cursor.openObject() else { return }
        while let key = try fields.cursor.key() {
            switch key {
            case "timestamp", "duration", "kind", "localEndpoint", "annotations", "tags": isSpan = true
            default: break
            }
            switch key {
            case "traceId": span.context.traceID = try fields.paddedTraceID()
            case "id": span.context.spanID = try fields.paddedSpanID()
            case "parentId":
                let parent = try fields.paddedSpanID()
                span.parentSpanID = parent.isValid ? parent : nil
            case "name": span.name = try fields.string()
            case "kind": kind = SpanTags.kind(try fields.string())
            case "timestamp": span.startUnixNanoseconds = try fields.microseconds()
            case "duration": duration = try fields.microseconds()
            case "shared": span.parentIsRemote = try fields.plainValue() == true
            case "localEndpoint": service = try readEndpoint("network.local", nil, &endpoints)
            case "remoteEndpoint": _ = try readEndpoint("network.peer", "peer.service", &endpoints)
            case "annotations":
                try eachElement { (reader) throws(Failure) in try reader.readAnnotation(into: &span.events) }
            case "tags":
                try fields.tolerating((), "they are left out") { (fields) throws(Failure) in
                    guard try fields.cursor.openObject() else { return }
                    while let key = try fields.cursor.key() { tags.set(key.string, try fields.plainValue()) }
                }
            default: try fields.cursor.skip()
            }
        }
        content = isSpan ? .spans : .unknown
        guard isSpan else { return }
        guard span.context.isValid else {
            fields.note("the span \(span.name.quoted) has no valid ids; it is left out", at: start)
            return
        }
        span.kind = kind ?? tags.kind ?? .internal
        span.status = tags.status
        span.context.traceState = tags["w3c.tracestate"] ?? ""
        span.setEnd(duration)
        for endpoint in endpoints { tags.set(endpoint.key, endpoint.value) }
        span.attributes = tags.attributes.list
        if let reason = span.endNoEarlierThanStart() { fields.note(reason, at: start) }
        let resource = Resource(attributes: service.map { [Attribute("service.name", .string($0))] } ?? [])
        try deliver(DecodedSpan(resource: resource, scope: tags.scope, span: span))
    }

    /// - Returns: the name of the service.
    private mutating func readEndpoint(
        _ prefix: String,
        _ serviceKey: String?,
        _ attributes: inout [Attribute]
    ) throws(Failure) -> String? {
        let endpoint = try fields.tolerating((nil, []), "it is left out") {
            (fields) throws(Failure) -> (String?, [Attribute]) in
            var service: String?
            var attributes: [Attribute] = []
            guard try fields.cursor.openObject() else { return (nil, []) }
            while let key = try fields.cursor.key() {
                switch key {
                case "serviceName": service = try fields.string()
                case "ipv4", "ipv6": attributes.append(Attribute("\(prefix).address", .string(try fields.string())))
                case "port": attributes.append(Attribute("\(prefix).port", try fields.plainValue()))
                default: try fields.cursor.skip()
                }
            }
            return (service, attributes)
        }
        if let serviceKey, let service = endpoint.0 { attributes.append(Attribute(serviceKey, .string(service))) }
        attributes += endpoint.1
        return endpoint.0
    }

    private mutating func readAnnotation(into events: inout [RecordedSpan.Event]) throws(Failure) {
        var event = RecordedSpan.Event(name: "", unixNanoseconds: 0)
        guard try fields.cursor.openObject() else { return }
        while let key = try fields.cursor.key() {
            switch key {
            case "timestamp": event.unixNanoseconds = try fields.microseconds()
            case "value": event.name = try fields.string()
            default: try fields.cursor.skip()
            }
        }
        events.append(event)
    }
}
