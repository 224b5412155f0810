import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport
import Testing

@Suite("Binary OTLP is read like OTLP JSON")
struct ProtobufTests {
    private static let resource = Resource(attributes: [Attribute("service.name", "shop")], schemaURL: "r")
    private static let scope = InstrumentationScope(
        name: "lib",
        version: "1",
        attributes: [Attribute("a", 1)],
        schemaURL: "s"
    )

    private static func value(_ random: inout SplitMix64, depth: Int = 0) -> AttributeValue {
        switch Int.random(in: 0..<(depth < 4 ? 8 : 6), using: &random) {
        case 0: .bool(.random(using: &random))
        case 1: .int(Int64(bitPattern: random.next()))
        case 2: .double(Double.random(in: -1e9...1e9, using: &random))
        case 3: .bytes((0..<Int.random(in: 0...9, using: &random)).map { _ in .random(in: 0...255, using: &random) })
        case 4: .null
        case 5: .string(HostileText.make(&random, 0...30))
        case 6: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default: .map(attributes(&random, depth: depth + 1))
        }
    }

    private static func attributes(_ random: inout SplitMix64, depth: Int = 0) -> [Attribute] {
        (0..<Int.random(in: 0...4, using: &random)).map {
            Attribute("\($0)" + HostileText.make(&random, 0...5), value(&random, depth: depth))
        }
    }

    private static func context(_ random: inout SplitMix64) -> SpanContext {
        SpanContext(
            traceID: TraceID(high: random.next() | 1, low: random.next()),
            spanID: SpanID(rawValue: random.next() | 1),
            traceFlags: TraceFlags(rawValue: .random(in: 0...3, using: &random)),
            traceState: Bool.random(using: &random) ? "k=v" : ""
        )
    }

    private static func span(_ random: inout SplitMix64) -> RecordedSpan {
        let start = Int64.random(in: 0...2_000_000_000_000_000_000, using: &random)
        var span = RecordedSpan(
            name: HostileText.make(&random, 0...20),
            context: context(&random),
            parentSpanID: Bool.random(using: &random) ? SpanID(rawValue: random.next() | 1) : nil,
            parentIsRemote: .random(using: &random),
            kind: RecordedSpan.Kind.allCases.randomElement(using: &random) ?? .internal,
            startUnixNanoseconds: start,
            endUnixNanoseconds: start + .random(in: 0...9_000_000_000, using: &random)
        )
        span.status = [.unset, .ok, .error(HostileText.make(&random, 0...9))].randomElement(using: &random) ?? .unset
        span.attributes = attributes(&random)
        span.droppedAttributeCount = .random(in: 0...3, using: &random)
        span.droppedEventCount = .random(in: 0...3, using: &random)
        span.droppedLinkCount = .random(in: 0...3, using: &random)
        span.events = (0..<Int.random(in: 0...2, using: &random)).map { _ in
            .init(
                name: HostileText.make(&random, 0...9),
                unixNanoseconds: start,
                attributes: attributes(&random),
                droppedAttributeCount: .random(in: 0...1, using: &random)
            )
        }
        span.links = (0..<Int.random(in: 0...2, using: &random)).map { _ in
            .init(context: context(&random), attributes: attributes(&random), droppedAttributeCount: 2)
        }
        return span
    }

    private static func encoded(_ spans: [RecordedSpan], _ encoding: Encoding) -> [UInt8] {
        let records = DetachedRecords()
        for span in spans { records.append(span) }
        let encoder = TraceEncoder(encoding, resource: resource, scope: scope)
        _ = encoder.encode(records, spanLimit: .max, byteLimit: .max)
        return Array(encoder.bytes)
    }

    private static func requests(seed: Int, count: Int = 3) -> (binary: [[UInt8]], json: [UInt8]) {
        var random = SplitMix64(seed: UInt64(seed))
        var binary: [[UInt8]] = []
        var json: [UInt8] = []
        for _ in 0..<count {
            let spans = (0..<Int.random(in: 1...20, using: &random)).map { _ in span(&random) }
            binary.append(encoded(spans, .protobuf))
            json += encoded(spans, .json) + [0x0A]
        }
        return (binary, json)
    }

