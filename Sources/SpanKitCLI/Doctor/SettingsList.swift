import Foundation
import SpanKit
import SpanKitShipping
import SpanKitSummaries

/// A list of all environment variables that SpanKit reads, with their values.
struct SettingsList {
    let variables: [String: String]
    /// The maximum width of sentences.
    let width: Int
    private let listed = EnvironmentVariable.all + SpanKitCommand.addedVariables

    /// - Parameter say: Receives the list line by line.
    func show(_ say: (String) -> Void) {
        let width = listed.map(\.name.count).max() ?? 0
        let hasFile = listed.contains { $0.part == .file && value(of: $0) != nil }
        for part in EnvironmentVariable.Part.allCases {
            say(title(of: part))
            for variable in listed where variable.part == part {
                let name = variable.name.padding(toLength: width, withPad: " ", startingAt: 0)
                say("  \(name)  \(shown(variable, hasFile: hasFile))")
                for line in wrapped(Self.plain(variable.meaning), to: max(40, self.width - 6)) { say("      \(line)") }
            }
            say("")
        }
    }

    /// Removes the Markdown of the documentation.
    private static func plain(_ text: String) -> String {
        text.replacing("`", with: "").replacing(#/\[[^\]]*\]\(([^)]*)\)/#) { "docs/\($0.output.1)" }
    }

    private func title(of part: EnvironmentVariable.Part) -> String {
        switch part {
        case .file: "Configuration file"
        case .destination: "Destinations"
        case .recording: "Recording"
        case .batches: "Batches"
        case .metrics: "Metrics"
        case .command: "Only for the command spankit"
        }
    }

    private func value(of variable: EnvironmentVariable) -> String? {
        variables[variable.name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private func shown(_ variable: EnvironmentVariable, hasFile: Bool) -> String {
        guard let value = value(of: variable) else {
            return variable.standard == "–" ? "not set" : "not set; default: \(Self.plain(variable.standard))"
        }
        // Credentials in headers and URLs are not shown.
        let shown =
            variable.name.hasSuffix("_HEADERS") || variable.name.hasSuffix("_KEY") && variable.part == .command
            ? "set, not shown"
            : variable.name.hasSuffix("_ENDPOINT") || variable.name.hasSuffix("_URL")
                ? OTLPExporter.printable(url: value) : value
        let isIgnored = hasFile && variable.part != .file && variable.name.hasPrefix("OTEL_")
        return isIgnored ? "\(shown) (used only if the configuration file refers to it)" : shown
    }
}
