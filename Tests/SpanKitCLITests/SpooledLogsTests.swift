import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitCLI

@Suite("Log records of processes with a spool", .generousTimeLimit)
struct SpooledLogsTests {
    /// A process that records spans and log records without a receiver, every hundredth record a warning.
    private func withProducer(_ body: (SpoolProducer) async throws -> Void) async throws {
        try await SpoolProducer.run("signals", threads: 1) { producer in
            try await eventually("the producer has recorded", ended(producer)) { $0 > 1_000 }
            try await body(producer)
        }
    }

    /// The number of rounds, each of which records a span and a log record.
    private func ended(_ producer: SpoolProducer) -> Int { Int(producer.rounds.first ?? 0) }

    private struct Frame: Decodable {
        var processes: [Told]

        struct Told: Decodable {
            var log_records: Logs
            var destinations: [Destination]?
        }
        struct Destination: Decodable {
            var name: String
        }
        struct Logs: Decodable {
            var window_seconds: Double
            var count: Int
            var warning_count: Int
            var error_count: Int
            var latest_warnings: [Warning]
        }
        struct Warning: Decodable {
            var body: String
            var service: String
            var logger: String
            var trace_id: String
            var severity_number: Int
        }
    }

    @Test("live shows how many log records a running process makes, and its latest warnings")
    func live() async throws {
        try await withProducer { producer in
            let directory = producer.directory
            func frame() async throws -> Frame.Told? {
                let arguments = ["live", "--spool", "spool", "--once", "--format", "json"]
                let run = try await SpanKitProcess(arguments, in: directory).finish()
                return try JSONDecoder().decode(Frame.self, from: Data(run.output.utf8)).processes.first
            }
            let told = try await eventually("both signals are exported", try await frame()) {
                ($0?.destinations ?? []).map { $0.name.prefix { $0 != " " } } == ["traces", "logs"]
            }
            let logs = try #require(told).log_records
            #expect(logs.count > 0 && logs.warning_count > 0 && logs.error_count == 0 && logs.window_seconds >= 1)
            #expect(abs(logs.warning_count * 100 - logs.count) <= 100)
            #expect(logs.latest_warnings.count == min(20, logs.warning_count))
            let warning = try #require(logs.latest_warnings.first)
            #expect(warning.body == "a message" && warning.severity_number == 13 && warning.trace_id.count == 32)
            #expect(warning.service == "producer" && warning.logger == "producer")
            let text = try await SpanKitProcess.run("live", "--spool", "spool", "--once", in: directory)
            for part in [
                "log records/s", "Latest warnings", "warn", "a message", "Export  numbers of spans and of log records",
            ] {
                #expect(text.output.contains(part), "\(part) is in \(text.output)")
            }
        }
    }

    @Test("logs, tree and ship read every record of a process that was killed, from files and from its region")
    func killed() async throws {
        try await withProducer { producer in
            producer.kill()
            let (directory, count) = (producer.directory, ended(producer))
            func logs(_ arguments: String...) async throws -> SpanKitProcess.Outcome {
                try await SpanKitProcess(["logs", "--spool", "spool"] + arguments, in: directory).finish()
            }
            let all = try await logs("--format", "json")
            struct Row: Decodable {
                var attributes: Attributes
                struct Attributes: Decodable { var number: Int }
            }
            struct Rows: Decodable { var rows: [Row] }
            let numbers = try JSONDecoder().decode(Rows.self, from: Data(all.output.utf8)).rows.map(\.attributes.number)
            #expect(numbers.sorted() == Array(0..<numbers.count), "each once")
            #expect(numbers.count == count || numbers.count == count + 1)
            let warnings = try await logs("--severity", "warn", "--limit", "1")
            #expect(
                warnings.output.contains("a message") && warnings.output.contains("at span_producer/EndlessRun.swift")
            )
            // The receiver of this one takes them all.
            let server = try FaultServer(.ok)
            defer { server.stop() }
            let doctor = try await SpanKitProcess(
                ["doctor"],
                in: directory,
                environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "SPANKIT_SPOOL_DIR": "spool"]
            ).finish()
            #expect(doctor.output.contains("✓ empty request with log records: accepted (200)"), "\(doctor.output)")
            let ship = try await SpanKitProcess(
                ["ship", "--spool", "spool", "--otlp-endpoint", server.url, "--format", "json"],
                in: directory
            ).finish()
            #expect(ship.status == 0, "\(ship.error)")
            #expect(ship.output.contains("\"log_record_count\": \(numbers.count)"))
            #expect(ship.error.contains("/v1/logs: \(numbers.count) of \(numbers.count) log records delivered"))
            #expect(server.logNumbers.sorted() == Array(0..<numbers.count))
        }
    }
}
