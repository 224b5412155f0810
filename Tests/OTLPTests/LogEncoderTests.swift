import Foundation
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Log records are encoded as OTLP")
struct LogEncoderTests {
    private static let resource = Resource(
        attributes: [Attribute("service.name", "ferry")],
        schemaURL: "https://opentelemetry.io/schemas/1.44.0"
    )
    private static let scope = InstrumentationScope(name: "program", version: "1.2")

    private func encode(
        _ records: [LogRecord],
        _ encoding: Encoding,
        resource: Resource = Self.resource,
        redaction: Redaction? = nil
    ) -> [UInt8] {
        let inner = LogEncoder(encoding, resource: resource, scope: Self.scope)
        let encoder: any LogRecordEncoder = redaction.map { RedactingLogEncoder(inner, $0) } ?? inner
        _ = encoder.encode(DetachedLogRecords(records), recordLimit: .max, byteLimit: .max)
        #expect(encoder.spanCount == records.count)
        return Array(encoder.bytes)
    }

    @Test("the smallest record has the bytes of the vector in JSON and protobuf", .needs(.codecs))
    func minimal() async throws {
        let resource = Resource(attributes: [Attribute("service.name", "ferry")])
        var record = LogRecord(unixNanoseconds: 1_767_225_600_000_000_001, severity: .info)
        record.severityText = "info"
        record.body = "moored"
        record.scope = "dock"
        let hex = encode([record], .protobuf, resource: resource).map { String(format: "%02x", $0) }.joined()
        let expected = try Golden.text("logs_minimal.pb.hex").trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(hex == expected)
        let verdict = try await ProtobufJudge.judge(
            [
                .json(encode([record], .json, resource: resource)),
                .json(Array(try Golden.text("logs_minimal.json").utf8)),
            ],
            as: .logs
        )
        #expect(verdict.complaints.isEmpty, "\(verdict.complaints)")
        try #require(verdict.messages.count == 2)
        #expect(verdict.messages[0] == verdict.messages[1])
    }

    @Test("every field has the expected bytes in JSON")
    func goldenJSON() throws {
        try Golden.expect(String(decoding: encode(LogRecord.samples, .json), as: UTF8.self), "logs.json")
    }

    @Test(
        "the vector with every field is written as the same message, but for what strict receivers refuse",
        .needs(.codecs)
    )
    func full() async throws {
        let vector = try Golden.text("logs_full.json")
        let judged = try await ProtobufJudge.judge([.json(Array(vector.utf8))], as: .logs)
        try #require(judged.logRecords.count == 17)
        // Times are Int64 here, flags have eight bits, and a record always has an observed time.
        let records = judged.logRecords.map(LogRecord.init)
        for encoding in Encoding.allCases {
            let body = encode(records, encoding)
            let verdict = try await ProtobufJudge.judge(
                [encoding == .json ? .json(body) : .protobuf(body)],
                as: .logs
            )
            #expect(verdict.complaints.isEmpty, "\(verdict.complaints)")
            try #require(verdict.logRecords.count == records.count)
            for (ours, vector) in zip(verdict.logRecords, records) {
                #expect(ours == JudgedLogRecord(vector, Self.resource, isStrict: encoding == .json))
            }
        }
    }

    @Test("10,000 random records keep all values in JSON and protobuf", .needs(.codecs))
    func random() async throws {
        var random = SplitMix64(seed: 20)
        let records = (0..<10_000).map { _ in LogRecord.random(&random) }
        let verdict = try await ProtobufJudge.judge(
            [.json(encode(records, .json)), .protobuf(encode(records, .protobuf))],
            as: .logs
        )
        #expect(verdict.complaints.isEmpty, "\(verdict.complaints.prefix(5))")
        try #require(verdict.logRecords.count == 20_000)
        // The records are grouped by scope, in the order in which the scopes first occur.
        var scopes: [String] = []
        for record in records where !scopes.contains(record.scope) { scopes.append(record.scope) }
        let expected = scopes.flatMap { scope in records.filter { $0.scope == scope } }
        for (position, record) in expected.enumerated() {
            #expect(verdict.logRecords[position] == JudgedLogRecord(record, Self.resource, isStrict: true))
            #expect(verdict.logRecords[position + 10_000] == JudgedLogRecord(record, Self.resource, isStrict: false))
        }
    }

