import SpanKit
import Yams

extension ConfigurationFormat {
    /// `.yaml` and `.yml`.
    public static let yaml = ConfigurationFormat(fileEndings: ["yaml", "yml"]) {
        text,
        references throws(SettingSyntaxError) in
        try YAMLSettings.parse(text, references)
    }
}
