import Foundation
import SpanKitInputs
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@testable import SpanKitOTLP

@Suite("Bodies are split or trimmed for receivers with lower limits")
struct BodySplitterTests {
    private static let long = String(repeating: "é\"", count: 1_000)
    private static let otherLong = String(repeating: "x", count: 2_000)

    private func body(_ span: RecordedSpan, _ encoding: Encoding) -> [UInt8] {
        let encoder = TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope())
        let records = DetachedRecords()
        records.append(span)
        _ = encoder.encode(records, spanLimit: 10, byteLimit: .max)
        return Array(encoder.bytes)
    }

    /// The texts of the span's own attributes, of each key all that are there.
    private func texts(_ body: [UInt8], _ encoding: Encoding) throws -> [String: [String?]] {
        var texts: [String: [String?]] = [:]
        switch encoding {
        case .json:
            let request = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            let resource = (request?["resourceSpans"] as? [[String: Any]])?.first
            let scope = (resource?["scopeSpans"] as? [[String: Any]])?.first
            let span = (scope?["spans"] as? [[String: Any]])?.first
            for attribute in span?["attributes"] as? [[String: Any]] ?? [] {
                let value = attribute["value"] as? [String: Any]
                texts[attribute["key"] as? String ?? "", default: []].append(value?["stringValue"] as? String)
            }
        case .protobuf:
            func field(_ number: Int, in message: ArraySlice<UInt8>) throws -> [ArraySlice<UInt8>] {
                try #require(ProtobufField.all(in: message)).filter { $0.number == number }.map(\.content)
            }
            let scope = try field(2, in: field(1, in: body[...])[0])[0]
            for attribute in try field(9, in: field(2, in: scope)[0]) {
                let key = String(decoding: try field(1, in: attribute)[0], as: UTF8.self)
                let text = try field(1, in: field(2, in: attribute)[0]).first.map {
                    String(decoding: $0, as: UTF8.self)
                }
                texts[key, default: []].append(text)
            }
        }
        return texts
    }

    private func mark(_ body: [UInt8], _ encoding: Encoding) throws -> [String?] {
        try texts(body, encoding)["spankit.truncated"] ?? []
    }

    /// A span with a text that is too long in every place where one can be.
    private static var full: RecordedSpan {
        var span = RecordedSpan.everything
        span.name = otherLong
        span.status = .error(long)
        span.attributes = [
            Attribute("short", "stays"), Attribute("text \"1\"", .string(long)),
            Attribute("list", .array([1, .string(otherLong)])),
            Attribute("map", .map([Attribute("inner", .string(otherLong))])),
            Attribute("bytes", .bytes([UInt8](repeating: 7, count: 3_001))),
        ]
        span.events = [
            .init(name: "event", unixNanoseconds: 2, attributes: [Attribute("exception.message", .string(long))])
        ]
        return span
    }

    @Test("one attribute names all cut texts with their lengths, the same in both encodings")
    func names() throws {
        let bodies = try Encoding.allCases.map { encoding in
            try #require(BodySplitter.trimmed(body(Self.full, encoding), encoding))
        }
        for (encoding, trimmed) in zip(Encoding.allCases, bodies) {
            #expect(trimmed.count < 9 * 1_100)
            let mark = try #require(try mark(trimmed, encoding).first ?? nil)
            #expect(
                Set(mark.split(separator: ", ")) == [
                    "name: 2000 bytes", "text \"1\": 3000 bytes", "list: 2000 bytes", "inner: 2000 bytes",
                    "bytes: 3001 bytes", "exception.message: 3000 bytes", "message: 3000 bytes",
                ]
            )
            let texts = try texts(trimmed, encoding)
            #expect(texts["short"] == ["stays"])
            let kept = try #require(texts["text \"1\""]?.first ?? nil)
            #expect(kept.hasSuffix("…") && Self.long.hasPrefix(kept.dropLast()))
            #expect(BodySplitter.trimmed(trimmed, encoding)?.count == nil, "nothing is left to cut")
        }
    }

    @Test("the official definitions read a trimmed body", .needs(.codecs))
    func definitions() async throws {
        let trimmed = try Encoding.allCases.map { try #require(BodySplitter.trimmed(body(Self.full, $0), $0)) }
        let verdict = try await ProtobufJudge.judge([.json(trimmed[0]), .protobuf(trimmed[1])])
        #expect(verdict.complaints == [])
        #expect(verdict.spans.count == 2)
    }

    @Test("a span cut at recording and again when sent has one attribute that names both", arguments: Encoding.allCases)
    func cutTwice(encoding: Encoding) throws {
        let recorder = try #require(Recorder.make(RecordingConfiguration()))
        let span = recorder.begin("chat")
        span.set("prompt", String(repeating: "p", count: 100_000))
        span.set("answer", String(repeating: "a", count: 90_000))
        span.set("note", Self.otherLong)
        span.end()
        let encoder = TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope())
        _ = encoder.encode(recorder, spanLimit: 10, byteLimit: .max)
        let recorded = Array(encoder.bytes)
        let before = "prompt: 100000 bytes, answer: 90000 bytes"
        #expect(try mark(recorded, encoding) == [before])
        let trimmed = try #require(BodySplitter.trimmed(recorded, encoding))
        #expect(try mark(trimmed, encoding) == [before + ", note: 2000 bytes"], "the lengths before the first cut")
        #expect(BodySplitter.trimmed(trimmed, encoding)?.count == nil)
    }

    @Test("the attribute is added to the span even if only an event has attributes", arguments: Encoding.allCases)
    func eventsOnly(encoding: Encoding) throws {
        var span = RecordedSpan.smallest
        span.events = [
            .init(name: "e", unixNanoseconds: 2, attributes: [Attribute("exception.stacktrace", .string(Self.long))])
        ]
        let trimmed = try #require(BodySplitter.trimmed(body(span, encoding), encoding))
        #expect(try texts(trimmed, encoding) == ["spankit.truncated": ["exception.stacktrace: 3000 bytes"]])
    }

    @Test("for very many texts, the first are named and the others are counted", arguments: Encoding.allCases)
    func veryMany(encoding: Encoding) throws {
        var span = RecordedSpan.smallest
        span.attributes = (0..<100).map { Attribute("number \($0)", .string(Self.otherLong)) }
        let trimmed = try #require(BodySplitter.trimmed(body(span, encoding), encoding))
        let mark = try #require(try mark(trimmed, encoding).first ?? nil)
        #expect(mark.hasPrefix("number 0: 2000 bytes, number 1: 2000 bytes, ") && mark.hasSuffix(" bytes, …"))
        #expect(mark.utf8.count < 600)
        #expect(BodySplitter.trimmed(trimmed, encoding)?.count == nil, "the names are not cut")
    }

    @Test("other bodies, and those with several spans, are not trimmed", arguments: Encoding.allCases)
    func others(encoding: Encoding) {
        #expect(BodySplitter.trimmed([], encoding) == nil)
        #expect(BodySplitter.trimmed(Array("{}".utf8), encoding) == nil)
        #expect(BodySplitter.trimmed(body(.everything, encoding), encoding) == nil)
        let encoder = TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope())
        let records = DetachedRecords()
        for _ in 0..<2 { records.append(Self.full) }
        _ = encoder.encode(records, spanLimit: 10, byteLimit: .max)
        #expect(BodySplitter.trimmed(Array(encoder.bytes), encoding) == nil)
        #expect(BodySplitter.halves(of: Array(encoder.bytes), encoding).map(\.spanCount) == [1, 1])
    }

    @Test("a body with several resources is halved by its resources, then by its spans", arguments: Encoding.allCases)
    func severalResources(encoding: Encoding) throws {
        func body(_ service: String, _ count: Int) -> [UInt8] {
            // The text looks like the start of a list of spans.
            let resource = Resource(attributes: [Attribute("\"spans\":[", .string(service))])
            let encoder = TraceEncoder(encoding, resource: resource, scope: InstrumentationScope(name: "s"))
            let records = DetachedRecords()
            for _ in 0..<count { records.append(.smallest) }
            _ = encoder.encode(records, spanLimit: 10, byteLimit: .max)
            return Array(encoder.bytes)
        }
        let parts = [body("a", 1), body("b", 2), body("c", 3)]
        let whole = try #require(BodySplitter.joined(parts, encoding))
        let halves = BodySplitter.halves(of: whole, encoding)
        #expect(halves.map(\.spanCount) == [1, 5])
        #expect(halves.map(\.bytes) == [parts[0], try #require(BodySplitter.joined(Array(parts[1...]), encoding))])
        #expect(BodySplitter.halves(of: halves[1].bytes, encoding).map(\.bytes) == [parts[1], parts[2]])
        #expect(BodySplitter.halves(of: parts[1], encoding).map(\.spanCount) == [1, 1])
        #expect(BodySplitter.trimmed(whole, encoding) == nil)
    }
}
