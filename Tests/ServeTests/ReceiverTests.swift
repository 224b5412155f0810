import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitTestSupport
import Testing

@testable import SpanKitServe
@testable import SpanKitStore

@Suite("The receiver of spankit serve", .generousTimeLimit)
struct ReceiverTests {
    private static let json = """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
        "scopeSpans":[{"scope":{"name":"orders"},"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",
        "name":"POST /orders","kind":2,"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000",
        "attributes":[{"key":"http.route","value":{"stringValue":"/orders"}},
        {"key":"key","value":{"stringValue":"AKIAIOSFODNN7EXAMPLE"}}],"status":{"code":2,"message":"declined"}}]}]}]}
        """
    private static let id: [UInt8] = [
        0x5b, 0x8e, 0xff, 0xf7, 0x98, 0x03, 0x81, 0x03, 0xd2, 0x69, 0xb6, 0x33, 0x81, 0x3f, 0xc6, 0x0c,
    ]
    private static let jsonType = ["Content-Type: application/json"]
    private static let protobufType = ["Content-Type: application/x-protobuf"]

    private static func spans(_ data: [UInt8]?) -> [DecodedSpan] {
        var spans: [DecodedSpan] = []
        var decoder = TraceDecoder()
        decoder.decode(data ?? []) { spans.append($0) }
        decoder.finish { spans.append($0) }
        return spans
    }

    @Test("a span in JSON is in the store when the request is answered")
    func storesSpan() async throws {
        let server = try await RunningBackend()
        let body = Array(Self.json.utf8)
        let answer = try await server.exchange("POST", "/v1/traces", headers: Self.jsonType, body: body)
        #expect(answer.status == 200)
        #expect(answer.text == "{}")
        let spans = Self.spans(try await server.store.traceData(Self.id))
        let span = try #require(spans.first)
        #expect(spans.count == 1)
        #expect(span.resource.serviceName == "shop")
        #expect(span.scope.name == "orders")
        #expect(span.span.name == "POST /orders")
        let status = try await server.exchange("GET", "/api/status")
        #expect(status.text.contains(#""kept":{"traces":1,"spans":1,"logs":0,"points":0,"#))
        try await server.stop()
    }

    @Test("JSON, protobuf and gzip of both give the same span, which is counted once")
    func acceptsEncodings() async throws {
        let server = try await RunningBackend()
        let json = Array(Self.json.utf8)
        let type = try #require(MessageType.request(ofSignal: "traces"))
        let protobuf = try #require(Transcoder.convert(json, type, to: .protobuf)).bytes
        let gzip = ["Content-Encoding: gzip"]
        for (body, headers) in [
            (json, Self.jsonType), (protobuf, Self.protobufType), (Gzip.compress(json), Self.jsonType + gzip),
            (Gzip.compress(protobuf), Self.protobufType + gzip),
        ] {
            #expect(try await server.exchange("POST", "/v1/traces", headers: headers, body: body).status == 200)
        }
        #expect(server.store.counts.spans == 1)
        #expect(server.store.counts.repeatedSpans == 3)
        #expect(try await server.store.traceData(Self.id) == protobuf)
        try await server.stop()
    }

    @Test("spans without valid ids are left out, and the answer says how many")
    func answersPartialSuccess() async throws {
        let server = try await RunningBackend()
        let body = Self.json.replacing(
            "\"spans\":[",
            with: "\"spans\":[{\"name\":\"a\"},{\"traceId\":\"00\",\"name\":\"b\"},"
        )
        let answer = try await server.exchange("POST", "/v1/traces", headers: Self.jsonType, body: Array(body.utf8))
        #expect(answer.status == 200)
        #expect(answer.text.contains(#""rejectedSpans":"2""#))
        #expect(server.store.counts.spans == 1)
        try await server.stop()
    }

    @Test("what is not a request is refused with a reason in its encoding, and nothing of it is stored")
    func refusesDamage() async throws {
        let server = try await RunningBackend()
        let cases: [(String, [String], [UInt8], Int)] = [
            ("/v1/traces", Self.jsonType, Array("{".utf8), 400), ("/v1/traces", Self.jsonType, [0xFF], 400),
            ("/v1/traces", Self.protobufType, [0x0A, 0x7F, 0x01], 400),
            ("/v1/logs", Self.protobufType, Array("text".utf8), 400),
            ("/v1/metrics", Self.jsonType, Array("[]".utf8), 400),
            ("/v1/traces", Self.jsonType + ["Content-Encoding: gzip"], Array("{}".utf8), 400),
            ("/v1/traces", Self.jsonType + ["Content-Encoding: br"], Array("{}".utf8), 415),
            ("/v1/traces", ["Content-Type: text/plain"], Array("{}".utf8), 415),
            ("/v1/nothing", Self.jsonType, Array("{}".utf8), 404),
        ]
        for (path, headers, body, status) in cases {
            let answer = try await server.exchange("POST", path, headers: headers, body: body)
            #expect(answer.status == status, "\(path) \(headers)")
            #expect(!answer.body.isEmpty)
        }
        #expect(server.store.counts == StoreCounts())
        try await server.stop()
    }