    @Test("the code's place is written as attributes, unless the record has an attribute of that name")
    func code() throws {
        var record = LogRecord(unixNanoseconds: 1, severity: .info)
        record.file = "App/Orders.swift"
        record.function = "place(order:)"
        record.line = 7
        record.attributes = [Attribute("code.line.number", 99), Attribute("a", 1)]
        let body = String(decoding: encode([record], .json), as: UTF8.self)
        #expect(body.contains(#"{"key":"code.function.name","value":{"stringValue":"place"}}"#))
        #expect(body.contains(#"{"key":"code.file.path","value":{"stringValue":"App/Orders.swift"}}"#))
        #expect(body.contains(#"{"key":"code.line.number","value":{"intValue":"99"}}"#))
        #expect(!body.contains(#""intValue":"7""#))
    }

    @Test(
        "a body ends before the record that would exceed its limit, and the next body has the rest",
        arguments: Encoding.allCases
    )
    func byteLimit(_ encoding: Encoding) async throws {
        let source = DetachedLogRecords((0..<20).flatMap { _ in LogRecord.samples })
        let encoder = LogEncoder(encoding, resource: Self.resource, scope: Self.scope)
        var count = 0
        while true {
            let stretches = encoder.encode(source, recordLimit: 13, byteLimit: 3_000)
            guard encoder.spanCount > 0 else { break }
            #expect(encoder.spanCount <= 13)
            #expect(encoder.bytes.count < 4_000)
            source.consume(stretches)
            count += encoder.spanCount
        }
        #expect(count == 20 * LogRecord.samples.count)
    }

    @Test(
        "redaction covers the body, the attributes, the logger and the event, in both encodings",
        arguments: Encoding.allCases
    )
    func redaction(_ encoding: Encoding) throws {
        let secret = "alice@example.com"
        var record = LogRecord(unixNanoseconds: 1, severity: .info)
        record.body = .string("mail to \(secret)")
        record.scope = secret
        record.eventName = secret
        record.severityText = secret
        record.file = "App/Mail.swift"
        record.function = "send()"
        record.attributes = [
            Attribute("to", .string(secret)), Attribute(secret, 1), Attribute("list", [.string(secret), 2]),
            Attribute("map", .map([Attribute("inner", .string(secret))])), Attribute("plain", "text"),
        ]
        let body = String(decoding: encode([record, record], encoding, redaction: .standard), as: UTF8.self)
        #expect(!body.contains("alice"))
        #expect(body.contains("mail to [redacted:email]"))
        #expect(body.contains("plain") && body.contains("App/Mail.swift"))
        var other = record
        other.body = .map([Attribute("password", .string(secret))])
        #expect(!String(decoding: encode([other], encoding, redaction: .standard), as: UTF8.self).contains("alice"))
    }

    @Test("redaction finds a secret in each place of a record alone", arguments: Encoding.allCases, 0..<8)
    func redactionOfPlace(_ encoding: Encoding, place: Int) {
        let secret = "alice@example.com"
        var record = LogRecord(unixNanoseconds: 1, severity: .info)
        switch place {
        case 0: record.body = .string(secret)
        case 1: record.body = ["plain", .map([Attribute("inner", .string(secret))])]
        case 2: record.scope = secret
        case 3: record.eventName = secret
        case 4: record.severityText = secret
        case 5: record.attributes = [Attribute("to", .string(secret))]
        case 6: record.attributes = [Attribute(secret, 1)]
        default: record.attributes = [Attribute("map", .map([Attribute("list", [.string(secret)])]))]
        }
        let body = String(decoding: encode([record], encoding, redaction: .standard), as: UTF8.self)
        #expect(body.contains("[redacted:email]") && !body.contains("alice"))
    }

