import Foundation
import OKRCoach
import SpanKitReports
import Testing

@testable import SpanKitCoachProfiling

@Suite("spankit profile")
struct ProfileTests {
    static let steps = [
        "conversation_processing_total", "step_10_phase_evaluation", "step_11_state_persistence", "step_1_load_session",
        "step_2_load_messages", "step_3_anti_pattern_detection", "step_4_quality_assessment", "step_5_altitude_drift",
        "step_6_checkpoint_detection", "step_7_5_knowledge_suggestions", "step_7_claude_api_call",
        "step_7_prompt_engineering", "step_8_okr_extraction", "step_9_response_building",
    ]

    @Test(
        "All 39 messages are answered, every step is counted 39 times, and the results are written"
    )
    func wholeRun() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run("profile", "--latency-scale", "0", in: directory)
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.error.count { $0 == "\n" } == 8, "one line for each scenario: \(outcome.error)")
            let file = try #require(try resultsFiles(in: directory).first)
            #expect(file.lastPathComponent.wholeMatch(of: #/profiling-results-[0-9]{8}T[0-9]{6}Z\.json/#) != nil)
            #expect(outcome.output.contains("Results written to ./\(file.lastPathComponent)"))

            let results = try ProfilingResults(contentsOf: file.path)
            #expect(results.outcome == .completed)
            #expect(results.scenarios.map(\.messages.count) == [3, 4, 5, 7, 7, 4, 5, 4])
            #expect(results.options.profiling && results.options.memoryTracking)
            let operations = results.aggregate.operations.map(\.snapshot.statistics)
            for step in Self.steps { #expect(operations.first { $0.name == step }?.count == 39, "\(step)") }
            for scenario in results.scenarios {
                #expect(scenario.outcome == .completed)
                #expect(scenario.plannedMessageCount == scenario.messages.count)
                for message in scenario.messages {
                    #expect(message.unscaledModelLatencyNanoseconds ?? 0 > 500_000_000, "seconds at scale 1")
                    #expect(message.projectedDurationNanoseconds > message.durationNanoseconds)
                }
            }
            #expect(results.aggregate.assessment?.isProjected == true)
            #expect(results.aggregate.hypotheses.count == 5)
            let shares = results.aggregate.bottlenecks.reduce(0) { $0 + $1.share }
            #expect(abs(shares - 1) < 0.001, "self times add up to the whole: \(shares)")
        }
    }

    @Test("Two runs with one seed give equal results; another seed gives other latencies")
    func repeatable() async throws {
        try await withTemporaryDirectory { directory in
            var results: [ProfilingResults] = []
            for seed in ["7", "7", "8"] {
                let outcome = try await SpanKitProcess.run(
                    "profile",
                    "--format",
                    "json",
                    "--latency-scale",
                    "0",
                    "--seed",
                    seed,
                    in: directory
                )
                results.append(try ProfilingResults(json: Array(outcome.output.utf8), file: "standard output"))
            }
            func facts(_ results: ProfilingResults) -> [[String]] {
                results.scenarios.map { $0.messages.map { "\($0.phaseBefore) \($0.phaseAfter) \($0.findings)" } }
            }
            func latencies(_ results: ProfilingResults) -> [UInt64?] {
                results.scenarios.flatMap { $0.messages.map(\.unscaledModelLatencyNanoseconds) }
            }
            #expect(facts(results[0]) == facts(results[1]))
            #expect(latencies(results[0]) == latencies(results[1]))
            #expect(latencies(results[0]) != latencies(results[2]))
            #expect(results[0].scenarios.contains { !$0.findingCounts.isEmpty })
            #expect(try resultsFiles(in: directory).count == 3, "no file replaced another")
        }
    }

    @Test("Scenarios are chosen by number or name and run in the order of the catalogue")
    func selection() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run(
                "profile",
                "--format",
                "json",
                "--latency-scale",
                "0",
                "--scenario",
                "quality-poor",
                "--scenario",
                "1",
                "--scenario",
                "6",
                in: directory
            )
            let results = try ProfilingResults(json: Array(outcome.output.utf8), file: "standard output")
            #expect(results.scenarios.map(\.number) == [1, 6])
            let written = try ProfilingResults(contentsOf: try #require(try resultsFiles(in: directory).first).path)
            #expect(try written.json() == results.json(), "standard output and file hold the same")
        }
    }

    @Test("--quiet prints the path and nothing else")
    func quiet() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run(
                "profile",
                "--quiet",
                "--latency-scale",
                "0",
                "--scenario",
                "1",
                "--out",
                directory.path,
                in: directory
            )
            #expect(outcome.error == "")
            #expect(outcome.output == "\(try #require(try resultsFiles(in: directory).first).path)\n")
        }
    }

    @Test("With ENABLE_PROFILING=false only whole messages are timed, and the output says so")
    func profilingOff() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run(
                "profile",
                "--format",
                "json",
                "--latency-scale",
                "0",
                "--scenario",
                "1",
                in: directory,
                environment: ["ENABLE_PROFILING": "false"]
            )
            #expect(outcome.status == 0)
            #expect(
                outcome.complaints.first
                    == "spankit: profiling is off because ENABLE_PROFILING=false; only messages are timed"
            )
            let results = try ProfilingResults(json: Array(outcome.output.utf8), file: "standard output")
            #expect(!results.options.profiling)
            #expect(results.aggregate.operations.isEmpty)
            #expect(results.aggregate.messageCount == 3)
            #expect(results.aggregate.hypotheses.allSatisfy { $0.verdict == .tooLittleData })
        }
    }

    @Test(
        "A path that cannot be written is reported before the first message, with status 73",
        arguments: [
            (["--out", "missing"], "--out: missing: no such file or directory; create the directory first"),
            (["--out", "file"], "--out: file: is not a directory"),
            (["--otlp-file", "missing/x.jsonl"], "--otlp-file: missing/: no such file or directory"),
            (["--otlp-file", "."], "--otlp-file: .: is a directory; give the path of a file"),
            (["--prom", "missing/"], "--prom: missing/: no such file or directory"),
            (["--prom", "missing/x.prom"], "--prom: missing/: no such file or directory"),
            (["--spool", "file"], "--spool: file: not a directory"),
        ]
    )
    func unwritable(arguments: [String], reason: String) async throws {
        try await withTemporaryDirectory { directory in
            try Data().write(to: directory.appending(path: "file"))
            let outcome = try await SpanKitProcess(["profile"] + arguments, in: directory).finish()
            #expect(outcome.status == 73)
            #expect(outcome.output == "")
            #expect(outcome.error.hasPrefix("spankit: \(reason)"), "\(outcome.error)")
            #expect(outcome.error.count { $0 == "\n" } == 1)
        }
    }

    @Test("If the directory is removed during the run, the tables are printed, and the status is 73")
    func lostDirectory() async throws {
        try await withTemporaryDirectory { directory in
            let out = directory.appending(path: "out")
            try FileManager.default.createDirectory(at: out, withIntermediateDirectories: false)
            // The run waits for the first answer of its second scenario while the directory goes.
            let server = try MessagesServer([.text], holding: 3)
            defer { server.stop() }
            let run = try SpanKitProcess(
                ["profile", "--model", "anthropic", "--scenario", "1", "--scenario", "2", "--out", "out"],
                in: directory,
                environment: server.environment
            )
            try run.start()
            try await run.waitForError(containing: "scenario 1,")
            try FileManager.default.removeItem(at: out)
            server.release()
            let outcome = try await run.end()
            #expect(outcome.status == 73)
            #expect(outcome.output.contains("conversation_processing_total"))
            #expect(outcome.complaints.count == 1)
            #expect(outcome.complaints[0].hasPrefix("spankit: out: the results file cannot be written: "))
        }
    }

    @Test(
        "An interrupted run prints and keeps the measurements so far",
        arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)]
    )
    func interrupted(signal: Int32, status: Int32) async throws {
        try await withTemporaryDirectory { directory in
            // The 36 messages after the first scenario take more than half a minute unless they are interrupted.
            let run = try SpanKitProcess(["profile", "--latency-scale", "0.5"], in: directory)
            try run.start()
            try await run.waitForError(containing: "scenario 1,")
            run.send(signal)
            let outcome = try await run.end()
            #expect(outcome.status == status, "\(outcome.error)")
            #expect(outcome.output.contains("Time per message"))
            #expect(outcome.complaints == ["spankit: interrupted; the measurements so far are kept"])
            let results = try ProfilingResults(contentsOf: try #require(try resultsFiles(in: directory).first).path)
            #expect(results.outcome == .interrupted)
            #expect(results.scenarios.first?.outcome == .completed)
            #expect(results.aggregate.messageCount >= 3 && results.aggregate.messageCount < 39)
        }
    }

    @Test(
        "Measurements are kept if the reader closes the pipe or standard output is closed",
        arguments: ["spankit profile --latency-scale 0 | head -1", "spankit profile --latency-scale 0 >&-"]
    )
    func closedOutput(command: String) async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess(shell: "set -o pipefail; \(command)", in: directory).finish()
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.complaints.isEmpty)
            let results = try ProfilingResults(contentsOf: try #require(try resultsFiles(in: directory).first).path)
            #expect(results.aggregate.messageCount == 39)
        }
    }

    @Test("A full disk at standard output is reported, and the results file is complete")
    func fullOutput() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess(
                shell: "spankit profile --latency-scale 0 --scenario 1 > /dev/full",
                in: directory
            ).finish()
            #expect(outcome.status == 73)
            #expect(
                outcome.complaints == ["spankit: standard output: No space left on device; the output is incomplete"]
            )
            #expect(try resultsFiles(in: directory).count == 1)
        }
    }

    @Test("The results contain all 39 messages with their answers; with --without-texts none")
    func exchanges() async throws {
        try await withTemporaryDirectory { directory in
            let kept = try await SpanKitProcess.run(
                "profile",
                "--format",
                "json",
                "--latency-scale",
                "0",
                in: directory
            )
            let results = try ProfilingResults(json: Array(kept.output.utf8), file: "kept")
            let messages = results.scenarios.flatMap(\.messages)
            #expect(messages.count == 39)
            for message in messages {
                let exchange = try #require(message.exchange)
                #expect(!exchange.userMessage.isEmpty && !exchange.answer.isEmpty && !exchange.phaseReason.isEmpty)
                #expect(exchange.findings.map(\.kind) == message.findings)
            }
            let first = try #require(Scenario.all.first?.messages.first)
            #expect(messages[0].exchange?.userMessage == first)
            let without = try await SpanKitProcess.run(
                "profile",
                "--format",
                "json",
                "--latency-scale",
                "0",
                "--without-texts",
                in: directory
            )
            #expect(!without.output.contains(first))
            #expect(!without.output.contains("\"exchange\""))
        }
    }
}
