/// What a configuration file (`OTEL_CONFIG_FILE`) may be written in.
///
/// JSON is always there. YAML needs a parser, and so a package: `SpanKitYAML` has it.
///
/// ```swift
/// import SpanKitYAML
///
/// let telemetry = Telemetry.start(.environment(reading: .yaml))
/// ```
public struct ConfigurationFormat: Sendable {
    /// Endings of file names, without the dot.
    package let fileEndings: [String]
    package let parse:
        @Sendable (_ text: String, _ references: VariableReferences) throws(SettingSyntaxError) -> SettingNode

    package init(
        fileEndings: [String],
        parse: @escaping @Sendable (String, VariableReferences) throws(SettingSyntaxError) -> SettingNode
    ) {
        self.fileEndings = fileEndings
        self.parse = parse
    }

    /// `.json`.
    public static let json = ConfigurationFormat(fileEndings: ["json"]) { text, references throws(SettingSyntaxError) in
        try JSONSettings.parse(text, references)
    }
}
