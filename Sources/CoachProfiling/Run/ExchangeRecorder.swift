import OKRCoach
import SpanKitOTLP
import SpanKitReports

/// Makes what the results keep of a message and its answer. Redaction goes over all of it, as over spans.
struct ExchangeRecorder: Sendable {
    /// Nil lets everything through.
    let redactor: Redactor?

    /// What was said, and what was found in it.
    func exchange(
        _ message: String,
        answer: String,
        phaseReason: String,
        findings: [AntiPatternFinding]
    ) -> ProfilingResults.Exchange {
        ProfilingResults.Exchange(
            userMessage: text(message, "gen_ai.input.messages"),
            answer: text(answer, "gen_ai.output.messages"),
            phaseReason: text(phaseReason, ""),
            findings: findings.map { finding in
                ProfilingResults.Finding(
                    kind: finding.kind.rawValue,
                    source: finding.source == .input ? .userMessage : .answer,
                    severity: finding.kind.severity.recorded,
                    excerpt: text(
                        finding.excerpt,
                        finding.source == .input ? "gen_ai.input.messages" : "gen_ai.output.messages"
                    ),
                    explanation: finding.kind.explanation
                )
            }
        )
    }

    /// - Parameter key: the attribute that would hold the text in a span, for rules about attributes.
    private func text(_ text: String, _ key: String) -> String {
        redactor?.text(text, key: key) ?? text
    }
}

extension AntiPattern.Severity {
    fileprivate var recorded: ProfilingResults.Finding.Severity {
        switch self {
        case .low: .low
        case .medium: .medium
        case .high: .high
        }
    }
}
