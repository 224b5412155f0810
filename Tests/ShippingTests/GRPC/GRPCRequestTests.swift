import SpanKitHTTP
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Requests of gRPC, and the choice of the protocol")
struct GRPCRequestTests {
    @Test(
        "each signal has its own service",
        arguments: [
            (OTLPSignal.traces, "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
            (.metrics, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"),
            (.logs, "/opentelemetry.proto.collector.logs.v1.LogsService/Export"),
        ]
    )
    func services(signal: OTLPSignal, path: String) {
        #expect(signal.servicePath == path)
        #expect(signal.defaultURL(.grpc) == "http://localhost:4317")
    }

    @Test(
        "a time limit has at most eight digits and a unit",
        arguments: [
            (Duration.milliseconds(10_000), "10000m"), (.microseconds(1), "1m"), (.zero, "1m"),
            (.seconds(99_999), "99999000m"),
            (.seconds(100_000), "100000S"), (.seconds(1 << 40), "99999999S"),
        ]
    )
    func timeouts(duration: Duration, text: String) {
        #expect(GRPCMetadata.timeout(duration) == text)
    }

    @Test(
        "header fields follow the rules of metadata",
        arguments: [
            ("Authorization", "Bearer x y", "authorization", "Bearer x y"), ("x-api.key_1", "~", "x-api.key_1", "~"),
            ("trace-bin", "ab\u{1}", "trace-bin", "YWIB"), ("x", "é", nil, nil), ("x", "a\tb", nil, nil),
            ("grpc-timeout", "1S", nil, nil), ("GRPC-Trace", "1", nil, nil), ("Content-Type", "x", nil, nil),
            ("Content-Encoding", "gzip", nil, nil), ("TE", "gzip", nil, nil),
            ("Connection", "close", nil, nil), ("x!", "1", nil, nil), ("", "1", nil, nil),
        ] as [(String, String, String?, String?)]
    )
    func metadata(name: String, value: String, sentName: String?, sentValue: String?) {
        let field = GRPCMetadata.field(HTTPHeader(name: name, value: value))
        #expect(field?.name == sentName && field?.value == sentValue)
    }

    @Test("without HTTP/2 in libcurl, gRPC cannot be used, and the message says what to do")
    func noHTTP2() throws {
        let problem = try #require(OTLPProtocol.grpc.problem(hasHTTP2: false))
        #expect(problem.contains("OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf") && !problem.contains("\n"))
        #expect(OTLPProtocol.grpc.problem(hasHTTP2: true) == nil)
        #expect(OTLPProtocol.httpProtobuf.problem(hasHTTP2: false) == nil)
    }

    @Test(
        "only two versions of libcurl cannot keep a connection with HTTP/2 and without TLS",
        arguments: [
            (0x07_3D_01, true), (0x07_57_00, true), (0x07_58_00, false), (0x07_58_01, false), (0x08_00_00, true),
            (0x08_17_00, true),
        ] as [(UInt32, Bool)]
    )
    func reuse(version: UInt32, keeps: Bool) {
        #expect(HTTPClient.keepsClearHTTP2(version: version) == keeps)
    }

    // MARK: The choice

    private func answer(_ status: Int = 0, _ failure: HTTPAnswer.Failure? = nil, grpc: String? = nil) -> HTTPAnswer {
        var answer = HTTPAnswer(failure: failure)
        answer.status = status
        if let grpc { answer.grpcFields["grpc-status"] = grpc }
        return answer
    }

    private static let http09 = HTTPAnswer.Failure.noConnection(.notHTTP, "received HTTP/0.9 when not allowed")

    @Test(
        "the other encoding is tried after 415 and kept after a success",
        arguments: [OTLPProtocol.httpJSON, .httpProtobuf]
    )
    func otherEncoding(configured: OTLPProtocol) {
        let other = configured == .httpJSON ? OTLPProtocol.httpProtobuf : .httpJSON
        var choice = ProtocolChoice(configured)
        #expect(choice.read(answer(200), configured) == .none && !choice.isAdapted)
        #expect(choice.read(answer(415), configured) == .resend)
        #expect(choice.current == other && choice.isAdapted)
        #expect(choice.read(answer(415), configured) == .resend, "was in flight")
        #expect(choice.read(answer(503), other) == .none)
        #expect(choice.read(answer(200), other) == .settled)
        #expect(choice.read(answer(200), other) == .none, "said once")
        #expect(choice.read(answer(415), other) == .none && choice.current == other)
    }

    @Test(
        "if the other encoding is refused as well, the configured one is used, and the exporter does not alternate between them"
    )
    func neitherEncoding() {
        var choice = ProtocolChoice(.httpJSON)
        var used: [OTLPProtocol] = []
        for _ in 0..<20 {
            used.append(choice.current)
            guard choice.read(answer(415), choice.current) == .resend else { break }
        }
        #expect(used == [.httpJSON, .httpProtobuf, .httpJSON, .httpProtobuf, .httpJSON])
    }

    @Test("a port that speaks only HTTP/2 is tried with gRPC", arguments: [OTLPProtocol.httpJSON, .httpProtobuf])
    func grpcPort(configured: OTLPProtocol) {
        var choice = ProtocolChoice(configured, hasHTTP2: true)
        #expect(choice.read(answer(0, Self.http09), configured) == .resend)
        #expect(choice.current == .grpc)
        #expect(choice.read(answer(0, .noConnection(.refused, "")), .grpc) == .none, "tells nothing")
        #expect(choice.read(answer(200, grpc: "14"), .grpc) == .settled)
        #expect(choice.current == .grpc)
    }

    @Test("a receiver that does not speak gRPC either gets the configured protocol again")
    func notGRPC() {
        for failure in [Self.http09, .noConnection(.closed, ""), .noConnection(.streamReset, ""), .timedOut, nil] {
            var choice = ProtocolChoice(.httpJSON, hasHTTP2: true)
            #expect(choice.read(answer(0, Self.http09), .httpJSON) == .resend)
            #expect(choice.read(answer(failure == nil ? 404 : 0, failure), .grpc) == .resend)
            #expect(choice.current == .httpJSON && !choice.isAdapted)
        }
        var choice = ProtocolChoice(.httpJSON, hasHTTP2: true)
        #expect(choice.read(answer(0, Self.http09), .httpJSON) == .resend)
        var late = answer(0, .timedOut)
        late.sentBytes = 100
        #expect(choice.read(late, .grpc) == .none, "it may have arrived, so it is retried as after any such failure")
        #expect(choice.current == .httpJSON)
    }

    @Test("other failures do not change the protocol")
    func noSigns() {
        var choice = ProtocolChoice(.httpJSON, hasHTTP2: true)
        for answer in [
            answer(400), answer(404), answer(503), answer(0, .noConnection(.closed, "")), answer(0, .timedOut),
        ] {
            #expect(choice.read(answer, .httpJSON) == .none)
        }
        var without = ProtocolChoice(.httpJSON, hasHTTP2: false)
        #expect(without.read(answer(0, Self.http09), .httpJSON) == .none)
        var grpc = ProtocolChoice(.grpc)
        for answer in [answer(415), answer(0, Self.http09), answer(0, .noConnection(.closed, ""))] {
            #expect(grpc.read(answer, .grpc) == .none)
        }
    }
}