    @Test(
        "redaction covers names in the string table, of each source anew, and records that are appended one by one",
        arguments: Encoding.allCases,
        [false, true]
    )
    func redactionOfNames(_ encoding: Encoding, appends: Bool) throws {
        let inner = LogEncoder(encoding, resource: Self.resource, scope: Self.scope)
        let encoder = RedactingLogEncoder(inner, .standard)
        // The names have the same numbers in both string tables.
        let names: [(logger: String, key: String, event: StaticString)] = [
            ("orders", "customer", "order.placed"), ("alice@example.com", "alice@example.org", "alice@example.net"),
        ]
        for (logger, key, event) in names {
            let profiler = PerformanceProfiler(.on, log: .silent)
            profiler.logs.logger(logger).emit(.info, "message", [key: 1], eventName: event)
            let source = RecordedLogRecords(profiler.recorder)
            if appends {
                encoder.begin(source)
                _ = source.read { record in
                    encoder.append(record)
                    return true
                }
                encoder.finish()
            } else {
                _ = encoder.encode(source, recordLimit: .max, byteLimit: .max)
            }
            let body = String(decoding: encoder.bytes, as: UTF8.self)
            #expect(encoder.spanCount == 1 && !body.contains("alice"))
            #expect(body.components(separatedBy: "[redacted:email]").count - 1 == (logger == "orders" ? 0 : 3))
            withExtendedLifetime(profiler) {}
        }
    }
}

extension LogRecord {
    /// A record with everything, and some with little, of three loggers.
    fileprivate static var samples: [LogRecord] {
        var full = LogRecord(unixNanoseconds: 1_767_225_601_000_000_001, severity: .warn)
        full.observedUnixNanoseconds += 1
        full.severityText = "warning"
        full.body = "gate \"B\"\tclosed\n\\ Ærø → 🚢 \u{1}"
        full.attributes = [
            Attribute("text", "x"), Attribute("no", false), Attribute("min", .int(.min)), Attribute("half", 0.5),
            Attribute("nan", .double(.nan)), Attribute("bytes", .bytes([0, 255])), Attribute("null", .null),
            Attribute("array", ["a", 1, .null, .double(-.infinity), .map([Attribute("n", .null)])]),
            Attribute("empty.map", .map([])), Attribute("empty.array", []),
        ]
        full.droppedAttributeCount = 3
        full.traceFlags = [.sampled, .random]
        full.traceID = TraceID(high: 0x6f1e_2d3c_4b5a_6978, low: 0x8796_a5b4_c3d2_e1f0)
        full.spanID = SpanID(rawValue: 0x1122_3344_5566_7788)
        full.scope = "ferry.tickets"
        full.eventName = "ferry.gate.closed"
        full.file = "Tickets/Gate.swift"
        full.function = "close(gate:)"
        full.line = 42
        var late = full
        late.unixNanoseconds += 5
        late.spanID = SpanID(rawValue: 1)
        late.scope = "ferry.engine"
        var other = LogRecord(unixNanoseconds: 1_767_225_602_000_000_000, severity: LogSeverity(rawValue: 0))
        other.body = .map([Attribute("passengers", 180)])
        var more = full
        more.attributes = []
        more.body = nil
        return [full, late, other, more]
    }

    fileprivate static func random(_ random: inout SplitMix64) -> LogRecord {
        var record = LogRecord(
            unixNanoseconds: Int64(random.next() >> 2),
            severity: LogSeverity(rawValue: UInt8.random(in: 0...24, using: &random))
        )
        record.observedUnixNanoseconds = Int64(random.next() >> 2) | 1
        func text() -> String { HostileText.make(&random, 0...12) }
        record.severityText = text()
        if Bool.random(using: &random) { record.body = RandomSpans.value(&random, depth: 0) }
        record.attributes = (0..<Int.random(in: 0...6, using: &random)).map {
            Attribute("\($0)" + text(), RandomSpans.value(&random, depth: 0))
        }
        record.droppedAttributeCount =
            Bool.random(using: &random) ? 0 : UInt32.random(in: 0...UInt32.max, using: &random)
        if Bool.random(using: &random) {
            record.traceID = TraceID(high: random.next(), low: random.next() | 1)
            if Bool.random(using: &random) { record.spanID = SpanID(rawValue: random.next() | 1) }
            record.traceFlags = TraceFlags(rawValue: UInt8.random(in: 0...3, using: &random))
        }
        record.scope = Bool.random(using: &random) ? "" : "scope \(Int.random(in: 0...9, using: &random))"
        record.eventName = text()
        record.file = text()
        record.function = text().filter { $0 != "(" }
        record.line = Bool.random(using: &random) ? 0 : UInt32.random(in: 0...UInt32.max, using: &random)
        return record
    }

