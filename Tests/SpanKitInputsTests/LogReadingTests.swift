import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

/// What a decoder made of log records in an input.
private struct LogDecoding {
    var logs: [DecodedLog] = []
    var decoder = TraceDecoder(reads: .logs)

    init(_ bytes: [UInt8], piece: Int = .max) {
        var place = 0
        while place < bytes.count {
            let end = min(bytes.count, place + min(piece, bytes.count))
            decoder.decode(Array(bytes[place..<end])) { _ in }
            logs += decoder.takeLogs()
            place = end
        }
        decoder.finish { _ in }
        logs += decoder.takeLogs()
    }

    init(_ text: String) { self.init(Array(text.utf8)) }

    var problems: [String] { decoder.problems.map(\.description) }
}

@Suite("Log records in OTLP files")
struct LogReadingTests {
    private static func json(_ records: String) -> String {
        "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[\(records)],\"scope\":{\"name\":\"shop.cart\"}}],"
            + "\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}}]}}]}"
    }

    @Test("every kind of record is read alike from JSON and from protobuf, in pieces of any size")
    func kinds() throws {
        let text = Array(try Golden.text("logs_full.json").utf8)
        let binary = try Wire.vector("logs_full.pb.hex")
        let logs = LogDecoding(text).logs
        for piece in [Int.max, 1_000, 7, 1] {
            for bytes in [text, binary] {
                let read = LogDecoding(bytes, piece: piece)
                #expect(read.problems.count == 1, "\(read.problems)")
                #expect(read.problems[0].contains("'18446744073709551615' is not a number from 0 to"))
                #expect(read.decoder.unknownFieldCount == 0)
                #expect(read.logs.map { "\($0)" } == logs.map { "\($0)" }, "\(piece)")
            }
        }
        #expect(logs.count == 17)
        let gate = logs[0]
        #expect(gate.resource["service.name"] == "ferry" && gate.scope.name == "ferry.tickets")
        #expect(gate.severityNumber == 13 && gate.severityText == "warning" && gate.eventName == "ferry.gate.closed")
        #expect(gate.timeUnixNanoseconds == 1_767_225_601_000_000_001)
        #expect(gate.traceID?.description == "6f1e2d3c4b5a69788796a5b4c3d2e1f0" && gate.spanID != nil)
        #expect(gate.traceFlags.rawValue & 1 == 1 && gate.droppedAttributeCount == 3)
        #expect(gate["code.line.number"] == .int(42))
        #expect(logs.contains { $0.body == .int(7) } && logs.contains { $0.body == .null })
    }

    @Test("a minimal record is read alike from JSON and from protobuf")
    func minimal() throws {
        let text = LogDecoding(try Golden.text("logs_minimal.json"))
        let binary = LogDecoding(try Wire.vector("logs_minimal.pb.hex"))
        #expect(text.logs == binary.logs && text.logs.count == 1)
        #expect(text.logs[0].body == "moored" && text.logs[0].severityNumber == 9 && text.logs[0].traceID == nil)
        #expect(text.problems.isEmpty && binary.problems.isEmpty)
    }

