import Foundation
import SpanKit
import SpanKitConfigurationFile
import SpanKitTestSupport

/// Configuration files, written for a test and read as a program would.
enum WrittenConfiguration {
    private static let folder = TemporaryFolder()

    /// What a program gets that is told to read this file, which is called `FILE` in every text.
    static func read(
        _ text: String,
        ending: String = "yaml",
        _ variables: [String: String] = [:]
    ) throws -> TelemetryConfiguration {
        try read(bytes: Array(text.utf8), ending: ending, variables)
    }

    static func read(
        bytes: [UInt8],
        ending: String,
        _ variables: [String: String] = [:]
    ) throws -> TelemetryConfiguration {
        let path = folder.path("\(UUID().uuidString).\(ending)")
        try Data(bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var variables = variables
        variables["OTEL_CONFIG_FILE"] = path
        var configuration = TelemetryConfiguration.environment(variables, reading: .file)
        configuration.warnings = configuration.warnings.map { $0.replacing(path, with: "FILE") }
        configuration.settings = configuration.settings.map {
            ResolvedSetting(
                $0.kind,
                $0.value.replacing(path, with: "FILE"),
                source: $0.source.replacing(path, with: "FILE")
            )
        }
        return configuration
    }

    /// A file that ends in a list of processors.
    static func processors(_ text: String) -> String {
        "file_format: \"1.0\"\ntracer_provider:\n  processors:\n    \(text)"
    }

    static let console = "- simple: {exporter: {console: }}"

    /// A file with a sampler, in YAML's flow style.
    static func sampler(_ text: String) -> String { processors("\(console)\n  sampler: \(text)") }
}