    /// The record that the official definitions read.
    fileprivate init(_ judged: JudgedLogRecord) {
        self.init(
            unixNanoseconds: Int64(clamping: judged.nanoseconds),
            severity: LogSeverity(rawValue: UInt8(judged.severity))
        )
        observedUnixNanoseconds = Int64(clamping: judged.observedNanoseconds)
        if observedUnixNanoseconds == 0 { observedUnixNanoseconds = unixNanoseconds }
        severityText = judged.severityText
        body = judged.body.map(AttributeValue.init)
        attributes = judged.attributes.map { Attribute($0.key, AttributeValue($0.value)) }
        droppedAttributeCount = judged.droppedAttributes
        traceFlags = TraceFlags(rawValue: UInt8(truncatingIfNeeded: judged.flags))
        traceID = TraceID(hex: judged.traceID)
        spanID = SpanID(hex: judged.spanID)
        scope = judged.scope
        eventName = judged.eventName
    }
}

extension JudgedLogRecord {
    /// What a record says.
    /// - Parameter isStrict: Whether it is written without what strict receivers refuse.
    fileprivate init(_ record: LogRecord, _ resource: Resource, isStrict: Bool) {
        var attributes = record.attributes
        func add(_ key: String, _ value: AttributeValue) {
            if !attributes.contains(where: { $0.key == key }) { attributes.append(Attribute(key, value)) }
        }
        if !record.file.isEmpty { add("code.file.path", .string(record.file)) }
        let function = record.function.prefix { $0 != "(" }
        if !function.isEmpty { add("code.function.name", .string(String(function))) }
        if record.line != 0 { add("code.line.number", .int(Int64(record.line))) }
        let hasTrace = record.traceID != nil
        self.init(
            nanoseconds: UInt64(record.unixNanoseconds),
            observedNanoseconds: UInt64(record.observedUnixNanoseconds),
            severity: Int(record.severity.rawValue),
            severityText: record.severityText,
            body: record.body.flatMap { isStrict && $0 == .null ? nil : JudgedValue($0, isStrict: isStrict) },
            attributes: attributes.map { JudgedAttribute($0.key, JudgedValue($0.value, isStrict: isStrict)) },
            droppedAttributes: record.droppedAttributeCount,
            flags: hasTrace ? UInt32(record.traceFlags.rawValue) : 0,
            traceID: record.traceID.map { "\($0)" } ?? "",
            spanID: record.spanID.map { "\($0)" } ?? "",
            eventName: record.eventName,
            scope: record.scope.isEmpty ? "program" : record.scope,
            resource: resource.attributes.map { JudgedAttribute($0.key, JudgedValue($0.value)) }
        )
    }
}

extension JudgedValue {
    /// - Parameter isStrict: Whether numbers that are not finite become texts.
    fileprivate init(_ value: AttributeValue, isStrict: Bool) {
        switch value {
        case .double(let number) where isStrict && !number.isFinite:
            self = .string(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        case .array(let elements):
            self = .array(
                elements.map { isStrict && $0 == .null ? .string("") : JudgedValue($0, isStrict: isStrict) }
            )
        case .map(let members):
            self = .map(members.map { JudgedAttribute($0.key, JudgedValue($0.value, isStrict: isStrict)) })
        default: self.init(value)
        }
    }
}

extension AttributeValue {
    fileprivate init(_ judged: JudgedValue) {
        switch judged {
        case .string(let text): self = .string(text)
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .double(let bits): self = .double(Double(bitPattern: bits))
        case .bytes(let hex):
            let digits = Array(hex)
            self = .bytes(
                stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0 }
            )
        case .array(let elements): self = .array(elements.map { AttributeValue($0) })
        case .map(let members): self = .map(members.map { Attribute($0.key, AttributeValue($0.value)) })
        case .empty: self = .null
        }
    }
}
