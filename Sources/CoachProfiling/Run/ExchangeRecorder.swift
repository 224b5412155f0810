import OKRCoach
import SpanKitOTLP
import SpanKitReports

/// Creates the record of a message and its answer for the results. All texts are redacted as in spans.
struct ExchangeRecorder: Sendable {
    /// The redactor, or nil for no redaction.
    let redactor: Redactor?

    /// The texts of a message and its answer, with the findings.
    func exchange(
        _ message: String,
        answer: String,
        phaseReason: String,
        findings: [AntiPatternFinding]
    ) -> ProfilingResults.Exchange {
        let (input, output) = ("gen_ai.input.messages", "gen_ai.output.messages")
        return ProfilingResults.Exchange(
            userMessage: text(message, input),
            answer: text(answer, output),
            phaseReason: text(phaseReason, ""),
            findings: findings.map { finding in
                ProfilingResults.Finding(
                    kind: finding.kind.rawValue,
                    source: finding.source == .input ? .userMessage : .answer,
                    severity: finding.kind.severity,
                    excerpt: text(finding.excerpt, finding.source == .input ? input : output),
                    explanation: finding.kind.explanation
                )
            }
        )
    }

    /// - Parameter key: The attribute that contains such a text in a span, for rules about attributes.
    private func text(_ text: String, _ key: String) -> String {
        redactor?.text(text, key: key) ?? text
    }
}
