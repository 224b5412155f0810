import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitTestSupport

@testable import SpanKitStore

/// A span as OTLP JSON, for tests that state only what matters to them.
struct TestSpan {
    var trace: Int
    var span: Int
    var parent = 0
    var name = "GET /"
    var start = 1_700_000_000_000_000_000
    var duration = 1_000_000
    var status = 0
    var word = "plain"

    var json: String {
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: count - text.count) + text
        }
        let parent = parent == 0 ? "" : "\"parentSpanId\":\"\(digits(parent, 16))\","
        return """
            {"traceId":"\(digits(trace, 32))","spanId":"\(digits(span, 16))",\(parent)"name":"\(name)","kind":2,\
            "startTimeUnixNano":"\(start)","endTimeUnixNano":"\(start + duration)",\
            "attributes":[{"key":"word","value":{"stringValue":"\(word)"}}],"status":{"code":\(status)}}
            """
    }

    static func traceID(_ trace: Int) -> [UInt8] {
        (0..<16).reversed().map { $0 < 8 ? UInt8(truncatingIfNeeded: trace >> ($0 * 8)) : 0 }
    }
}

enum TestRequest {
    static func traces(_ spans: [TestSpan], service: String = "shop") throws -> OTLPRequest {
        try json(
            .traces,
            """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\(service)"}}]},\
            "scopeSpans":[{"scope":{"name":"test"},"spans":[\(spans.map(\.json).joined(separator: ","))]}]}]}
            """
        )
    }

    static func logs(_ messages: [String], trace: Int? = nil) throws -> OTLPRequest {
        let id = trace.map { "\"traceId\":\"\(TestSpan.traceID($0).hexadecimalDigits)\"," } ?? ""
        let records = messages.map { "{\(id)\"timeUnixNano\":\"5\",\"body\":{\"stringValue\":\"\($0)\"}}" }
        return try json(
            .logs,
            "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[\(records.joined(separator: ","))]}]}]}"
        )
    }

    static func json(_ signal: Signal, _ text: String) throws -> OTLPRequest {
        guard let type = MessageType.request(ofSignal: signal.rawValue),
            let body = Transcoder.convert(Array(text.utf8), type, to: .protobuf)
        else { throw OTLPRequest.Damage(description: "the test's JSON is not OTLP: \(text)") }
        return try OTLPRequest(signal, body.bytes)
    }
}
