import Foundation
import SpanKitTestSupport
import Testing

@Suite("Real receivers start, receive spans, report them and stop", .generousTimeLimit)
struct ReceiverTests {
    private let traceID = "0102030405060708090a0b0c0d0e0f10"

    private func body(names: [String]) throws -> [UInt8] {
        let spans = names.enumerated().map { number, name in
            [
                "traceId": traceID, "spanId": "a1a2a3a4a5a6a7a\(number)", "name": name, "kind": 3,
                "startTimeUnixNano": "1700000000000000001", "endTimeUnixNano": "1700000000000000009",
                "status": ["code": 2, "message": "boom\n    Name           : no"],
            ].merging(number == 0 ? [:] : ["parentSpanId": "a1a2a3a4a5a6a7a0"]) { $1 }
        }
        let request = ["resourceSpans": [["scopeSpans": [["spans": spans]]]]]
        return Array(try JSONSerialization.data(withJSONObject: request))
    }

    private func post(_ body: [UInt8], to port: UInt16) throws -> Int {
        let headers = ["Content-Type: application/json", "Content-Encoding: gzip", "X-Mark: 1"]
        return try HTTPExchange("POST", port: port, path: "/v1/traces", headers: headers, body: Gzip.compress(body))
            .status
    }

    private func expected(_ names: [String]) -> [ReceivedSpan] {
        names.enumerated().map { number, name in
            ReceivedSpan(
                traceID: traceID,
                spanID: "a1a2a3a4a5a6a7a\(number)",
                parentSpanID: number == 0 ? "" : "a1a2a3a4a5a6a7a0",
                name: name,
                kind: 3,
                startNanoseconds: 1_700_000_000_000_000_001,
                endNanoseconds: 1_700_000_000_000_000_009,
                status: 2
            )
        }
    }

    @Test("rotel prints received spans and refuses anything that is not OTLP", .needs(.rotel))
    func rotel() async throws {
        let rotel = try await Receiver.rotel()
        defer { rotel.stop() }
        let names = ["GET /", "two\nlines", "   ", ""]
        #expect(try post(body(names: names), to: rotel.port) == 200)
        #expect(try await rotel.spans(atLeast: 4) == expected(names))
        #expect(try post(Array(#"{"resourceSpans":[{"scopeSpans":7}]}"#.utf8), to: rotel.port) == 400)
        try await eventually("rotel says what it refused", rotel.output) { $0.contains("Failed to decode") }
        rotel.stop()
        #expect(throws: SystemError.self) { try post([], to: rotel.port) }
    }

    @Test("the test agent returns requests and can forget them", .needs(.ddapm))
    func ddapm() async throws {
        let agent = try await Receiver.ddapm()
        defer { agent.stop() }
        let names = ["GET /", "two\nlines"]
        let body = try body(names: names)
        #expect(try post(body, to: agent.port) == 200)
        #expect(try await agent.spans(atLeast: 2) == expected(names))
        let requests = try agent.requests()
        #expect(requests.map(\.body) == [body])
        #expect(requests.first?["x-mark"] == "1")
        try agent.clear()
        #expect(try agent.requests().isEmpty)
        agent.stop()
        #expect(throws: SystemError.self) { try agent.requests() }
    }
}