    @Test("the vectors of both encodings give equal spans", arguments: ["trace_full", "trace_minimal"])
    func vectors(name: String) throws {
        let json = Decoding(try Golden.text("\(name).json"))
        for piece in [1, 3, Int.max] {
            let binary = Decoding(try Wire.vector("\(name).pb.hex"), piece: piece)
            #expect(binary.spans.count == 1)
            // NaN is not equal to itself.
            #expect("\(binary.spans)" == "\(json.spans)")
            #expect(binary.decoder.problems.map(\.reason) == json.decoder.problems.map(\.reason))
            #expect(binary.decoder.unknownFieldCount == 0)
            #expect(binary.decoder.problems.allSatisfy { $0.byteOffset != nil })
        }
    }

    @Test(
        "metrics and logs are counted, not read as spans",
        arguments: ["metrics_all_types", "metrics_full", "logs_full", "logs_minimal"]
    )
    func otherSignals(name: String) throws {
        let bytes = try Wire.vector("\(name).pb.hex")
        for input in [bytes, Wire.framed(bytes)] {
            let decoding = Decoding(input)
            #expect(decoding.spans.isEmpty)
            #expect(decoding.problems.isEmpty)
            #expect(decoding.decoder.otherSignalCount >= 1)
        }
    }

    @Test("random spans of both encoders decode equal, however messages are framed and cut", arguments: 0..<30)
    func roundTrip(seed: Int) {
        let (binary, json) = Self.requests(seed: seed)
        let expected = Decoding(json)
        #expect(expected.problems.isEmpty)
        let inputs = [
            binary.flatMap { $0 }, binary.flatMap(Wire.framed), binary.flatMap { Wire.varint($0.count) + $0 },
        ]
        var random = SplitMix64(seed: UInt64(seed))
        for input in inputs {
            for piece in [1, Int.random(in: 2...900, using: &random), .max] {
                let decoding = Decoding(input, piece: piece)
                #expect(decoding.spans == expected.spans)
                #expect(decoding.problems.isEmpty)
            }
        }
    }

    @Test(
        "messages of the file exporter that are compressed, protobuf and JSON",
        .enabled(if: InputBytesTests.hasZstandard)
    )
    func compressedMessages() {
        let (binary, json) = Self.requests(seed: 5)
        let lines = json.split(separator: 0x0A).map(Array.init)
        let expected = Decoding(json).spans
        for messages in [binary, lines] {
            let decoding = Decoding(messages.flatMap { Wire.framed(Wire.zstandard($0)) }, piece: 11)
            #expect(decoding.spans == expected)
            #expect(decoding.problems.isEmpty)
        }
        var damaged = binary.map { Wire.framed(Wire.zstandard($0)) }
        // The type of the first block of the second message.
        damaged[1][4 + 9] |= 0x06
        let decoding = Decoding(damaged.flatMap { $0 })
        #expect(decoding.spans == Decoding(binary[0] + binary[2]).spans)
        #expect(decoding.decoder.problems.map(\.byteOffset) == [damaged[0].count + 4])
        #expect(decoding.problems.first?.contains("the zstd stream is damaged") == true)
    }

    @Test("a request with several small resources and a length prefix")
    func shortMessages() {
        let span = Wire.field(1, [UInt8](1...16)) + Wire.field(2, [UInt8](1...8)) + Wire.field(5, Array("a".utf8))
        let resourceSpans = Wire.field(1, Wire.field(2, Wire.field(2, span)))
        let request = resourceSpans + resourceSpans
        #expect(request.count < 0x7F)
        let first = Wire.varint(resourceSpans.count) + resourceSpans
        let decoding = Decoding(first + Wire.varint(request.count) + request, piece: 1)
        #expect(decoding.names == ["a", "a", "a"])
        #expect(decoding.problems.isEmpty)
    }

