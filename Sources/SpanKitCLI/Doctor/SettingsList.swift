import Foundation
import SpanKit
import SpanKitReports
import SpanKitShipping
import SpanKitSummaries

/// A list of all environment variables that SpanKit reads, with their values.
struct SettingsList {
    let variables: [String: String]
    /// The maximum width of sentences.
    let width: Int
    private let listed = EnvironmentVariable.all + SpanKitCommand.additions.variables

    /// - Parameter say: Receives the list line by line.
    func show(_ say: (String) -> Void) {
        let width = listed.map(\.name.count).max() ?? 0
        let hasFile = hasFile
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

    /// The machine-readable list. Secret values are left out.
    var document: ReportDocument {
        let hasFile = hasFile
        return ReportDocument(
            .settings,
            Listing(
                listed,
                [
                    .init("name", "Variable", .name) { .text($0.name) },
                    .init("part", "Part", .text) { .text("\($0.part)") },
                    .init("is_set", "Set", .flag) { .flag(value(of: $0) != nil) },
                    .init("value", "Value", .text) { Listing.text(printable($0)) },
                    .init("is_secret", "Secret", .flag) { .flag(isSecret($0)) },
                    .init("is_ignored", "Ignored", .flag) { .flag(isIgnored($0, hasFile: hasFile)) },
                    .init("default", "Default", .text) {
                        $0.standard == "–" ? .none : Listing.text(Self.plain($0.standard))
                    },
                    .init("meaning", "Meaning", .text) { .text(Self.plain($0.meaning)) },
                ]
            )
        )
    }

    private var hasFile: Bool { listed.contains { $0.part == .file && value(of: $0) != nil } }

    /// Removes Markdown syntax from the documentation.
    private static func plain(_ text: String) -> String {
        text.replacing("`", with: "").replacing(#/\[[^\]]*\]\(([^)]*)\)/#) { "docs/\($0.output.1)" }
    }

    private func title(of part: EnvironmentVariable.Part) -> String {
        switch part {
        case .file: "Configuration file"
        case .destination: "Destinations"
        case .recording: "Recording"
        case .batches: "Batches"
        case .logs: "Logs"
        case .metrics: "Metrics"
        case .command: "Only for the command spankit"
        }
    }

    private func value(of variable: EnvironmentVariable) -> String? {
        variables[variable.name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private func shown(_ variable: EnvironmentVariable, hasFile: Bool) -> String {
        guard value(of: variable) != nil else {
            return variable.standard == "–" ? "not set" : "not set; default: \(Self.plain(variable.standard))"
        }
        let shown = printable(variable) ?? "set, not shown"
        return isIgnored(variable, hasFile: hasFile)
            ? "\(shown) (used only if the configuration file refers to it)" : shown
    }

    private func isIgnored(_ variable: EnvironmentVariable, hasFile: Bool) -> Bool {
        hasFile && value(of: variable) != nil && variable.part != .file && variable.name.hasPrefix("OTEL_")
    }

    /// Whether the value is a credential, which is not shown.
    private func isSecret(_ variable: EnvironmentVariable) -> Bool {
        variable.name.hasSuffix("_HEADERS") || variable.name.hasSuffix("_KEY") && variable.part == .command
    }

    /// The value without credentials; `nil` if the variable is not set, or is secret.
    private func printable(_ variable: EnvironmentVariable) -> String? {
        guard !isSecret(variable), let value = value(of: variable) else { return nil }
        let isURL = variable.name.hasSuffix("_ENDPOINT") || variable.name.hasSuffix("_URL")
        return isURL ? OTLPExporter.printable(url: value) : value
    }
}
