import Foundation
import SpanKitOTLP
import SpanKitRecording
import SpanKitScenarios
import SpanKitShipping
import SpanKitTestSupport
import Testing

@Suite("The receiver of the scenarios")
struct SinkTests {
    /// A body of spans with hostile texts.
    private static func body(_ encoding: Encoding, spans: Int, compressed: Bool) throws -> [UInt8] {
        let recorder = try #require(Recorder.make(RecordingConfiguration()))
        var random = SplitMix64(seed: 5)
        for number in 0..<spans {
            let span = recorder.begin(
                named: #"{"spans":[{},{}]}"# + HostileText.make(&random, 0...20),
                kind: .client,
                parent: .none
            )
            span.set("spans", HostileText.make(&random, 0...30))
            span.set("number", number)
            if number % 3 == 0 { span.addEvent("\"spans\":[{") }
            span.end()
        }
        let encoder = TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope(name: "tests"))
        _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max)
        guard compressed else { return Array(encoder.bytes) }
        return try #require(GzipCompressor(level: 1).compress(encoder.bytes, hints: encoder.hints).map { Array($0) })
    }

    private static func post(_ body: [UInt8], to sink: Sink, _ type: String, _ options: [String] = []) async throws
        -> String
    {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/body"
        try Data(body).write(to: URL(filePath: path))
        let url = "http://127.0.0.1:\(sink.port)/v1/traces"
        let fixed = [
            "-s", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", "@\(path)", "-H", "Content-Type: \(type)",
        ]
        return try await Command.run(.curl, fixed + options + [url], within: .generous).output
    }

    @Test(
        "spans of JSON and protobuf are counted, plain and in gzip",
        arguments: [(Encoding.json, "application/json"), (Encoding.protobuf, "application/x-protobuf")],
        [false, true]
    )
    func counts(encoding: (Encoding, String), compressed: Bool) async throws {
        let sink = Sink()
        defer { sink.stop() }
        var expected = 0
        for spans in [0, 1, 7, 600] {
            let body = try Self.body(encoding.0, spans: spans, compressed: compressed)
            expected += spans
            #expect(try await Self.post(body, to: sink, encoding.1) == "200")
            #expect(sink.spanCount() == expected)
        }
        #expect(sink.unreadableBodyCount() == 0)
    }

    @Test("requests in chunks, and requests that wait for 100 Continue, are read")
    func framing() async throws {
        let sink = Sink()
        defer { sink.stop() }
        let body = try Self.body(.json, spans: 20, compressed: false)
        #expect(try await Self.post(body, to: sink, "application/json", ["-H", "Transfer-Encoding: chunked"]) == "200")
        #expect(try await Self.post(body, to: sink, "application/json", ["-H", "Expect: 100-continue"]) == "200")
        #expect(sink.spanCount() == 40)
    }

    @Test("damaged bodies are counted separately")
    func damaged() async throws {
        let sink = Sink()
        defer { sink.stop() }
        let bodies = try [
            Array(Self.body(.json, spans: 5, compressed: true).dropLast(9)),
            Array(Self.body(.json, spans: 5, compressed: false).dropLast()),
            Array(Self.body(.protobuf, spans: 5, compressed: false).dropLast()), [0x7A, 0xFF],
        ]
        for body in bodies { #expect(try await Self.post(body, to: sink, "application/json") == "200") }
        #expect(sink.spanCount() == 0 && sink.unreadableBodyCount() == bodies.count)
    }

    @Test("spans that were answered with 503 are not counted")
    func unavailable() async throws {
        let sink = Sink(unavailableMilliseconds: 3_600_000)
        defer { sink.stop() }
        let body = try Self.body(.json, spans: 5, compressed: false)
        #expect(try await Self.post(body, to: sink, "application/json") == "503")
        #expect(sink.spanCount() == 0)
    }

    @Test("scenarios have names")
    func names() throws {
        #expect(Set(Scenario.all.map(\.name)).count == Scenario.all.count)
        let long = try #require(Scenario.named("paced-20-60"))
        #expect(
            long.load == .paced(spansPerSecond: 50_000, seconds: 60)
                && long.receiver == .answering(afterMilliseconds: 20)
        )
        #expect(long.load.spanCount == 3_000_000)
        for name in ["", "paced", "paced-1", "paced--1-2", "paced-20-0", "burst-20-60"] {
            #expect(Scenario.named(name) == nil, "\(name)")
        }
    }
}
