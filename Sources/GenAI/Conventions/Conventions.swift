/// Which text of OpenTelemetry's GenAI conventions the attributes and metrics follow.
///
/// The conventions are in development: names change from one text to the next. All that depends on the text is decided here
/// and in ``AttributeNames``, and nowhere else.
public enum Conventions: String, Sendable, CaseIterable {
    /// The last text of the core repository (semantic-conventions v1.41.1, May 2026). The default.
    case v1_41_1 = "1.41.1"
    /// The text of `semantic-conventions-genai`, of which nothing is released yet: cache creation is called cache write, and
    /// `top_k` is a whole number.
    case development = "gen-ai-dev"

    /// For `InstrumentationScope.schemaURL`; empty where nothing is published.
    public var schemaURL: String {
        switch self {
        case .v1_41_1: "https://opentelemetry.io/schemas/1.41.1"
        case .development: ""
        }
    }

    /// The names of this text.
    public var names: AttributeNames { AttributeNames(self) }
}
