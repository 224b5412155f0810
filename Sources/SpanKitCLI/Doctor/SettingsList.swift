import Foundation
import SpanKit
import SpanKitShipping
import SpanKitSummaries

/// All variables of the environment that are read, with what they hold.
struct SettingsList {
    private let listed = EnvironmentVariable.all + SpanKitCommand.addedVariables
    private let variables: [String: String]
    private let width: Int

    /// - Parameter width: columns that sentences may take.
    init(_ variables: [String: String], width: Int) {
        self.variables = variables
        self.width = width
    }

    /// - Parameter say: takes one line at a time.
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

    /// Markdown's marks are for the documentation.
    private static func plain(_ text: String) -> String {
        text.replacing("`", with: "").replacing(#/\[[^\]]*\]\(([^)]*)\)/#) { "docs/\($0.output.1)" }
    }

    private func title(of part: EnvironmentVariable.Part) -> String {
        switch part {
        case .file: "Configuration file"
        case .destination: "Where spans go"
        case .recording: "What is recorded"
        case .batches: "What is sent when"
        case .metrics: "Metrics"
        case .command: "What this command reads besides"
        }
    }

    private func value(of variable: EnvironmentVariable) -> String? {
        variables[variable.name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private func shown(_ variable: EnvironmentVariable, hasFile: Bool) -> String {
        guard let value = value(of: variable) else {
            return "not set: \(variable.standard == "–" ? "nothing" : Self.plain(variable.standard))"
        }
        // Credentials, in a header or in a URL, are nobody's business.
        let shown =
            variable.name.hasSuffix("_HEADERS") || variable.name.hasSuffix("_KEY") && variable.part == .command
            ? "set, not shown"
            : variable.name.hasSuffix("_ENDPOINT") || variable.name.hasSuffix("_URL")
                ? OTLPExporter.printable(url: value) : value
        let isIgnored = hasFile && variable.part != .file && variable.name.hasPrefix("OTEL_")
        return isIgnored ? "\(shown) (counts only where the configuration file refers to it)" : shown
    }
}
