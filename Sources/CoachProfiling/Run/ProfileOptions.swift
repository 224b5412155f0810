import ArgumentParser
import GenAI
import OKRCoach
import Reports
import SpanKitCLI

/// The options of `spankit profile`.
struct ProfileOptions: ParsableArguments {
    /// The model that answers.
    enum Model: String, ExpressibleByArgument, CaseIterable, Sendable {
        case offline
        case anthropic
    }

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Run only this scenario. Repeat the option for more.",
            discussion: ScenarioSelection.help,
            valueName: "number or name"
        )
    )
    var scenario: [String] = []

    @Option(
        help: ArgumentHelp("The model that answers: built in, or the Anthropic API.", valueName: "offline|anthropic")
    )
    var model = Model.offline

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Time limit of one answer of the Anthropic API, all attempts and waits included (default: 60).",
            valueName: "seconds"
        )
    )
    var modelTimeout: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Factor for the latency of the offline model, 0 or more.", valueName: "factor")
    )
    var latencyScale = 0.02

    @Option(help: ArgumentHelp("Seed of the offline model's latencies.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("SQLite file to use (default: a temporary file).", valueName: "path"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "JSON file with prices per million tokens; adds costs to the results.",
            discussion: "See docs/results-file.md for an example. Only the results contain costs.",
            valueName: "path"
        )
    )
    var prices: String?

    @Option(help: ArgumentHelp("Directory for the results file.", valueName: "directory"))
    var out = "."

    @Flag(help: "Keep messages and answers out of the results file.")
    var withoutTexts = false

    @Flag(help: "Print the results as JSON instead of tables.")
    var json = false

    @Flag(help: "Print only the path of the results file.")
    var quiet = false

    /// The scenarios to run, once everything has been checked that the parser cannot know.
    /// - Throws: ``CommandFailure`` with status 64.
    func checkedScenarios() throws(CommandFailure) -> [Scenario] {
        guard latencyScale.isFinite, latencyScale >= 0 else {
            throw CommandFailure(
                .usage,
                "--latency-scale: \(latencyScale) is not 0 or more; 0.02 is the default, 1 is real time"
            )
        }
        guard latencyScale <= 1_000 else {
            throw CommandFailure(.usage, "--latency-scale: \(latencyScale) would take days; 1 is real time")
        }
        return try ScenarioSelection.scenarios(scenario)
    }

    /// The price table that was named.
    /// - Throws: ``CommandFailure`` with status 65 for one that cannot be used.
    func priceTable() throws(CommandFailure) -> PriceTable? {
        guard let prices else { return nil }
        do { return try PriceTable(contentsOf: prices) } catch {
            throw CommandFailure(.data, "--prices: \(error)")
        }
    }

    /// The options as they are kept in the results.
    func description(
        of scenarios: [Scenario],
        modelName: String,
        isProfiling: Bool,
        database: ProfileDatabase
    ) -> ProfilingResults.Options {
        ProfilingResults.Options(
            scenarios: scenarios.map(\.name),
            model: modelName,
            latencyScale: model == .offline ? latencyScale : nil,
            seed: model == .offline ? seed : nil,
            profiling: isProfiling,
            memoryTracking: isProfiling,
            database: database.isTemporary ? "temporary" : "file"
        )
    }
}
