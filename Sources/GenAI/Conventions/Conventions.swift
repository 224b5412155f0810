import SpanKit
import SpanKitPlatform

/// The version of OpenTelemetry's GenAI conventions that attributes and metrics follow.
///
/// The conventions are in development, and names change between versions. A call is recorded in one version only, because metrics in
/// both would count everything twice. `spankit` and its reports read both.
///
/// A program can choose the version with ``ModelTelemetry/Configuration/conventions``. Otherwise it is ``v0_1_0`` if the environment variable
/// `OTEL_SEMCONV_STABILITY_OPT_IN` contains `gen_ai_latest_experimental`, and ``v1_41_1`` if not.
public enum Conventions: String, Sendable, CaseIterable {
    /// The last version in OpenTelemetry's core repository (semantic-conventions v1.41.1, May 2026). This is the default.
    case v1_41_1 = "1.41.1"
    /// The first version in the repository `semantic-conventions-genai` (v0.1.0, November 2026).
    ///
    /// It has metrics for each kind of operation, counters of tokens, and spans for plans and memories. It renames cache creation to
    /// cache write, and merges workflows into agents.
    case v0_1_0 = "genai-0.1.0"

    /// The value of `OTEL_SEMCONV_STABILITY_OPT_IN` that selects ``v0_1_0``.
    static let optIn = "gen_ai_latest_experimental"

    /// The version that the environment of the process selects.
    public static let ofEnvironment = environment(environmentVariable(variable).map { [variable: $0] } ?? [:])

    private static let variable = "OTEL_SEMCONV_STABILITY_OPT_IN"

    /// The version that environment variables select.
    /// - Parameters:
    ///   - variables: the variables.
    ///   - log: receives a line for each value that begins with `gen_ai` and is not known. Other values belong to other libraries.
    public static func environment(_ variables: [String: String], log: ProfilerLog = .standardError) -> Conventions {
        let values = (variables[variable] ?? "").split(separator: ",").map { String($0.trimmingWhitespace()) }
        for value in values where value.hasPrefix("gen_ai") && value != optIn {
            log(
                .warning,
                "\(variable): \"\(value)\" is not a known value; write \(optIn) for version 0.1.0. It is ignored."
            )
        }
        return values.contains(optIn) ? .v0_1_0 : .v1_41_1
    }

    /// The value for `InstrumentationScope.schemaURL`; empty for ``v0_1_0``, whose schema URL is not known.
    public var schemaURL: String {
        switch self {
        case .v1_41_1: "https://opentelemetry.io/schemas/1.41.1"
        case .v0_1_0: ""
        }
    }
}
