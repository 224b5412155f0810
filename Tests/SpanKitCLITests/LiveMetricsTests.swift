import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitCLI

@Suite("Metrics in spankit live", .generousTimeLimit)
struct LiveMetricsTests {
    @Test("a running process shows what its instruments have counted, also if it records no spans")
    func running() async throws {
        try await SpoolProducer.run("meters", threads: 2, environment: ["OTEL_TRACES_EXPORTER": "none"]) { producer in
            let directory = producer.directory
            try await eventually("all series count", try await rows(directory)) { rows in
                rows.count == 10 && rows.allSatisfy { ($0.value ?? $0.count ?? 0) > 300 }
            }
            let first = try await rows(directory)
            #expect(Set(first.map(\.name)).count == 5 && first.allSatisfy { $0.service == "producer" })
            let counter = try #require(first.first { $0.name == "counter" })
            #expect(counter.unit == "{round}" && counter.kind == "counter")
            try await eventually("the counter goes on", try await rows(directory)) { rows in
                rows.contains {
                    $0.name == "counter" && $0.attributes == counter.attributes && $0.value != counter.value
                }
            }
            let text = try await SpanKitProcess.run("live", "--spool", "spool", "--once", in: directory)
            #expect(text.status == 0, "\(text.error)")
            #expect(text.output.hasPrefix("producer (process \(producer.process.processIdentifier))"))
            for part in ["Counters and gauges", "counter {round}", "place=1", "Histograms", "exponential", "p99"] {
                #expect(text.output.contains(part), "\(part) is in \(text.output)")
            }
        }
    }

    private struct Frame: Decodable {
        var processes: [Told]

        struct Told: Decodable {
            var metrics: [Row]
        }
    }

    private struct Row: Decodable, Equatable {
        var name: String
        var service: String
        var kind: String
        var unit: String?
        var attributes: [String: Int]
        var value: Double?
        var count: Double?
    }

    /// The rows of the metrics of the one process; empty before it counts.
    private func rows(_ directory: URL) async throws -> [Row] {
        let run = try await SpanKitProcess.run("live", "--spool", "spool", "--once", "--format", "json", in: directory)
        guard run.status == 0 else { return [] }
        return try JSONDecoder().decode(Frame.self, from: Data(run.output.utf8)).processes.first?.metrics ?? []
    }
}
