import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

// Log records in OTLP/JSON, with the same tolerance as for spans.

extension TraceReader {
    /// Reads a `ResourceLogs` object. What was read before a syntax error is kept.
    mutating func readResourceLogs() throws(Failure) {
        let first = logs.count
        let (resource, failure) = readResourceGroup(.resourceLogs, .scopeLogs) { (reader) throws(Failure) in
            try reader.readScopeLogs()
        }
        for index in first..<logs.count { logs[index].resource = resource }
        if let failure { throw failure }
    }

    private mutating func readScopeLogs() throws(Failure) {
        let first = logs.count
        let (scope, failure) = readScopeGroup(.scopeLogs, .logRecords) { (reader) throws(Failure) in
            try reader.readLogRecord()
        }
        for index in first..<logs.count { logs[index].scope = scope }
        if let failure { throw failure }
    }

    private mutating func readLogRecord() throws(Failure) {
        var log = DecodedLog()
        guard try fields.cursor.openObject() else { return }
        var place = MemberMemory.Place.logRecord
        while let member = try fields.member(&place) {
            switch member {
            case .time: log.timeUnixNanoseconds = try fields.time()
            case .observedTime: log.observedUnixNanoseconds = try fields.time()
            case .severityNumber: log.severityNumber = try fields.severityNumber()
            case .severityText: log.severityText = try fields.string()
            case .body: log.body = try fields.freeValue()
            case .attributes: log.attributes = try fields.attributes()
            case .droppedAttributesCount: log.droppedAttributeCount = try fields.count()
            case .traceID: log.traceID = try fields.optionalTraceID()
            case .spanID: log.spanID = try fields.optionalSpanID()
            case .flags: log.traceFlags = TraceFlags(rawValue: UInt8(truncatingIfNeeded: try fields.count()))
            case .eventName: log.eventName = try fields.string()
            default: try fields.cursor.skip()
            }
        }
        logs.append(log)
    }
}

extension FieldReader {
    /// Reads a severity as a number, a number in a string, or a name.
    fileprivate mutating func severityNumber() throws(Failure) -> UInt8 {
        let place = cursor.place
        guard let token = try token(), !token.isEmpty else { return 0 }
        if let number = token.unsigned ?? Double(token.string).flatMap(UInt64.init(exactly:)),
            number <= SeverityName.largest
        {
            return UInt8(number)
        }
        if let number = SeverityName.number(token.string) { return number }
        note("\(token.string.quoted) is not a severity; it is read as not specified", at: place)
        return 0
    }

    /// Reads a trace id. An empty id and zeros mean that there is no trace.
    fileprivate mutating func optionalTraceID() throws(Failure) -> TraceID? {
        let place = cursor.place
        if let id = usualTraceID(), id.isValid { return id }
        cursor.move(to: place)
        guard let token = try token(), !token.isEmpty else { return nil }
        let id = token.traceID
        if id.isValid { return id }
        noteUnlessZeros(token, "trace", at: place)
        return nil
    }

    /// Reads a span id. An empty id and zeros mean that there is no span.
    fileprivate mutating func optionalSpanID() throws(Failure) -> SpanID? {
        let place = cursor.place
        if let id = usualSpanID(), id.isValid { return id }
        cursor.move(to: place)
        guard let token = try token(), !token.isEmpty else { return nil }
        let id = token.spanID
        if id.isValid { return id }
        noteUnlessZeros(token, "span", at: place)
        return nil
    }

    private mutating func noteUnlessZeros(_ token: JSONToken, _ noun: String, at place: Int) {
        let text = token.string
        let isZero = text.utf8.allSatisfy {
            $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "A") || $0 == UInt8(ascii: "=")
        }
        guard !isZero else { return }
        note("\(text.quoted) is not a \(noun) id; the log record is read without it", at: place)
    }
}