    @Test(
        "what is not as in the specification is read as well as possible, and said",
        arguments: [
            // Names in snake_case, and those before OTLP 0.15.
            (
                "{\"resource_logs\":[{\"instrumentation_library_logs\":[{\"logs\":[{\"time_unix_nano\":5,\"severity_number\":\"9\","
                    + "\"body\":{\"string_value\":\"a\"}}]}]}]}",
                ["a|9|5"], ""
            ),
            // One resource or its scopes by itself.
            ("{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"stringValue\":\"a\"}}]}]}", ["a|0|0"], ""),
            (json("{\"severityNumber\":\"SEVERITY_NUMBER_INFO2\",\"body\":{\"stringValue\":\"a\"}}"), ["a|10|0"], ""),
            (json("{\"severityNumber\":\"SEVERITY_NUMBER_UNSPECIFIED\"}"), ["-|0|0"], ""),
            (json("{\"severityNumber\":17.0}"), ["-|17|0"], ""),
            (json("{\"severityNumber\":25}"), ["-|0|0"], "'25' is not a severity; it is read as not specified"),
            (json("{\"severityNumber\":\"LOUD\"}"), ["-|0|0"], "'LOUD' is not a severity"),
            (json("{\"severityNumber\":[1]}"), ["-|0|0"], "it is left out"),
            // Bodies.
            (json("{\"body\":null}"), ["-|0|0"], ""), (json("{\"body\":\"plain\"}"), ["plain|0|0"], ""),
            (json("{\"body\":{}}"), ["null|0|0"], ""), (json("{\"body\":{\"stringValue\":\"\"}}"), ["|0|0"], ""),
            (json("{\"body\":{\"boolValue\":true}}"), ["true|0|0"], ""),
            // Ids.
            (json("{\"traceId\":\"\",\"spanId\":\"\"}"), ["-|0|0"], ""),
            (json("{\"traceId\":\"00000000000000000000000000000000\",\"spanId\":\"0000000000000000\"}"), ["-|0|0"], ""),
            (json("{\"traceId\":\"xyz\"}"), ["-|0|0"], "'xyz' is not a trace id; the log record is read without it"),
            (json("{\"spanId\":\"12\"}"), ["-|0|0"], "'12' is not a span id"),
            // The others are kept.
            (
                json("{\"body\":{\"stringValue\":\"a\"}},5,{\"body\":{\"stringValue\":\"b\"}}"), ["a|0|0", "b|0|0"],
                "left out"
            ),
            (
                String(json("{\"body\":{\"stringValue\":\"a\"}},{\"body\":{\"stringValue\":\"b").prefix(87)),
                ["a|0|0"], "the object is cut off; 1 log record before that is kept"
            ),
            (json("{\"timeUnixNano\":\"0\",\"observedTimeUnixNano\":\"7\",\"future\":{\"a\":[1]}}"), ["-|0|0"], ""),
        ]
    )
    func untidy(text: String, expected: [String], problem: String) {
        let read = LogDecoding(text)
        let found = read.logs.map { log in
            let body: String =
                switch log.body {
                case nil: "-"
                case .string(let text): text
                case .bool(let truth): "\(truth)"
                default: "null"
                }
            return "\(body)|\(log.severityNumber)|\(log.timeUnixNanoseconds)"
        }
        #expect(found == expected, "\(text)\n\(read.problems)")
        if problem.isEmpty {
            #expect(read.problems.isEmpty, "\(read.problems)")
        } else {
            #expect(read.problems.count == 1 && read.problems[0].contains(problem), "\(read.problems)")
        }
    }

