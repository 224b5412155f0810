import OKRCoach
import SpanKitCLI

/// The scenarios a run consists of.
enum ScenarioSelection {
    /// The catalogue, for `--help`.
    static var help: String {
        Scenario.all.map { "\($0.number) \($0.name)" }.joined(separator: ", ") + "."
    }

    /// The scenarios of those numbers or names, each once, in the catalogue's order; all when none is named.
    /// - Throws: ``CommandFailure`` with status 64, which lists the names there are.
    static func scenarios(_ wanted: [String]) throws(CommandFailure) -> [Scenario] {
        guard !wanted.isEmpty else { return Scenario.all }
        var names: Set<String> = []
        for text in wanted {
            do { names.insert(try Scenario.named(text).name) } catch {
                throw CommandFailure(.usage, "--scenario: \(error.description)")
            }
        }
        return Scenario.all.filter { names.contains($0.name) }
    }
}
