import SpanKitPlatform

/// Builds the reply for the user.
public struct ResponseBuilder: Sendable {
    /// Creates the builder.
    public init() {}

    /// The model's answer, at most three coaching notes, and at most two entries of the knowledge base that are not in the answer.
    public func reply(
        modelText: String,
        findings: [AntiPatternFinding],
        suggestions: [KnowledgeSuggestion]
    ) -> String {
        var parts = [String(modelText.trimmingWhitespace())]
        let notes = findings.filter { $0.source == .input }.sorted { $0.kind.severity > $1.kind.severity }.prefix(3)
        var excerpts: [String] = []
        for note in notes where !excerpts.contains(note.excerpt) { excerpts.append(note.excerpt) }
        for excerpt in excerpts {
            let about = notes.filter { $0.excerpt == excerpt }
            parts.append(
                "Notes on “\(excerpt)”:\n"
                    + about.map { "• \($0.kind.explanation) \($0.kind.suggestion)" }.joined(separator: "\n")
            )
        }
        let new = suggestions.filter { !modelText.contains($0.entry.body) }.prefix(2)
        if !new.isEmpty {
            parts.append(
                "From the knowledge base:\n"
                    + new.map { "• \($0.entry.title) (\($0.reason))" }.joined(separator: "\n")
            )
        }
        return parts.joined(separator: "\n\n")
    }
}
