import Foundation
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Spans are encoded in the scopes of their libraries")
struct ScopedSpansTests {
    private static let program = InstrumentationScope(name: "program", version: "3")
    private static let library = InstrumentationScope(
        name: "lib",
        version: "1.2",
        attributes: [Attribute("channel", "beta")],
        schemaURL: "https://example.com/schema"
    )
    private static let resource = Resource(attributes: [Attribute("service.name", "svc")])

    private let recorder: Recorder
    private let profiler: PerformanceProfiler

    init() throws {
        recorder = try #require(Recorder.make(RecordingConfiguration()))
        profiler = PerformanceProfiler(recorder: recorder, log: .silent)
    }

    private func encoder(_ encoding: Encoding) -> TraceEncoder {
        TraceEncoder(encoding, resource: Self.resource, scope: Self.program)
    }

    /// The scopes of the spans, in the order of the body.
    private func judged(_ encoder: TraceEncoder) async throws -> [JudgedSpan] {
        let body = Array(encoder.bytes)
        let verdict = try await ProtobufJudge.judge([encoder.encoding == .json ? .json(body) : .protobuf(body)])
        #expect(verdict.complaints.isEmpty, "\(verdict.complaints.prefix(5))")
        return verdict.spans
    }

    /// Records spans with fixed ids and times, so that their bytes are known.
    private func recordFixed() {
        let other = profiler.scoped(to: InstrumentationScope(name: "other"))
        let library = profiler.scoped(to: Self.library)
        for (number, profiler) in [library, self.profiler, other, library].enumerated() {
            let parent = SpanContext(
                traceID: TraceID(high: 1, low: 2),
                spanID: SpanID(rawValue: 3),
                traceFlags: .sampled
            )
            let span = profiler.startSpan(
                "span \(number)",
                parent: .context(parent),
                startUnixNanoseconds: 1_000_000_000 + Int64(number)
            )
            span.end(at: 2_000_000_000)
        }
    }

    /// Replaces the random span ids by their places.
    private func fixed(_ json: String) -> String {
        recorder.recordedSpans(consuming: false).enumerated().reduce(json) { text, span in
            text.replacingOccurrences(
                of: "\(span.element.context.spanID)",
                with: String(format: "%016x", span.offset + 1)
            )
        }
    }

    @Test("the program's scope comes first, then the libraries with all of their fields")
    func golden() throws {
        recordFixed()
        let json = encoder(.json)
        _ = json.encode(recorder, spanLimit: 10, byteLimit: .max)
        try Golden.expect(fixed(String(decoding: json.bytes, as: UTF8.self)), "scopes.json")
        let protobuf = encoder(.protobuf)
        _ = protobuf.encode(recorder, spanLimit: 10, byteLimit: .max)
        let hex = Array(protobuf.bytes).map { String(format: "%02x", $0) }.joined()
        try Golden.expect(fixed(hex), "scopes.pb.hex")
    }

