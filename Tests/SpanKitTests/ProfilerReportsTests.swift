import Foundation
import InMemoryLogging
import Logging
import SpanKit
import SpanKitServer
import Testing

@Suite("Reports of a profiler")
struct ProfilerReportsTests {
    private func profiler() -> PerformanceProfiler {
        let profiler = PerformanceProfiler(.on, log: .silent)
        for _ in 0..<3 { profiler.profile("load") { profiler.profile("query") {} } }
        return profiler
    }

    @Test("the summary names every operation and keeps its width", arguments: [60, 80, 100])
    func summary(width: Int) {
        let text = profiler().summary(width: width)
        #expect(text.contains("load") && text.contains("query"))
        for line in text.split(separator: "\n") { #expect(line.count <= width, "\(line)") }
    }

    @Test("an empty summary says so")
    func emptySummary() {
        #expect(PerformanceProfiler(.on, log: .silent).summary() == "No operation was recorded.\n")
    }

    @Test("the summary of a disabled profiler says why, and what to set")
    func summaryWhileOff() {
        let release = ProfilingMode.reasonForOff(variable: nil, isDebugBuild: false, .silent)
        #expect(
            PerformanceProfiler(recorder: nil, reasonForOff: release, log: .silent).summary()
                == """
                No operation was recorded, because profiling is off: this is a release build and ENABLE_PROFILING is
                not set. Set ENABLE_PROFILING=true to turn it on.

                """
        )
        #expect(PerformanceProfiler(.off).summary().contains("ProfilingMode.off"))
        var configuration = TelemetryConfiguration()
        configuration.isDisabled = true
        #expect(Telemetry.start(configuration, log: .silent).profiler.summary().contains("OTEL_SDK_DISABLED=true"))
    }

    @Test("the JSON export is valid, and its distributions merge without loss")
    func json() throws {
        let text = try profiler().exportJSON()
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let operations = try #require(object["operations"] as? [[String: Any]])
        #expect(Set(operations.compactMap { $0["name"] as? String }) == ["load", "query"])
        for operation in operations {
            #expect(operation["count"] as? Int == 3)
            let encoded = try #require(operation["histogram"] as? String)
            let bytes = try #require(Data(base64Encoded: encoded))
            #expect(try ExponentialHistogram(serialized: Array(bytes)).count == 3)
        }
    }

    @Test("lines reach swift-log with their level")
    func swiftLog() {
        let handler = InMemoryLogHandler()
        let logger = Logger(label: "test") { _ in handler }
        let profiler = PerformanceProfiler(.on, warnThreshold: .zero, log: .logger(logger))
        profiler.profile("slow") { for _ in 0..<1_000 { _ = UUID() } }
        profiler.logTopOperations(5)
        profiler.logStats()
        let lines = handler.entries.map { "\($0.level) \($0.message)" }
        #expect(lines.count == 3)
        #expect(lines.first?.hasPrefix("warning slow took ") == true, "\(lines)")
        #expect(lines.first?.hasSuffix("more than its threshold of 0 ns") == true, "\(lines)")
        #expect(lines.last?.hasPrefix("info slow: 1 call, total ") == true, "\(lines)")
    }
}
