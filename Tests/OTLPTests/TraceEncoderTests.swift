import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Spans are encoded as OTLP")
struct TraceEncoderTests {
    private static let scope = InstrumentationScope(
        name: "lib",
        version: "1.2",
        attributes: [Attribute("sa", true)],
        schemaURL: "u"
    )
    private static let resource = Resource(
        attributes: [Attribute("service.name", "svc")],
        schemaURL: "https://opentelemetry.io/schemas/1.44.0"
    )

    private func encode(_ spans: [RecordedSpan], _ encoding: Encoding) -> [UInt8] {
        let records = DetachedRecords()
        for span in spans { records.append(span) }
        let encoder = TraceEncoder(encoding, resource: Self.resource, scope: Self.scope)
        _ = encoder.encode(records, spanLimit: .max, byteLimit: .max)
        #expect(encoder.spanCount == spans.count)
        return Array(encoder.bytes)
    }

    @Test("every field has the expected bytes in JSON")
    func goldenJSON() throws {
        try Golden.expect(String(decoding: encode([.everything, .smallest], .json), as: UTF8.self), "spans.json")
    }

    @Test("every field has the expected bytes in protobuf")
    func goldenProtobuf() throws {
        let hex = encode([.everything, .smallest], .protobuf).map { String(format: "%02x", $0) }.joined()
        try Golden.expect(hex, "spans.pb.hex")
    }

    @Test("protobuf equals what protoc encodes for the same span")
    func vectors() throws {
        let resource = Resource(attributes: [Attribute("service.name", "svc")])
        let records = DetachedRecords()
        records.append(.smallest)
        let encoder = TraceEncoder(.protobuf, resource: resource, scope: InstrumentationScope(name: "lib"))
        _ = encoder.encode(records, spanLimit: 1, byteLimit: .max)
        let hex = Array(encoder.bytes).map { String(format: "%02x", $0) }.joined()
        let expected = try Golden.text("trace_minimal.pb.hex").trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(hex == expected)
    }

    @Test("JSON equals the vector in every field")
    func jsonVector() throws {
        let ours = try Self.normalized(String(decoding: encode([.everything], .json), as: UTF8.self))
        // Times are Int64 here, and neither resources nor scopes have limits that could drop something.
        let vector = try Golden.text("trace_full.json")
            .replacingOccurrences(of: "18446744073709551615", with: "9223372036854775807")
            .replacingOccurrences(of: "}],\"droppedAttributesCount\":1},\"scopeSpans\"", with: "}]},\"scopeSpans\"")
            .replacingOccurrences(of: "}],\"droppedAttributesCount\":2},\"spans\"", with: "}]},\"spans\"")
        #expect(try ours == Self.normalized(vector))
    }

    @Test("a body ends before the span that would exceed its limit, and the next body has the rest")
    func byteLimit() {
        let records = DetachedRecords()
        for _ in 0..<100 { records.append(.everything) }
        let encoder = TraceEncoder(.json, resource: Self.resource, scope: Self.scope)
        var counts: [Int] = []
        while true {
            let stretches = encoder.encode(records, spanLimit: 40, byteLimit: 20_000)
            let count = encoder.spanCount
            guard count > 0 else { break }
            #expect(encoder.bytes.count < 20_200)
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(encoder.bytes)) }
            records.consume(stretches)
            counts.append(count)
        }
        #expect(counts.reduce(0, +) == 100)
        #expect(counts.allSatisfy { $0 < 40 })
    }

    @Test("a span larger than the limit is encoded alone")
    func largeSpan() {
        let records = DetachedRecords()
        for _ in 0..<3 { records.append(.everything) }
        let encoder = TraceEncoder(.protobuf, resource: Self.resource, scope: Self.scope)
        _ = encoder.encode(records, spanLimit: 10, byteLimit: 10)
        #expect(encoder.spanCount == 1)
    }

    @Test("live spans are encoded like copied spans", arguments: Encoding.allCases)
    func liveSpans(encoding: Encoding) throws {
        let recorder = try #require(Recorder.make(RecordingConfiguration()))
        let parent = recorder.begin(named: "parent", kind: .server)
        parent.set("count", 42)
        parent.set("who", "Zoë \"the\" \u{1} tester \u{1F600}")
        SpanHandle.$current.withValue(parent) {
            let child = recorder.begin("child")
            child.addEvent("happened", attributes: ["why": ["a", 1, [true, 2.5]]])
            child.setStatus(.error("no \n luck"))
            child.end()
        }
        parent.end()
        let spans = recorder.recordedSpans(consuming: false)
        let encoder = TraceEncoder(encoding, resource: Self.resource, scope: Self.scope)
        _ = encoder.encode(recorder, spanLimit: 10, byteLimit: .max)
        #expect(encoder.spanCount == 2)
        #expect(Array(encoder.bytes) == encode(spans, encoding), "the same as from the copied values")
    }

    /// OTLP/JSON with defaults left out and keys in order, so that two encoders can be compared.
    private static func normalized(_ json: String) throws -> String {
        func clean(_ value: Any) -> Any? {
            switch value {
            case let object as [String: Any]: return object.compactMapValues { clean($0) }
            case let array as [Any]: return array.isEmpty ? nil : array.map { clean($0) ?? NSNull() }
            default: return value
            }
        }
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
        let data = try JSONSerialization.data(
            withJSONObject: clean(object) ?? [:],
            options: [.sortedKeys, .prettyPrinted]
        )
        return String(decoding: data, as: UTF8.self)
    }
}