    @Test("the official definitions read each span in its scope", .needs(.codecs), arguments: Encoding.allCases)
    func officialDefinitions(encoding: Encoding) async throws {
        let libraries = (0..<3).map { number in
            profiler.scoped(
                to: InstrumentationScope(
                    name: "lib-\(number)",
                    version: "\(number)",
                    attributes: [Attribute("number", .int(Int64(number)))],
                    schemaURL: "https://example.com/\(number)"
                )
            )
        }
        var random = SplitMix64(seed: 7)
        for number in 0..<1_000 {
            let scope = Int.random(in: 0...3, using: &random)
            (scope == 3 ? profiler : libraries[scope]).startSpan("\(number) in \(scope)", attributes: ["key": "value"])
                .end()
        }
        let encoder = encoder(encoding)
        // The second body uses what the encoder has kept from the first.
        for _ in 0..<2 {
            _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max)
            let spans = try await judged(encoder)
            #expect(spans.count == 1_000)
            for span in spans {
                if span.name.hasSuffix(" in 3") {
                    #expect(span.scope == "program" && span.scopeVersion == "3" && span.scopeAttributes.isEmpty)
                } else {
                    let number = span.name.suffix(1)
                    #expect(span.scope == "lib-\(number)" && span.scopeVersion == number)
                    #expect(span.scopeSchemaURL == "https://example.com/\(number)")
                    #expect(span.scopeAttributes.map(\.key) == ["number"])
                }
            }
        }
        let scopes = String(decoding: encoder.bytes, as: UTF8.self).components(separatedBy: "lib-1").count - 1
        #expect(scopes == 1, "each scope is written once")
    }

    @Test("a body without spans of the program has no scope of the program", arguments: Encoding.allCases)
    func onlyLibrary(encoding: Encoding) throws {
        let encoder = encoder(encoding)
        let library = profiler.scoped(to: Self.library)
        for _ in 0..<3 {
            library.profile("work") {}
            recorder.consume(encoder.encode(recorder, spanLimit: 10, byteLimit: .max))
            #expect(encoder.spanCount == 1)
            #expect(!String(decoding: encoder.bytes, as: UTF8.self).contains("program"))
        }
        profiler.profile("work") {}
        recorder.consume(encoder.encode(recorder, spanLimit: 10, byteLimit: .max))
        let body = String(decoding: encoder.bytes, as: UTF8.self)
        #expect(body.contains("program") && !body.contains("beta"), "the next body has nothing of the one before")
    }

    @Test("limits of bytes and spans hold over all scopes", .needs(.codecs), arguments: Encoding.allCases)
    func limits(encoding: Encoding) async throws {
        let library = profiler.scoped(to: Self.library)
        let other = profiler.scoped(to: InstrumentationScope(name: "other"))
        for number in 0..<300 {
            let span = [library, profiler, other][number % 3].start("\(number)" as String)
            span.set("text", String(repeating: "x", count: 90))
            span.end()
        }
        let encoder = encoder(encoding)
        var names: [String] = []
        while true {
            let stretches = encoder.encode(recorder, spanLimit: 50, byteLimit: 3_000)
            guard encoder.spanCount > 0 else { break }
            #expect(encoder.byteCount < 3_400)
            let spans = try await judged(encoder)
            #expect(spans.count == encoder.spanCount)
            names += spans.map(\.name)
            recorder.consume(stretches)
        }
        #expect(names.count == 300 && Set(names).count == 300)
    }

    @Test("redaction covers the scopes", arguments: Encoding.allCases)
    func redaction(encoding: Encoding) {
        let secret = InstrumentationScope(
            name: "lib of jo@example.com",
            attributes: [Attribute("owner", "jo@example.com"), Attribute("kept", "canary-2")]
        )
        profiler.scoped(to: secret).profile("work") {}
        let encoder = RedactingEncoder(encoder(encoding), .standard)
        _ = encoder.encode(recorder, spanLimit: 10, byteLimit: .max)
        let body = String(decoding: encoder.bytes, as: UTF8.self)
        #expect(body.contains("lib of ") && body.contains("canary-2"))
        #expect(!body.contains("jo@example.com"))
    }

    @Test("a scope that is not known is that of the program")
    func unknownScope() {
        profiler.scoped(to: Self.library).profile("work") {}
        let forgetful = Forgetful(recorder)
        let encoder = encoder(.json)
        _ = encoder.encode(forgetful, spanLimit: 10, byteLimit: .max)
        #expect(String(decoding: encoder.bytes, as: UTF8.self).contains(#""name":"program""#))
    }

    /// A source that has lost its scopes.
    private final class Forgetful: SpanSource {
        let recorder: Recorder
        init(_ recorder: Recorder) { self.recorder = recorder }
        func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] { recorder.read(body) }
        func consume(_ stretches: [LogStretch]) { recorder.consume(stretches) }
        func text(of number: UInt32) -> UnsafeRawBufferPointer { recorder.text(of: number) }
        func scope(of number: UInt32) -> InstrumentationScope? { nil }
    }
}
