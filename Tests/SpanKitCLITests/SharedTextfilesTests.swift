import Foundation
import SpanKitTestSupport
import Testing

@Suite("A textfile directory that other programs also use", .generousTimeLimit)
struct SharedTextfilesTests {
    private static let count = "spankit_span_duration_seconds_count{operation=\"conversation_processing_total\","

    @Test("Two processes of one name are both served with all samples", .needs(.nodeExporter))
    func twoOfOneName() async throws {
        try await withTextfiles { directory, textfiles in
            let processes = try ["first", "second"].map { name in
                let folder = directory.appending(path: name)
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
                return try SpanKitProcess(
                    ["profile", "--latency-scale", "0.02", "--quiet", "--prom", textfiles.path],
                    in: folder
                )
            }
            for process in processes { try process.start() }
            for process in processes { #expect(try await process.end().status == 0) }
            #expect(try Self.names(textfiles) == ["okr-coach-2.prom", "okr-coach.prom"])
            let exporter = try await NodeExporter(directory: textfiles.path)
            defer { exporter.stop() }
            let served = PromTests.samples(try exporter.metrics())
            #expect(served["\(Self.count)process=\"okr-coach\"}"] == 39)
            #expect(served["\(Self.count)process=\"okr-coach\",slot=\"2\"}"] == 39)
            #expect(served["node_textfile_scrape_error"] == 0)
            #expect(!exporter.logText.contains("level=error"), "\(exporter.logText)")
        }
    }

    @Test("Two programs with the same operation names do not conflict", .needs(.nodeExporter))
    func twoPrograms() async throws {
        try await withTextfiles { directory, textfiles in
            for name in ["api", "worker"] {
                let path = textfiles.appending(path: "\(name).prom").path
                let run = try await Self.profile(path, in: directory)
                #expect(run.status == 0 && run.complaints == [], "\(run.error)")
            }
            let check = try await SpanKitProcess.run(
                "prom",
                "check",
                "textfiles/api.prom",
                "textfiles/worker.prom",
                in: directory
            )
            #expect(check.status == 0, "\(check.output)")
            let exporter = try await NodeExporter(directory: textfiles.path)
            defer { exporter.stop() }
            let served = PromTests.samples(try exporter.metrics())
            for name in ["api", "worker"] { #expect(served["\(Self.count)process=\"\(name)\"}"] == 39) }
            #expect(!exporter.logText.contains("level=error"), "\(exporter.logText)")
        }
    }

    @Test(
        "`prom check` reports a foreign file with another HELP for one of our metrics, and node_exporter drops that family",
        .needs(.nodeExporter)
    )
    func foreignHelp() async throws {
        try await withTextfiles { directory, textfiles in
            let foreign =
                "# HELP spankit_span_calls_total Calls.\n# TYPE spankit_span_calls_total counter\n"
                + "spankit_span_calls_total{process=\"other\"} 7\n"
            try foreign.write(to: textfiles.appending(path: "aaa.prom"), atomically: true, encoding: .utf8)
            let run = try await Self.profile(textfiles.path, in: directory)
            #expect(run.status == 0)
            let exporter = try await NodeExporter(directory: textfiles.path)
            defer { exporter.stop() }
            let served = PromTests.samples(try exporter.metrics())
            // Only that family is dropped.
            let calls = served.keys.filter { $0.hasPrefix("spankit_span_calls_total") }
            #expect(calls.count == 1 && calls.first?.contains("process=\"other\"") == true, "\(calls)")
            #expect(served["\(Self.count)process=\"okr-coach\"}"] == 39)
            let check = try await SpanKitProcess.run(
                "prom",
                "check",
                "textfiles/aaa.prom",
                "textfiles/okr-coach.prom",
                in: directory
            )
            #expect(check.status == 1 && check.output.contains("has one HELP in textfiles/aaa.prom"), "\(check.output)")
        }
    }

    @Test("A directory that disappears is reported once, and the run continues")
    func vanishedDirectory() async throws {
        try await withTextfiles { directory, textfiles in
            // The run waits for its second answer while the directory goes.
            let server = try MessagesServer([.text], holding: 1)
            defer { server.stop() }
            let run = try SpanKitProcess(
                ["profile", "--model", "anthropic", "--scenario", "1", "--quiet", "--prom", textfiles.path],
                in: directory,
                environment: server.environment.merging(["OTEL_METRIC_EXPORT_INTERVAL": "50"]) { $1 }
            )
            try run.start()
            try await eventually("a textfile is written", try Self.names(textfiles)) { !$0.isEmpty }
            // A write may put a file into it while it is being removed.
            for _ in 0..<100 where FileManager.default.fileExists(atPath: textfiles.path) {
                try? FileManager.default.removeItem(at: textfiles)
            }
            server.release()
            let outcome = try await run.end()
            #expect(outcome.status == 0)
            #expect(try resultsFiles(in: directory).count == 1)
            let lines = outcome.complaints.filter { $0.contains("prometheus textfile") }
            #expect(lines.count == 1, "\(outcome.error)")
            #expect(lines.first?.contains("the directory \(textfiles.path) does not exist; create it") == true)
        }
    }

    // MARK: Parts

    private static func profile(_ prom: String, in directory: URL) async throws -> SpanKitProcess.Outcome {
        try await SpanKitProcess.run("profile", "--latency-scale", "0", "--quiet", "--prom", prom, in: directory)
    }

    private static func names(_ directory: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".prom") }.sorted()
    }

    private func withTextfiles(_ body: (_ directory: URL, _ textfiles: URL) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let textfiles = directory.appending(path: "textfiles")
            try FileManager.default.createDirectory(at: textfiles, withIntermediateDirectories: false)
            try await body(directory, textfiles)
        }
    }
}