    @Test("bodies above the limits are refused, also those that grow by decompression")
    func refusesLargeBodies() async throws {
        let server = try await RunningBackend()
        let own = "Host: 127.0.0.1:\(server.port)"
        // Refused before it is sent.
        let announced = try await server.raw(
            ["POST /v1/traces HTTP/1.1", own] + Self.jsonType + ["Content-Length: \(Receiver.sentLimit + 1)"]
        )
        #expect(announced.status == 413)
        let bomb = try await server.exchange(
            "POST",
            "/v1/traces",
            headers: Self.jsonType + ["Content-Encoding: gzip"],
            body: Gzip.bomb(inflatingTo: Receiver.plainLimit + 1)
        )
        #expect(bomb.status == 413)
        try await server.stop()
    }

    @Test("without memory, a request is told to come back before its body is read, and it succeeds then")
    func answersPressure() async throws {
        let server = try await RunningBackend()
        var ticket = server.backend.admission.admit(Admission.byteLimit)
        #expect(ticket != nil)
        let body = Array(Self.json.utf8)
        let refused = try await server.exchange("POST", "/v1/traces", headers: Self.jsonType, body: body)
        #expect(refused.status == 429)
        #expect(refused.head.lowercased().contains("retry-after: 1"))
        withExtendedLifetime(ticket) {}
        ticket = nil
        #expect(try await server.exchange("POST", "/v1/traces", headers: Self.jsonType, body: body).status == 200)
        let status = try await server.exchange("GET", "/api/status")
        #expect(status.text.contains(#""refused":{"requests":1}"#))
        try await server.stop()
    }

    @Test("if the store cannot be written, the request is to be repeated later, and it is counted")
    func answersFailures() async throws {
        let server = try await RunningBackend()
        server.store.close()
        let body = Array(Self.json.utf8)
        let refused = try await server.exchange("POST", "/v1/traces", headers: Self.jsonType, body: body)
        #expect(refused.status == 503)
        #expect(refused.head.lowercased().contains("retry-after: 5"))
        #expect(refused.text.contains("the store cannot be written"))
        #expect(server.backend.admission.refusedCount == 1)
        try await server.stop()
    }

    @Test("HEAD is answered as GET without a body")
    func answersHead() async throws {
        let server = try await RunningBackend()
        for path in ["/", "/api/status", "/assets/app.js"] {
            let answer = try await server.exchange("HEAD", path)
            #expect(answer.status == 200 && answer.body.isEmpty, "\(path)")
        }
        #expect(try await server.exchange("HEAD", "/nowhere").status == 404)
        try await server.stop()
    }

    @Test("with --redact, secrets of all three signals never reach the store")
    func redacts() async throws {
        let server = try await RunningBackend(redaction: Redaction([.detectors(.all)]))
        let log = """
            {"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"the key is AKIAIOSFODNN7EXAMPLE"}}]}]}]}
            """
        let metric = """
            {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"timeUnixNano":"1","asInt":"3",
            "attributes":[{"key":"k","value":{"stringValue":"AKIAIOSFODNN7EXAMPLE"}}]}]}}]}]}]}
            """
        for (signal, text) in [("traces", Self.json), ("logs", log), ("metrics", metric)] {
            let answer = try await server.exchange(
                "POST",
                "/v1/\(signal)",
                headers: Self.jsonType,
                body: Array(text.utf8)
            )
            #expect(answer.status == 200)
        }
        let counts = server.store.counts
        #expect(counts.spans == 1 && counts.logs == 1 && counts.points == 1)
        let path = server.store.path
        try await server.stop()
        let file = try Data(contentsOf: URL(filePath: path))
        #expect(file.firstRange(of: Data("/orders".utf8)) != nil)
        #expect(file.firstRange(of: Data("AKIAIOSFODNN7EXAMPLE".utf8)) == nil)
        #expect(file.firstRange(of: Data("akiaiosfodnn7example".utf8)) == nil)
    }
}
