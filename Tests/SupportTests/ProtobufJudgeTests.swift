import Foundation
import SpanKitTestSupport
import Testing

@Suite("The protobuf judge accepts valid bodies and names errors", .needs(.codecs), .generousTimeLimit)
struct ProtobufJudgeTests {
    private static let ids = #""traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"a1a2a3a4a5a6a7a8""#
    private static let times = #""startTimeUnixNano":"1","endTimeUnixNano":"2""#

    private static func request(_ span: String) -> String {
        #"{"resourceSpans":[{"scopeSpans":[{"spans":[{\#(span)}]}]}]}"#
    }

    private func json(_ text: String) -> ProtobufJudge.Body { .json(Array(text.utf8)) }

    @Test("JSON, JSON lines and protobuf of one message are read as the same message")
    func encodings() async throws {
        let text = Self.request(
            Self.ids + "," + Self.times + #"""
                ,"name":"a\u2028b","kind":3,"attributes":[
                {"key":"s","value":{"stringValue":"é🎯"}},{"key":"b","value":{"boolValue":true}},
                {"key":"i","value":{"intValue":"-9223372036854775808"}},{"key":"d","value":{"doubleValue":-0.0}},
                {"key":"n","value":{"doubleValue":"NaN"}},{"key":"y","value":{"bytesValue":"AP8="}},
                {"key":"a","value":{"arrayValue":{"values":[{},{"intValue":"1"}]}}},
                {"key":"m","value":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":""}}]}}}]
                """#
        ).replacing("\n", with: "").replacing(#"\u2028"#, with: "\u{2028}")
        let first = try await ProtobufJudge.judge([json(text), .jsonLines(Array("\(text)\n\(text)\n".utf8))])
        #expect(first.complaints == [])
        #expect(first.messages.count == 3)
        #expect(Set(first.messages).count == 1)
        #expect(Set(first.spans).count == 1)
        let span = try #require(first.spans.first)
        #expect(span.name == "a\u{2028}b")
        #expect(span.traceID == "0102030405060708090a0b0c0d0e0f10")
        #expect(span["s"] == .string("é🎯"))
        #expect(span["b"] == .bool(true))
        #expect(span["i"] == .int(.min))
        #expect(span["d"] == .double(-0.0))
        #expect(span["d"] != .double(0.0))
        #expect(span["n"] == .double(.nan))
        #expect(span["y"] == .bytes("00ff"))
        #expect(span["a"] == .array([.empty, .int(1)]))
        #expect(span["m"] == .map([JudgedAttribute("k", .string(""))]))

        let message = try #require(first.messages.first)
        let digits = Array(message)
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...$0 + 1]), radix: 16)
        }
        let second = try await ProtobufJudge.judge([.protobuf(bytes)])
        #expect(second.complaints == [])
        #expect(second.messages == [message])
        #expect(second.spans == [span])
        let broken = try await ProtobufJudge.judge([.protobuf(bytes + [0x78, 1]), .protobuf(bytes.dropLast())])
        #expect(broken.complaints.count == 2)
    }

    @Test("errors that collectors accept are named")
    func complaints() async throws {
        let span = Self.ids + "," + Self.times
        let wrong = [
            span.replacing("0102", with: "01"),
            span.replacing("a1a2", with: "A1A2"),
            span.replacing("a1a2a3a4a5a6a7a8", with: "0000000000000000"),
            span.replacing("0102030405060708090a0b0c0d0e0f10", with: "AQIDBAUGBwgJCgsMDQ4PEA=="),
            Self.times,
            Self.ids + #","startTimeUnixNano":1,"endTimeUnixNano":"2""#,
            Self.ids + #","startTimeUnixNano":"3","endTimeUnixNano":"2""#,
            span + #","startTimeUnixNano":"1""#,
            span + #","start_time_unix_nano":"1""#,
            span + #","parentSpanId":null"#,
            span + #","parentSpanId":"a1a2a3a4a5a6a7a8""#,
            span + #","kind":"SPAN_KIND_CLIENT""#,
            span + #","kind":9"#,
            span + #","flags":"1""#,
            span + #","name":7"#,
            span + #","attributes":{}"#,
            span + #","attributes":[{"key":"a","value":{"doubleValue":NaN}}]"#,
            span + #","attributes":[{"key":"a","value":{"doubleValue":"1.5"}}]"#,
            span + #","attributes":[{"key":"a","value":{"intValue":1}}]"#,
            span + #","attributes":[{"key":"a","value":{"intValue":"9223372036854775808"}}]"#,
            span + #","attributes":[{"key":"a","value":{"intValue":"1","stringValue":"1"}}]"#,
            span + #","attributes":[{"key":"a"},{"key":"a"}]"#,
            span + #","name":"\ud800""#,
            span + #","links":[{"traceId":"","spanId":""}]"#,
        ]
        let verdict = try await ProtobufJudge.judge(wrong.map { json(Self.request($0)) } + [json(Self.request(span))])
        for (number, span) in wrong.enumerated() {
            #expect(verdict.complaints.contains { $0.hasPrefix("body-\(number).json: ") }, "\(span)")
        }
        #expect(!verdict.complaints.contains { $0.hasPrefix("body-\(wrong.count).") })
        let notText = Array(Self.request(span + #","name":""#).utf8) + [0xFF] + Array(#""}"#.utf8)
        let cut = try await ProtobufJudge.judge([.json(notText), .jsonLines(Array(Self.request(span).utf8))])
        #expect(cut.complaints.count == 2)
    }

    @Test("metrics are also judged")
    func metrics() async throws {
        let point = #"{"timeUnixNano":"2","count":"1","scale":3,"positive":{"offset":-1,"bucketCounts":["1"]}}"#
        let histogram = #"{"aggregationTemporality":2,"dataPoints":[\#(point)]}"#
        let text = #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"exponentialHistogram":\#(histogram)}]}]}]}"#
        let right = try await ProtobufJudge.judge([json(text)], as: .metrics)
        #expect(right.complaints == [])
        #expect(right.messages.count == 1)
        let wrong = json(text.replacing(#"["1"]"#, with: "[1]"))
        #expect(try await !ProtobufJudge.judge([wrong], as: .metrics).complaints.isEmpty)
    }

    @Test("ten thousand spans are read")
    func manySpans() async throws {
        let attributes = (0..<3).map { #"{"key":"k\#($0)","value":{"stringValue":"v"}}"# }.joined(separator: ",")
        let span = "{\(Self.ids),\(Self.times),\"attributes\":[\(attributes)]}"
        let spans = Array(repeating: span, count: 500).joined(separator: ",")
        let line = #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(spans)]}]}]}"# + "\n"
        let lines = Array(String(repeating: line, count: 20).utf8)
        let verdict = try await ProtobufJudge.judge([.jsonLines(lines)])
        #expect(verdict.complaints == [])
        #expect(verdict.spans.count == 10_000)
    }
}
