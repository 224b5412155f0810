/// The version of OpenTelemetry's GenAI conventions that attributes and metrics follow.
///
/// The conventions are in development, and names change between versions.
public enum Conventions: String, Sendable, CaseIterable {
    /// The last version in the core repository (semantic-conventions v1.41.1, May 2026). This is the default.
    case v1_41_1 = "1.41.1"
    /// The unreleased version in `semantic-conventions-genai`. It calls cache creation "cache write", and `top_k` is an integer.
    case development = "gen-ai-dev"

    /// The value for `InstrumentationScope.schemaURL`; empty if no schema is published.
    public var schemaURL: String {
        switch self {
        case .v1_41_1: "https://opentelemetry.io/schemas/1.41.1"
        case .development: ""
        }
    }

    /// The attribute names of this version.
    public var names: AttributeNames { AttributeNames(self) }
}
