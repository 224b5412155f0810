import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Concurrent reading", .generousTimeLimit)
struct TornWriteTests {
    @Test("a reader only sees complete files")
    func wholeFiles() throws {
        let directory = TemporaryFolder()
        let generation = Locked(0.0)
        let writer = TextfileWriterTests.writer(
            directory.path,
            configure: { $0.interval = .milliseconds(1) },
            collect: {
                let value = generation.withLock { value in
                    value += 1
                    return value
                }
                let metrics = (0..<3_000).map { Metric.Point(value, ["n": "\($0)"]) }
                return [Metric.family("a", .gauge, help: "h", metrics)]
            }
        )
        #expect(writer.writeNow())
        writer.start()
        var seen: Set<Double> = []
        while seen.count < 25 {
            let bytes = try #require(directory.content(of: "app.prom"))
            let families = try ExpositionText.parse(bytes)
            let metrics = try #require(families.first { $0.name == "a" }).points
            #expect(metrics.count == 3_000)
            let values = Set(
                metrics.map { metric -> Double in
                    guard case .double(let value) = metric.value else { return .nan }
                    return value
                }
            )
            #expect(values.count == 1)
            seen.formUnion(values)
            let others = TextfileWriterTests.visible(directory).filter { $0 != "app.prom" }
            #expect(others.allSatisfy { !$0.hasSuffix(".prom") })
        }
        #expect(writer.stop(within: .generous))
        #expect(TextfileWriterTests.visible(directory) == ["app.prom"])
    }
}
