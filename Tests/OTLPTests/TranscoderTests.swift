import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Conversion between JSON and protobuf")
struct TranscoderTests {
    private static let traces = MessageType.request(ofSignal: "traces")
    private static let metrics = MessageType.request(ofSignal: "metrics")
    private static let logs = MessageType.request(ofSignal: "logs")

    private func converted(_ body: [UInt8], _ type: MessageType?, to encoding: Encoding) throws -> [UInt8] {
        let type = try #require(type)
        let result = try #require(Transcoder.convert(body, type, to: encoding))
        #expect(result.leftOut == 0)
        return result.bytes
    }

    @Test(
        "2,000 random spans are the same in the other encoding, as the official definitions read them",
        .needs(.codecs)
    )
    func randomSpans() async throws {
        var random = SplitMix64(seed: 415)
        var configuration = RecordingConfiguration()
        configuration.logBytes = 16 * 1_024 * 1_024
        let recorder = try #require(Recorder.make(configuration))
        for _ in 0..<2_000 { RandomSpans.record(recorder, &random) }
        let resource = Resource(attributes: [
            Attribute("service.name", "svc"), Attribute("list", .array([.int(1), .null])),
        ])
        let scope = InstrumentationScope(name: "lib", version: "1.2")
        var bodies: [ProtobufJudge.Body] = []
        for encoding in Encoding.allCases {
            let encoder = TraceEncoder(encoding, resource: resource, scope: scope)
            _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max)
            let plain = Array(encoder.bytes)
            let other: Encoding = encoding == .json ? .protobuf : .json
            let result = try converted(plain, Self.traces, to: other)
            bodies.append(encoding == .json ? .json(plain) : .protobuf(plain))
            bodies.append(other == .json ? .json(result) : .protobuf(result))
        }
        let verdict = try await ProtobufJudge.judge(bodies)
        #expect(verdict.complaints.isEmpty, "\(verdict.complaints.prefix(5))")
        #expect(verdict.spans.count == 8_000)
        #expect(Set(verdict.messages).count == 1, "all four say the same")
    }

    @Test("random metrics are the same in the other encoding, as the official definitions read them", .needs(.codecs))
    func randomMetrics() async throws {
        var random = SplitMix64(seed: 416)
        let metrics = (0..<200).map { _ in RandomMetrics.metric(&random) }
        var bodies: [ProtobufJudge.Body] = []
        for encoding in Encoding.allCases {
            let plain = MetricsEncoder.encode(
                metrics,
                encoding,
                resource: Resource(attributes: [Attribute("service.name", "svc")]),
                scope: InstrumentationScope(name: "lib"),
                startUnixNanoseconds: 1,
                unixNanoseconds: 2
            )
            let other: Encoding = encoding == .json ? .protobuf : .json
            let result = try converted(plain, Self.metrics, to: other)
            bodies.append(encoding == .json ? .json(plain) : .protobuf(plain))
            bodies.append(other == .json ? .json(result) : .protobuf(result))
        }
        let verdict = try await ProtobufJudge.judge(bodies, as: .metrics)
        #expect(verdict.complaints.isEmpty, "\(verdict.complaints.prefix(5))")
        #expect(Set(verdict.messages).count == 1, "all four say the same")
    }

    @Test(
        "each field has its number and its type",
        arguments: [
            (#"{"resourceSpans":[]}"#, []), (#"{}"#, []),
            (#"{"resourceSpans":[{"schemaUrl":"é\n"}]}"#, [0x0A, 5, 0x1A, 3, 0xC3, 0xA9, 0x0A]),
            (
                #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":3,"flags":257}]}]}]}"#,
                [0x0A, 12, 0x12, 10, 0x12, 8, 0x30, 3, 0x85, 1, 1, 1, 0, 0]
            ),
        ] as [(String, [UInt8])]
    )
    func fields(json: String, protobuf: [UInt8]) throws {
        let result = try converted(Array(json.utf8), Self.traces, to: .protobuf)
        #expect(result == protobuf)
    }

    @Test("log records are converted")
    func logRecord() throws {
        let json =
            #"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{"name":"l"},"logRecords":[{"timeUnixNano":"1","severityNumber":9,"#
            + #""severityText":"INFO","body":{"stringValue":"hi"},"flags":1,"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","observedTimeUnixNano":"2","eventName":"e"}]}]}]}"#
        let protobuf = try converted(Array(json.utf8), Self.logs, to: .protobuf)
        let back = try converted(protobuf, Self.logs, to: .json)
        #expect(String(decoding: back, as: UTF8.self) == json)
    }

    @Test("references to entities are passed on")
    func entities() throws {
        let json =
            #"{"resourceSpans":[{"resource":{"attributes":[{"key":"host.id","value":{"stringValue":"h"}}],"#
            + #""entityRefs":[{"schemaUrl":"u","type":"host","idKeys":["host.id"],"descriptionKeys":["host.name","os.name"]}]}}]}"#
        let protobuf = try converted(Array(json.utf8), Self.traces, to: .protobuf)
        let reference: [UInt8] =
            [0x1A, 38, 0x0A, 1, 0x75, 0x12, 4] + Array("host".utf8) + [0x1A, 7] + Array("host.id".utf8)
            + [0x22, 9] + Array("host.name".utf8) + [0x22, 7] + Array("os.name".utf8)
        #expect(Array(protobuf.suffix(reference.count)) == reference)
        let back = try converted(protobuf, Self.traces, to: .json)
        #expect(String(decoding: back, as: UTF8.self) == json)
    }

    @Test("unknown fields are left out and counted")
    func unknownFields() throws {
        let type = try #require(Self.traces)
        let json = #"{"resourceSpans":[{"new":{"a":[1]},"schemaUrl":"u"}],"other":null}"#
        let result = try #require(Transcoder.convert(Array(json.utf8), type, to: .protobuf))
        #expect(result.bytes == [0x0A, 3, 0x1A, 1, 0x75] && result.leftOut == 2)
        let back = try #require(Transcoder.convert([0x0A, 5, 0x1A, 1, 0x75, 0x78, 1], type, to: .json))
        #expect(
            String(decoding: back.bytes, as: UTF8.self) == #"{"resourceSpans":[{"schemaUrl":"u"}]}"#
                && back.leftOut == 1
        )
    }

    @Test(
        "what is not a request is refused",
        arguments: [
            "", "x", "[]", #"{"resourceSpans":[{]}"#, #"{"resourceSpans":[{"schemaUrl":"u"}]"#, #"{} {}"#,
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xy"}]}]}]}"#,
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"-1"}]}]}]}"#,
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SERVER"}]}]}]}"#,
            #"{"resourceSpans":[{"resource":{"attributes":[{"value":{"bytesValue":"*"}}]}}]}"#,
        ]
    )
    func damaged(json: String) throws {
        let type = try #require(Self.traces)
        #expect(Transcoder.convert(Array(json.utf8), type, to: .protobuf) == nil)
    }

    @Test("damaged bodies do not crash the conversion, and nesting is limited")
    func fuzz() throws {
        let type = try #require(Self.traces)
        var random = SplitMix64(seed: 8)
        let recorder = try #require(Recorder.make(RecordingConfiguration()))
        for _ in 0..<20 { RandomSpans.record(recorder, &random) }
        for encoding in Encoding.allCases {
            let encoder = TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope(name: "s"))
            _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max)
            let whole = Array(encoder.bytes)
            for _ in 0..<FuzzRounds.count / 20 {
                var bytes = Array(whole.prefix(Int.random(in: 0...whole.count, using: &random)))
                for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
                }
                _ = Transcoder.convert(bytes, type, to: encoding == .json ? .protobuf : .json)
            }
        }
        let deep = String(repeating: #"{"arrayValue":{"values":["#, count: 10_000)
        let body = #"{"resourceSpans":[{"resource":{"attributes":[{"value":"# + deep
        #expect(Transcoder.convert(Array(body.utf8), type, to: .protobuf) == nil)
    }
}
