import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite(
    "Files served by a real node_exporter",
    .needs(.nodeExporter)
)
struct ServedMetricsTests {
    /// What it serves of ours, as we write it.
    private func served(_ exporter: NodeExporter, file: String) throws -> Served {
        let served = Served(try exporter.metrics(), file: file)
        #expect(!served.hasScrapeError && served.hasModificationTime, "\(exporter.logText)")
        return served
    }

    @Test("every sample is served while the file is replaced")
    func engine() async throws {
        let directory = TemporaryFolder()
        let exporter = try await NodeExporter(directory: directory.path)
        let engine = PercentileEngine()
        var random = SplitMix64(seed: 1)
        for _ in 0..<120 {
            let operation = engine.operation(named: HostileText.make(&random, 0...30))
            for _ in 0..<50 { engine.record(operation, nanoseconds: random.next() >> (random.next() % 45 + 18)) }
            engine.record(operation, nanoseconds: 17, memoryDelta: -4_096)
            engine.recordError(operation)
        }
        let writer = TextfileWriterTests.writer(
            directory.path,
            configure: { $0.processName = "okr coach" },
            collect: EngineMetrics(of: engine).metrics
        )
        for _ in 0..<3 {
            #expect(writer.writeNow())
            let text = String(decoding: try #require(directory.content(of: "okr_coach.prom")), as: UTF8.self)
            let found = try served(exporter, file: "\(directory.path)/okr_coach.prom")
            #expect(found.text == text)
            #expect(found.samples.count > 4_000)
        }
    }

    @Test("any labels, descriptions and values are served", arguments: 0..<25)
    func hostile(seed: Int) async throws {
        let directory = TemporaryFolder()
        let exporter = try await NodeExporter(directory: directory.path)
        var random = SplitMix64(seed: UInt64(seed))
        let bytes = try ExpositionText.encode(ExpositionPropertyTests.families(&random))
        try directory.put("x.prom", bytes)
        #expect(try served(exporter, file: "\(directory.path)/x.prom").text == String(decoding: bytes, as: UTF8.self))
    }

    @Test("every sample of a program's instruments is served")
    func instruments() async throws {
        let directory = TemporaryFolder()
        let exporter = try await NodeExporter(directory: directory.path)
        let metrics = InstrumentText { Issue.record("\($0)") }.metrics(of: InstrumentTextTests.everything)
        let bytes = try ExpositionText.encode(metrics)
        try directory.put("x.prom", bytes)
        let found = try served(exporter, file: "\(directory.path)/x.prom")
        #expect(found.text == String(decoding: bytes, as: UTF8.self))
    }

    @Test("node_exporter drops what the reported conflicts say")
    func conflicts() async throws {
        let directory = TemporaryFolder()
        let exporter = try await NodeExporter(directory: directory.path)
        let texts = [
            (
                file: "x.prom",
                text: "# HELP a h\n# TYPE a gauge\na{f=\"x\"} 1\n# HELP b h\nb 1\n# HELP c h\nc{f=\"x\"} 1\n"
            ),
            (
                file: "y.prom",
                text: "# HELP a i\n# TYPE a gauge\na{f=\"y\"} 1\n# HELP b h\nb 2\n# HELP c h\nc{f=\"y\"} 1\n"
            ),
        ]
        for (file, text) in texts { try directory.put(file, Array(text.utf8)) }
        let conflicts = ExpositionText.conflicts(in: texts.map { (file: $0.file, text: Array($0.text.utf8)) })
        #expect(conflicts.map(\.subject) == [.help, .series])
        #expect(conflicts.map(\.files) == [["x.prom", "y.prom"], ["x.prom", "y.prom"]])
        let samples = Served(try exporter.metrics(), file: "\(directory.path)/x.prom").samples
        #expect(samples.sorted() == ["a{f=x} 1", "b{} 1", "c{f=x} 1", "c{f=y} 1"])
    }

    @Test("temporary files and lock files beside the file are not read")
    func otherFiles() async throws {
        let directory = TemporaryFolder()
        let exporter = try await NodeExporter(directory: directory.path)
        let writer = TextfileWriterTests.writer(directory.path)
        #expect(writer.writeNow())
        try directory.put(".app.prom.17.tmp", Array("half a li".utf8))
        let names = try exporter.metrics().split(separator: "\n").filter { $0.hasPrefix("node_textfile_mtime_seconds") }
        #expect(names.count == 1)
        #expect(try served(exporter, file: "\(directory.path)/app.prom").samples.contains("a{process=app} 1"))
    }
}
