import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

extension TraceReader {
    static var emptySpan: RecordedSpan {
        RecordedSpan(
            name: "",
            context: SpanContext(traceID: .invalid, spanID: .invalid),
            startUnixNanoseconds: 0,
            endUnixNanoseconds: 0
        )
    }

    /// Reads a span; `nil` if it is invalid.
    mutating func readSpan() throws(Failure) -> RecordedSpan? {
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
