/// Puts together what the user gets to read.
public struct ResponseBuilder: Sendable {
    /// Creates the builder.
    public init() {}

    /// The model's answer, at most three coaching notes, at most two pieces of advice.
    public func reply(
        modelText: String,
        findings: [AntiPatternFinding],
        suggestions: [KnowledgeSuggestion]
    ) -> String {
        var parts = [String(modelText.trimmingSpaces)]
        let notes = findings.filter { $0.source == .input }.sorted { $0.kind.severity > $1.kind.severity }.prefix(3)
        if !notes.isEmpty {
            parts.append(
                "Worth a look:\n"
                    + notes.map { "• \($0.kind.explanation) \($0.kind.suggestion)" }.joined(separator: "\n")
            )
        }
        if !suggestions.isEmpty {
            parts.append(
                "From the knowledge base:\n"
                    + suggestions.prefix(2).map { "• \($0.entry.title) (\($0.reason))" }.joined(separator: "\n")
            )
        }
        return parts.joined(separator: "\n\n")
    }
}
