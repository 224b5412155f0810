import Foundation
import OKRCoach
import OTLP
import Reports
import Testing

@testable import SpanKitCLI

@Suite("What was said is kept with care")
struct ExchangeTests {
    private let canary = "ada@example.com"

    private func exchange(_ redaction: Redaction?) -> ProfilingResults.Exchange {
        ExchangeRecorder(redactor: redaction.map { Redactor($0) }).exchange(
            "Write to \(canary), please",
            answer: "I wrote to \(canary)",
            phaseReason: "\(canary) agreed",
            findings: [
                AntiPatternFinding(kind: .noNumber, source: .input, excerpt: "to \(canary)"),
                AntiPatternFinding(kind: .vagueWords, source: .output, excerpt: "wrote to \(canary)"),
            ]
        )
    }

    @Test("without redaction it is kept as it was said, with what was found")
    func plain() {
        let exchange = exchange(nil)
        #expect(exchange.userMessage == "Write to ada@example.com, please")
        #expect(exchange.answer == "I wrote to ada@example.com")
        #expect(exchange.findings.map(\.kind) == ["noNumber", "vagueWords"])
        #expect(exchange.findings.map(\.source) == [.userMessage, .answer])
        #expect(exchange.findings.map(\.severity) == [.high, .medium])
        #expect(exchange.findings[0].explanation == AntiPattern.noNumber.explanation)
    }

    @Test("redaction goes over every text of it, a rule that fails included")
    func redacted() throws {
        struct Broken: Error {}
        for redaction in [.standard, Redaction([.function(named: "broken") { _, _ in throw Broken() }])] {
            let json = String(decoding: try JSONEncoder().encode(exchange(redaction)), as: UTF8.self)
            #expect(!json.contains("ada@"), "\(json)")
            #expect(json.contains("[redacted:"))
        }
        let byKey = exchange(Redaction([.attributes(["gen_ai.input.messages"], .length)]))
        #expect(byKey.userMessage == "[redacted:attribute 32 characters]")
        #expect(byKey.findings[0].excerpt.hasPrefix("[redacted:attribute"))
        #expect(byKey.answer == "I wrote to ada@example.com")
    }

    @Test("the results of a run hold all 39 messages with their answers; with --without-texts none")
    func run() async throws {
        try await withTemporaryDirectory { directory in
            let kept = try await SpanKitProcess.run("profile", "--json", "--latency-scale", "0", in: directory)
            let results = try ProfilingResults(json: Array(kept.output.utf8), file: "kept")
            let messages = results.scenarios.flatMap(\.messages)
            #expect(messages.count == 39)
            for message in messages {
                let exchange = try #require(message.exchange)
                #expect(!exchange.userMessage.isEmpty && !exchange.answer.isEmpty && !exchange.phaseReason.isEmpty)
                #expect(exchange.findings.map(\.kind) == message.findings)
            }
            let first = try #require(Scenario.all.first?.steps.first?.message)
            #expect(messages[0].exchange?.userMessage == first)
            let without = try await SpanKitProcess.run(
                "profile",
                "--json",
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
