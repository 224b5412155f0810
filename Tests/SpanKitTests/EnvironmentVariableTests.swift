import Foundation
import OKRCoach
import SpanKit
import SpanKitTestSupport
import Testing

/// The list of variables is one: what the code reads, what the list has and what the documentation says are the same.
@Suite("Documented variables are read, and read variables are documented")
struct EnvironmentVariableTests {
    /// The library's variables and the coach's.
    private static let all = EnvironmentVariable.all + AnthropicModel.environmentVariables

    @Test("docs/export.md shows the list")
    func documentation() throws {
        let file = PackageFiles.url("docs/export.md")
        var text = try String(contentsOf: file, encoding: .utf8)
        let isUpdating = ProcessInfo.processInfo.environment["SPANKIT_UPDATE_GOLDEN"] != nil
        for part in EnvironmentVariable.Part.allCases {
            let start = "<!-- variables: \(part.rawValue) -->\n"
            let opening = try #require(text.range(of: start), "docs/export.md has no place for \(part.rawValue)")
            let rest = opening.upperBound..<text.endIndex
            let closing = try #require(text.range(of: "<!-- end of variables -->\n", range: rest))
            let rows = Self.all.filter { $0.part == part && $0.general == nil }
                .map { "| `\($0.name)` | \($0.meaning) | \($0.standard) |\n" }
            let table = "| Variable | Meaning | Default |\n|---|---|---|\n" + rows.joined()
            let place = opening.upperBound..<closing.lowerBound
            if !isUpdating { #expect(String(text[place]) == table, "SPANKIT_UPDATE_GOLDEN=1 writes it") }
            text.replaceSubrange(place, with: table)
        }
        if isUpdating { try Data(text.utf8).write(to: file) }
    }

    @Test("every listed variable has an effect", arguments: EnvironmentVariable.all)
    func isRead(variable: EnvironmentVariable) {
        // Read by another library, which has tests of its own for them.
        let others: Set = ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "OTEL_SEMCONV_STABILITY_OPT_IN"]
        guard !others.contains(variable.name), variable.part != .command else { return }
        // So that nothing is left out for want of something to belong to.
        var context = ["OTEL_METRICS_EXPORTER": "otlp", "OTEL_TRACES_SAMPLER": "traceidratio"]
        var value = variable.name == "ENABLE_PROFILING" ? "false" : "!"
        if variable.name.hasSuffix("_INSECURE") {
            context["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc"
            context["OTEL_EXPORTER_OTLP_ENDPOINT"] = "collector:4317"
            value = "true"
        }
        func outcome(_ variables: [String: String]) -> String {
            let configuration = TelemetryConfiguration.environment(variables)
            var resource = configuration.resource
            resource["service.instance.id"] = nil
            let lines = configuration.destinationLines
            return
                "\(configuration.isDisabled) \(configuration.settings) \(lines) \(configuration.warnings) \(resource)"
        }
        #expect(outcome(context) != outcome(context.merging([variable.name: value]) { $1 }))
    }

    @Test("every variable in the code is listed")
    func code() throws {
        let names = Set(Self.all.map(\.name))
        let pattern = try Regex(#""((?:OTEL|SPANKIT|ANTHROPIC)_[A-Z0-9_]+|NO_COLOR)""#)
        let folder = PackageFiles.url("Sources")
        let files = try #require(FileManager.default.enumerator(atPath: folder.path))
        var count = 0
        for case let path as String in files where path.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
            for match in text.matches(of: pattern) {
                let name = String(match.output[1].substring ?? "")
                count += 1
                // The beginning of the names of an exporter's options.
                guard name != "OTEL_EXPORTER_OTLP_" else { continue }
                #expect(names.contains(name), "\(path) reads \(name)")
            }
        }
        #expect(count > 40)
    }

    @Test("every variable in the documentation is listed")
    func mentions() throws {
        // Of tests, examples of how names are made, and variables of other packages that a migration page names.
        let others: Set = [
            "SPANKIT_FUZZ", "SPANKIT_NODE_EXPORTERS", "SPANKIT_RECEIVERS", "SPANKIT_UPDATE_GOLDEN", "SPANKIT_KILLS",
            "OTEL_EXPORTER_OTLP_X",
            "OTEL_EXPORTER_OTLP_TRACES_X", "OTEL_EXPORTER_OTLP_METRICS_X", "OTEL_EXPORTER_OTLP_LOGS_X",
            "OTEL_EXPORTER_OTLP_METRICS_", "OTEL_",
            "SPANKIT_",
            "OTEL_SWIFT_METRICS_DEFAULT_DURATION_HISTOGRAM_BUCKETS",
            "OTEL_SWIFT_METRICS_DEFAULT_VALUE_HISTOGRAM_BUCKETS",
        ]
        let names = Set(Self.all.map(\.name)).union(others)
        let pattern = try Regex("(?:OTEL|SPANKIT)_[A-Z0-9_]*")
        let files = try PackageFiles.paths(in: "docs", suffix: ".md") + [PackageFiles.url("README.md").path]
        for file in files {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            for match in text.matches(of: pattern) {
                let name = String(text[match.range])
                #expect(names.contains(name), "\(file) speaks of \(name)")
            }
        }
    }
}
