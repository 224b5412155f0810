import Foundation
import OKRCoach
import SpanKitOTLP
import SpanKitReports
import Testing

@testable import SpanKitCoachProfiling

@Suite("Texts in the results file")
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

    @Test("Without redaction, the texts are unchanged")
    func plain() {
        let exchange = exchange(nil)
        #expect(exchange.userMessage == "Write to ada@example.com, please")
        #expect(exchange.answer == "I wrote to ada@example.com")
        #expect(exchange.findings.map(\.kind) == ["noNumber", "vagueWords"])
        #expect(exchange.findings.map(\.source) == [.userMessage, .answer])
        #expect(exchange.findings.map(\.severity) == [.high, .medium])
        #expect(exchange.findings[0].explanation == AntiPattern.noNumber.explanation)
    }

    @Test("Redaction covers every text, also if a rule fails")
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
}