    @Test("ids are read as hexadecimal digits in either case and as base64")
    func ids() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        for (traceID, spanID) in [
            (trace, "00f067aa0ba902b7"), (trace.uppercased(), "00F067AA0BA902B7"),
            ("S/kvNXezTaajzpKdDg5HNg==", "APBnqgupArc="),
        ] {
            let read = LogDecoding(Self.json("{\"traceId\":\"\(traceID)\",\"spanId\":\"\(spanID)\"}"))
            #expect(read.logs.first?.traceID?.description == trace, "\(traceID)")
            #expect(read.logs.first?.spanID?.description == "00f067aa0ba902b7", "\(spanID)")
        }
    }

    @Test("records keep their resource and scope, which may follow them, also with a schema URL")
    func origins() {
        let read = LogDecoding(Self.json("{\"body\":{\"stringValue\":\"a\"}}"))
        #expect(read.logs.first?.resource["service.name"] == "shop" && read.logs.first?.scope.name == "shop.cart")
    }

    // MARK: Protobuf

    private static func record(_ body: String, time: UInt64 = 1_767_225_600_000_000_000) -> [UInt8] {
        [0x09] + (0..<8).map { UInt8(truncatingIfNeeded: time >> ($0 * 8)) } + [0x10, 9]
            + Wire.field(5, Wire.field(1, Array(body.utf8)))
    }

    private static func request(_ records: [[UInt8]]) -> [UInt8] {
        let scope = Wire.field(1, Wire.field(1, Array("lib".utf8))) + records.flatMap { Wire.field(2, $0) }
        return Wire.field(1, Wire.field(2, scope))
    }

    @Test("records after a damaged one are read, and the damage is reported")
    func damaged() {
        var bytes = Self.request([Self.record("one"), Self.record("two"), Self.record("three")])
        // The length of the second record.
        let length = UInt8(Self.record("two").count)
        let place = bytes.indices.last { bytes[$0] == 0x12 && bytes[$0 + 1] == length && bytes[$0 + 2] == 0x09 }
        bytes[(place ?? 0) + 1] = 0xFF
        let read = LogDecoding(bytes)
        #expect(read.logs.map(\.body) == ["one", "three"], "\(read.problems)")
        #expect(read.problems.contains { $0.contains("a log record is damaged") && $0.contains("left out") })
    }

    @Test(
        "a record is recognized by any of its fields",
        arguments: [
            [0x10, 9], [0x59, 0, 0, 0, 0, 0, 0, 0, 0x15], [0x45, 1, 0, 0, 0],
            Wire.field(5, Wire.field(1, Array("text".utf8))),
            Wire.field(6, Wire.field(1, Array("key".utf8))),
        ] as [[UInt8]]
    )
    func recognized(record: [UInt8]) {
        let read = LogDecoding(Self.request([record]))
        #expect(read.logs.count == 1 && read.problems.isEmpty, "\(read.problems)")
        // An empty or damaged record does not hide what the others are.
        let behind = LogDecoding(Self.request([[], record]))
        #expect(behind.logs.count == 2, "\(behind.problems)")
    }

    @Test("spans and metrics are not mistaken for log records")
    func otherSignals() throws {
        for name in ["metrics_all_types.pb.hex"] {
            let read = LogDecoding(try Wire.vector(name))
            #expect(read.logs.isEmpty && read.decoder.otherSignalCount >= 1 && read.decoder.spanCount == 0)
        }
        var decoder = TraceDecoder(reads: .metrics)
        decoder.decode(try Wire.vector("logs_full.pb.hex")) { _ in }
        decoder.finish { _ in }
        #expect(decoder.otherSignalCount >= 1 && decoder.takeMetrics().isEmpty && decoder.takeLogs().isEmpty)
    }

    @Test("a severity above 24 and ids of a wrong length are left out and reported")
    func wrongFields() {
        let read = LogDecoding(Self.request([[0x10, 99] + Wire.field(9, [1, 2, 3])]))
        #expect(read.logs.count == 1 && read.logs[0].severityNumber == 0 && read.logs[0].traceID == nil)
        #expect(read.problems.count == 2, "\(read.problems)")
        #expect(read.problems.contains { $0.contains("'99' is not a severity") })
        #expect(read.problems.contains { $0.contains("a trace id has 3 bytes; the log record is read without it") })
    }

    @Test("with several threads, the records are the same in the same order, between spans")
    func parallel() throws {
        let span =
            "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\","
            + "\"spanId\":\"00f067aa0ba902b7\",\"name\":\"s\"}]}]}]}\n"
        let lines = (0..<2_000).map {
            Self.json("{\"timeUnixNano\":\"\($0)\",\"body\":{\"intValue\":\($0)}}") + "\n" + span
        }
        for workers in [0, 3] {
            var reader = ParallelReader<[DecodedLog]>(make: { [] }, add: { _, _ in }, addLog: { $0.append($1) })
            reader.workers = workers
            reader.chunkBytes = 4_096
            let folder = TemporaryFolder()
            defer { folder.remove() }
            try folder.put("x.jsonl", Array(lines.joined().utf8))
            var times: [Int64] = []
            let (summary, failure) = reader.read(try InputBytes(path: folder.path("x.jsonl"))) { part in
                times += part.map(\.timeUnixNanoseconds)
            }
            #expect(times == (0..<2_000).map { Int64($0) } && failure == nil)
            #expect(summary.problemCount == 0 && summary.otherSignalCount == 0)
        }
    }

    @Test("no damage of the vectors crashes the decoder", arguments: ["logs_full.json", "logs_full.pb.hex"])
    func fuzz(name: String) throws {
        let whole = name.hasSuffix("json") ? Array(try Golden.text(name).utf8) : try Wire.vector(name)
        var random = SplitMix64(seed: 20)
        for _ in 0..<1_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes = Array(bytes[..<max(1, place)])
                }
            }
            let read = LogDecoding(bytes)
            #expect(read.logs.count <= 40 && read.logs.allSatisfy { $0.severityNumber <= 24 })
            // The pieces in which the input comes make no difference.
            #expect(LogDecoding(bytes, piece: 97).logs.count == read.logs.count)
        }
    }
}
