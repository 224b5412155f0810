import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("Log records: what is written is read back, within the limits")
struct LogRecordTests {
    private func profiler(_ change: (inout LogRecordConfiguration) -> Void = { _ in }) -> PerformanceProfiler {
        var configuration = RecordingConfiguration()
        change(&configuration.logRecords)
        return PerformanceProfiler(.on, recording: configuration, log: .silent)
    }

    @Test("a record has its texts, its values, its place in the source and its times")
    func contents() throws {
        let profiler = profiler()
        let before = profiler.recorder.clock.anchor().unixNanoseconds
        profiler.logs.logger("Orders").emit(
            .warn,
            "the order is late",
            [
                "order.id": 7, "late": true, "ratio": 0.5, "customer": "Zoë", "list": [1, "two", .null],
                "map": .map([Attribute("a", 1), Attribute("b", .bytes([0, 255]))]), "nothing": .null,
            ],
            eventName: "order.late",
            unixNanoseconds: 5
        )
        let record = try #require(profiler.logRecords().first)
        #expect(record.body == "the order is late")
        #expect(record.severity == .warn && record.severityText.isEmpty)
        #expect(record.scope == "Orders" && record.eventName == "order.late")
        #expect(record.file == "RecordingTests/LogRecordTests.swift" && record.function == "contents()")
        #expect(record.line > 0)
        #expect(record.unixNanoseconds == 5)
        #expect(record.observedUnixNanoseconds > before - 1_000_000_000)
        #expect(record.traceID == nil && record.spanID == nil && record.traceFlags == [])
        #expect(
            record.attributes == [
                Attribute("order.id", 7), Attribute("late", true), Attribute("ratio", 0.5),
                Attribute("customer", "Zoë"),
                Attribute("list", [1, "two", .null]),
                Attribute("map", .map([Attribute("a", 1), Attribute("b", .bytes([0, 255]))])),
                Attribute("nothing", .null),
            ]
        )
        #expect(profiler.logRecordAccount == LogRecordAccount(emitted: 1, written: 1, waiting: 1))
    }

    @Test("a record belongs to the current span, sampled or not, or to the span that the call names")
    func context() throws {
        let profiler = profiler()
        var span = SpanHandle.none
        profiler.profile("work") {
            span = $0
            profiler.logs.emit(.info, nil)
        }
        let other = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(rawValue: 3), traceFlags: [.debug])
        profiler.logs.emit(.info, nil, context: other)
        let records = profiler.logRecords()
        #expect(records.map(\.traceID) == [span.traceID, other.traceID])
        #expect(records.map(\.spanID) == [span.spanID, other.spanID])
        #expect(records[0].traceFlags.contains(.sampled))
        #expect(records[1].traceFlags == [], "debug is not a flag of W3C")
        #expect(records.allSatisfy { $0.body == nil })

        var configuration = RecordingConfiguration()
        configuration.sampler = AlwaysOffSampler()
        let unsampled = PerformanceProfiler(.on, recording: configuration, log: .silent)
        unsampled.profile("work") { _ in unsampled.logs.emit(.info, "inside") }
        let record = try #require(unsampled.logRecords().first)
        #expect(record.spanID != nil && !record.traceFlags.contains(.sampled))
    }

    @Test("the last value of a key is recorded, or the first with setIfMissing; empty keys are dropped and counted")
    func keys() throws {
        let profiler = profiler()
        let details = LogRecordDetails(profiler.recorder.logScope(""), .info)
        profiler.recorder.emit(details, body: nil) { writer in
            writer.set("a", 1)
            writer.set("b", "text")
            writer.set("a", "one")
            writer.setIfMissing("b", 2)
            writer.setIfMissing("c", 3)
            writer.set("", 4)
            writer.setMap("map") { map in
                map.set("a", 1)
                map.set("b", "x")
                map.set("a", 2)
                map.setIfMissing("b", 3)
                map.setArray("list") { list in
                    list.append("x")
                    list.appendMap { $0.set("y", true) }
                    list.appendArray { $0.append(.null) }
                }
            }
            #expect(writer.contains("map") && !writer.contains("list"))
        }
        let record = try #require(profiler.logRecords().first)
        #expect(
            record.attributes == [
                Attribute("b", "text"), Attribute("a", "one"), Attribute("c", 3),
                Attribute(
                    "map",
                    .map([
                        Attribute("b", "x"), Attribute("a", 2),
                        Attribute("list", ["x", .map([Attribute("y", true)]), [.null]]),
                    ])
                ),
            ]
        )
        #expect(record.droppedAttributeCount == 1)
    }

    @Test(
        "limits: the number and the length of attributes, and the depth of arrays and maps; the body has no length limit"
    )
    func limits() throws {
        let profiler = profiler {
            $0.limits.attributeCount = 2
            $0.limits.attributeValueLength = 3
            $0.limits.attributeValueDepth = 2
        }
        let details = LogRecordDetails(profiler.recorder.logScope(""), .info)
        profiler.recorder.emit(details, body: .array(["a long body", [[1]]])) { writer in
            writer.set("first", "abcdef")
            writer.setArray("second") {
                $0.appendArray {
                    $0.append("abcdef"); $0.appendMap { $0.set("a", 1) }
                }
            }
            writer.set("third", 3)
            writer.setMap("fourth") { $0.set("a", 1) }
            writer.set("first", "xyz")
        }
        let record = try #require(profiler.logRecords().first)
        #expect(record.body == ["a long body", [.null]])
        #expect(record.attributes == [Attribute("second", [["abc", .null]]), Attribute("first", "xyz")])
        #expect(record.droppedAttributeCount == 2)
    }

    @Test("a long text is cut and named, other values that do not fit are dropped and counted, and the record is kept")
    func longTexts() throws {
        let profiler = profiler()
        let details = LogRecordDetails(profiler.recorder.logScope(""), .info)
        let long = String(repeating: "é", count: 500_000)
        profiler.recorder.emit(details, body: .string(long)) { writer in
            writer.set("note", .string(long))
            writer.setMap("map") { map in for number in 0..<10_000 { map.set("key\(number)", .string(long)) } }
            writer.set("array", .array([.string(long)]))
            writer.set("short", 1)
        }
        let record = try #require(profiler.logRecords().first)
        guard case .string(let body) = record.body else { return #expect(Bool(false), "the body is a text") }
        #expect(long.hasPrefix(body) && body.utf8.count > 50_000)
        #expect(record["spankit.truncated"] == "body: 1000000 bytes, note: 1000000 bytes")
        #expect(record["short"] == 1)
        #expect(record["map"] == nil && record["array"] == nil)
        #expect(record.droppedAttributeCount == 2)

        profiler.recorder.emit(details, body: .array([.string(long)]))
        let other = try #require(profiler.logRecords().last)
        #expect(other.body == nil && other["spankit.truncated"] == "body: 1000016 bytes")
    }

    @Test("10,000 keys: those within the limit are recorded, the others counted")
    func manyKeys() throws {
        let profiler = profiler()
        let details = LogRecordDetails(profiler.recorder.logScope(""), .info)
        profiler.recorder.emit(details, body: nil) { writer in
            for number in 0..<10_000 { writer.setIfMissing("key\(number)", .int(Int64(number))) }
        }
        let record = try #require(profiler.logRecords().first)
        #expect(record.attributes == (0..<128).map { Attribute("key\($0)", .int(Int64($0))) })
        #expect(record.droppedAttributeCount == 9_872)
    }

    @Test("texts that the string table cannot take are in the record, cut to 4,096 bytes")
    func longNames() throws {
        let profiler = profiler()
        let name = String(repeating: "n", count: 5_000)
        var details = LogRecordDetails(profiler.recorder.logScope(name), .info)
        details.severityText = .text(String(repeating: "s", count: 2_000))
        details.file = .text("")
        profiler.recorder.emit(details, body: "text") { $0.set(name, 1) }
        let record = try #require(profiler.logRecords().first)
        #expect(record.scope == String(repeating: "n", count: 4_096))
        #expect(record.severityText.utf8.count == 2_000 && record.file.isEmpty)
        #expect(record.body == "text" && record[name] == 1)
        #expect(record["spankit.truncated"] == "scope: 5000 bytes")
    }

    @Test("values whose descriptions log do not disturb the record that is being written")
    func nested() {
        let profiler = profiler()
        let details = LogRecordDetails(profiler.recorder.logScope(""), .info)
        profiler.recorder.emit(details, body: "outer") { writer in
            writer.set("before", 1)
            profiler.recorder.emit(details, body: "inner") { inner in
                inner.set("before", 2)
                profiler.logs.emit(.debug, "innermost")
                inner.set("after", 2)
            }
            writer.set("after", 1)
        }
        let records = profiler.logRecords()
        #expect(records.map(\.body) == ["outer", "innermost", "inner"])
        #expect(records[0].attributes == [Attribute("before", 1), Attribute("after", 1)])
        #expect(records[2].attributes == [Attribute("before", 2), Attribute("after", 2)])
        #expect(profiler.logRecordAccount == LogRecordAccount(emitted: 3, written: 3, waiting: 3))
    }

    @Test("records of any size fill chunks to their end and come back whole, in order")
    func chunkBoundaries() {
        let profiler = profiler { $0.bytes = 64 << 20 }
        var random = SplitMix64(seed: 20)
        var expected: [(Int, Int)] = []
        for number in 0..<3_000 {
            let length = Int(random.next() % 3) == 0 ? Int(random.next() % 50_000) : Int(random.next() % 300)
            expected.append((number, length))
            profiler.logs.emit(.info, .string(String(repeating: "x", count: length)), ["number": .int(Int64(number))])
        }
        let read = profiler.logRecords().map { record -> (Int, Int) in
            guard case .int(let number) = record["number"], case .string(let text) = record.body else {
                return (-1, -1)
            }
            return (Int(number), text.utf8.count)
        }
        #expect(read.count == expected.count && zip(read, expected).allSatisfy { $0 == $1 })
        #expect(profiler.logRecordAccount.isBalanced)
    }

    @Test("without a reader the newest records remain; with one, new records are dropped while the log is full")
    func full() {
        for (whenFull, isNewest) in [(SpanLogOverflow.overwriteOldest, true), (.dropNewest, false)] {
            let profiler = profiler {
                $0.bytes = 4 * Region.chunkBytes
                $0.whenFull = whenFull
            }
            for number in 0..<10_000 {
                profiler.logs.emit(
                    .info,
                    .string(String(repeating: "x", count: number % 700)),
                    ["n": .int(Int64(number))]
                )
            }
            let account = profiler.logRecordAccount
            #expect(account.emitted == 10_000 && account.isBalanced)
            #expect((account.overwritten > 0) == isNewest && (account.droppedLogFull > 0) == !isNewest)
            let numbers = profiler.logRecords().map { $0["n"] }
            #expect(UInt64(numbers.count) == account.waiting)
            if isNewest {
                #expect(numbers == (10_000 - numbers.count..<10_000).map { .int(Int64($0)) })
            } else {
                #expect(numbers == (0..<numbers.count).map { .int(Int64($0)) })
            }
        }
    }

    @Test("rules: severity, trace-based, by name; nothing is evaluated for a record that is left out")
    func rules() {
        let profiler = profiler {
            $0.standard.minimumSeverity = .warn
            var off = LoggerRule()
            off.isEnabled = false
            var traced = LoggerRule()
            traced.isTraceBased = true
            $0.loggers = [NamedLoggerRule("noisy.*", off), NamedLoggerRule("traced?", traced)]
        }
        func unexpected() -> AttributeValue? {
            Issue.record("evaluated")
            return nil
        }
        profiler.logs.emit(.info, unexpected())
        profiler.logs.logger("noisy.driver").emit(.fatal, unexpected())
        profiler.logs.emit(.warn, "warned")
        profiler.logs.emit(LogSeverity(rawValue: 0), "unspecified")
        let unsampled = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(rawValue: 3))
        profiler.logs.logger("traced1").emit(.info, unexpected(), context: unsampled)
        profiler.logs.logger("traced1").emit(.info, "outside")
        #expect(profiler.logRecords().map(\.body) == ["warned", "unspecified", "outside"])
        #expect(profiler.logRecordAccount.emitted == 3)
        #expect(!profiler.logs.isEnabled(.info) && profiler.logs.isEnabled(.error))
        #expect(!PerformanceProfiler(.off).logs.isEnabled(.fatal))
    }

    @Test("SpanKit's own messages and muted threads make no records")
    func ownMessages() {
        let profiler = profiler()
        let log = ProfilerLog { _, line in profiler.logs.emit(.error, .string(line)) }
        log(.warning, "about itself")
        profiler.logs.emit(.info, "after")
        OperatingSystemThread.run(1) {
            muteLogRecordsOfThread()
            profiler.logs.emit(.info, "muted")
        }
        #expect(profiler.logRecords().map(\.body) == ["after"])
        #expect(profiler.logRecordAccount.emitted == 1)
    }

    @Test("severities have OpenTelemetry's numbers and names")
    func severities() {
        #expect(LogSeverity.error.rawValue == 17 && LogSeverity.error.name == "ERROR")
        #expect(LogSeverity(rawValue: 18).name == "ERROR2" && LogSeverity(rawValue: 200).name == "FATAL4")
        #expect(LogSeverity(name: "fatal4") == LogSeverity(rawValue: 24) && LogSeverity(name: "warning") == nil)
        #expect((1...24).allSatisfy { LogSeverity(name: LogSeverity(rawValue: $0).name)?.rawValue == $0 })
    }
}