    @Test("unknown fields are passed over and counted")
    func unknownFields() throws {
        let span =
            Wire.field(1, [UInt8](1...16)) + Wire.field(2, [UInt8](1...8)) + Wire.field(99, [1, 2])
            + [0xC0, 0x0C, 5] + Wire.field(5, Array("a".utf8))
        let request = Wire.field(1, Wire.field(2, Wire.field(2, span) + Wire.field(7, [])))
        let decoding = Decoding(request)
        #expect(decoding.names == ["a"])
        #expect(decoding.decoder.unknownFieldCount == 3)
        #expect(decoding.problems.isEmpty)
    }

    @Test("only the damaged attribute or span is lost, and its byte is reported")
    func damage() throws {
        func span(_ name: String, _ more: [UInt8] = []) -> [UInt8] {
            Wire.field(
                2,
                Wire.field(1, [UInt8](1...16)) + Wire.field(2, [UInt8](1...8)) + Wire.field(5, Array(name.utf8)) + more
            )
        }
        let wrongAttribute = Wire.field(9, [0x0A, 9, 0x61])
        let attribute = Decoding(Wire.field(1, Wire.field(2, span("a", wrongAttribute) + span("b"))))
        #expect(attribute.names == ["a", "b"])
        #expect(
            attribute.decoder.problems.map(\.reason) == [
                "an attribute is damaged (a field of 9 bytes ends too early); it is left out"
            ]
        )
        let message = Wire.field(1, Wire.field(2, span("a") + span("b", [0x0F]) + span("c")))
        let field = Decoding(message)
        #expect(field.names == ["a", "c"])
        #expect(field.problems.count == 1)
        #expect(
            field.problems.first?.hasSuffix("the span 'b' is damaged (the wire type 7 is not valid); it is left out")
                == true
        )
        let offset = try #require(field.decoder.problems.first?.byteOffset)
        #expect(message[offset] == 0x0F)
        // A length that is too large: the next span is found by its ids.
        let tooLong = span("a") + [0x12, 0x7F] + span("b").dropFirst(2) + span("c")
        let length = Decoding(Wire.field(1, Wire.field(2, tooLong)))
        #expect(length.names == ["a", "c"])
        #expect(length.problems.count == 1)
    }

    @Test("of truncated input, every complete span is read, and the rest is reported")
    func cuts() {
        let (binary, json) = Self.requests(seed: 8, count: 2)
        let all = Decoding(json).spans
        let first = Decoding(binary[0]).spans.count
        for input in [binary.flatMap { $0 }, binary.flatMap(Wire.framed)] {
            var most = 0
            for cut in stride(from: 100, to: input.count, by: 41) {
                let decoding = Decoding(Array(input[..<cut]))
                let count = decoding.spans.count
                // URLs of schemas come behind the spans, so they may be cut.
                let isStart = decoding.spans.map(\.span) == all.prefix(count).map(\.span)
                #expect(isStart, "cut at \(cut)")
                #expect(count >= most)
                most = count
                #expect(count == first || !decoding.problems.isEmpty)
                #expect(decoding.decoder.problems.allSatisfy { 0...cut ~= ($0.byteOffset ?? -1) })
            }
            #expect(most >= first)
        }
    }

    @Test("truncation is reported once, with what is left out")
    func cutMessage() throws {
        let message = Wire.framed(try Wire.vector("trace_minimal.pb.hex"))
        let decoding = Decoding(Array((message + message).prefix(180)))
        #expect(decoding.spans.count == 1)
        #expect(
            decoding.problems == [
                "byte 180: the message is cut off: 20 of 96 bytes are missing",
                "byte 140: a span is damaged (a field of 58 bytes ends too early); 40 bytes are left out",
            ]
        )
    }

    @Test("bytes between messages are left out and counted")
    func noise() {
        let (binary, json) = Self.requests(seed: 3)
        let noise = [UInt8](repeating: 0xEE, count: 37)
        let input = Wire.framed(binary[0]) + noise + Wire.framed(binary[1]) + Wire.framed(binary[2]) + noise
        for piece in [1, 10, Int.max] {
            let decoding = Decoding(input, piece: piece)
            #expect(decoding.spans == Decoding(json).spans)
            let first = binary[0].count + 4
            #expect(
                decoding.problems == [
                    "byte \(first): not an OTLP message; 37 bytes are left out",
                    "byte \(input.count - 37): not an OTLP message; 37 bytes are left out",
                ]
            )
        }
    }

    @Test("zeros are not messages")
    func zeros() {
        let zeros = [UInt8](repeating: 0, count: 50)
        let (binary, json) = Self.requests(seed: 4)
        let decoding = Decoding(binary.flatMap(Wire.framed) + zeros)
        #expect(decoding.spans == Decoding(json).spans)
        #expect(decoding.decoder.problems.map(\.reason) == ["not an OTLP message; 50 bytes are left out"])
        #expect(Decoding(zeros).problems == ["line 1, column 1: not an OTLP JSON object"])
        #expect(Decoding(Wire.framed([]) + Wire.framed(binary[0]), piece: 1).spans == Decoding(binary[0]).spans)
    }

    @Test("a message above the size limit is skipped, and the following messages are read")
    func longMessages() {
        var long = RecordedSpan.smallest
        long.name = String(repeating: "x", count: 5_000)
        let messages = [Self.encoded([long], .protobuf), Self.encoded([.smallest], .protobuf)]
        for input in [messages.flatMap(Wire.framed), messages.flatMap { $0 }] {
            let decoding = Decoding(input, piece: 100, maximumBytes: 2_000)
            #expect(decoding.names == ["op"])
            #expect(decoding.problems == ["byte 0: the message is longer than 2000 bytes; it is left out"])
        }
    }

    @Test("unlimited nesting is cut off")
    func deepNesting() {
        var value: [UInt8] = [0x18, 5]
        for _ in 0..<3_000 { value = Wire.field(5, Wire.field(1, value)) }
        let span =
            Wire.field(1, [UInt8](1...16)) + Wire.field(2, [UInt8](1...8))
            + Wire.field(9, Wire.field(1, [0x6B]) + Wire.field(2, value))
        let decoding = Decoding(Wire.field(1, Wire.field(2, Wire.field(2, span))))
        #expect(decoding.spans.count == 1)
        #expect(
            decoding.decoder.problems.map(\.reason) == [
                "the value is nested more than 64 levels deep; the rest is read as null"
            ]
        )
    }

    @Test("no input crashes the decoder")
    func fuzz() throws {
        var random = SplitMix64(seed: 17)
        let requests = Self.requests(seed: 1).binary
        let seeds = [
            try Wire.vector("trace_full.pb.hex"), try Wire.vector("metrics_full.pb.hex"), requests.flatMap { $0 },
            requests.flatMap(Wire.framed), requests.flatMap { Wire.varint($0.count) + $0 },
            requests.flatMap { Wire.framed(Wire.zstandard($0)) },
        ].map { Array($0.prefix(6_000)) }
        for _ in 0..<FuzzRounds.count {
            var bytes = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0 where !bytes.isEmpty: bytes[place] = .random(in: 0...255, using: &random)
                case 1 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2:
                    let tokens: [[UInt8]] = [
                        [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0], [0x0A], [0x12, 0x7F], [0, 0, 1, 0],
                    ]
                    bytes.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: min(place, bytes.count))
                case 3 where !bytes.isEmpty:
                    bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
                default: bytes = Array(bytes.prefix(max(place, 40)))
                }
            }
            let decoding = Decoding(bytes, piece: Int.random(in: 1...4_000, using: &random))
            let decoder = decoding.decoder
            #expect(decoder.spanCount == decoding.spans.count)
            #expect(decoder.problems.count == min(decoder.problemCount, 100))
            #expect(decoder.problems.allSatisfy { $0.byteOffset.map { 0...bytes.count ~= $0 } ?? true })
            #expect(decoding.spans.allSatisfy { $0.span.context.isValid && $0.span.duration >= .zero })
        }
    }
}
