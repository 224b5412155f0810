import SpanKitInputs
import SpanKitPrometheusText
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

/// Checks the predicted outcomes with the real program.
@Suite(
    "The real node_exporter",
    .needs(.nodeExporter)
)
struct NodeExporterTests {
    @Test("The real node_exporter has the predicted outcome for every text", arguments: ExpositionCase.all)
    func outcomes(example: ExpositionCase) async throws {
        let directory = TemporaryFolder()
        let exporter = try await NodeExporter(directory: directory.path)
        try directory.put("x.prom", example.text)
        guard let answer = try? exporter.metrics() else {
            let version = RealNodeExporter.all.last { $0.program == Equipment.nodeExporter.path }?.version ?? ""
            #expect(
                NodeExporterVersion(version).flatMap { ExpositionText.outcome(of: example.text, for: $0) } == .panics
            )
            return
        }
        let served = Served(answer, file: "\(directory.path)/x.prom")
        let written = Served(lines: String(decoding: example.text, as: UTF8.self))
        // The cases are those of 1.5.0; another version may be installed.
        let installed = RealNodeExporter.all.last { $0.program == Equipment.nodeExporter.path }
        let version = try #require(installed.flatMap { NodeExporterVersion($0.version) })
        switch ExpositionText.outcome(of: example.text, for: version) {
        case nil:
            #expect(!served.hasScrapeError && served.hasModificationTime)
            #expect(served.text == written.text)
        case .serves:
            #expect(!served.hasScrapeError && served.hasModificationTime)
            #expect(Set(served.samples).isSuperset(of: written.samples))
        case .losesFile:
            #expect(served.hasScrapeError && !served.hasModificationTime && served.lines.isEmpty)
        case .dropsSample:
            #expect(served.hasModificationTime && !Set(served.lines).isSuperset(of: written.lines))
        case .misreads:
            #expect(served.hasModificationTime && Set(served.lines) != Set(written.lines))
        case .panics:
            Issue.record("it served \(answer)")
        }
    }
}
