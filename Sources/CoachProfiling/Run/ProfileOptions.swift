import ArgumentParser
import Foundation
import OKRCoach
import SpanKitCLI
import SpanKitGenAI
import SpanKitReports

/// The options of `spankit profile`.
struct ProfileOptions: ParsableArguments {
    /// The language model of a run.
    enum Model: String, ExpressibleByArgument, CaseIterable, Sendable {
        case offline
        case anthropic
    }

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Run only this scenario. Repeat the option for more.",
            discussion: Scenario.all.map { "\($0.number) \($0.name)" }.joined(separator: ", ") + ".",
            valueName: "number or name"
        )
    )
    var scenario: [String] = []

    @Option(
        help: ArgumentHelp("The language model: built in, or the Anthropic API.", valueName: "offline|anthropic")
    )
    var model = Model.offline

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Time limit for an answer of the Anthropic API, including all attempts and waits (default: 60).",
            valueName: "seconds"
        )
    )
    var modelTimeout: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Factor for the latency of the offline model, 0 or more.", valueName: "factor")
    )
    var latencyScale = 0.02

    @Option(help: ArgumentHelp("Seed for the latency of the offline model.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("SQLite file to use (default: a temporary file).", valueName: "path"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "JSON file with prices per million tokens. Adds costs to the results.",
            discussion: "docs/results-file.md contains an example. Only the results contain costs.",
            valueName: "path"
        )
    )
    var prices: String?

    @Option(help: ArgumentHelp("Directory for the results file.", valueName: "directory"))
    var out = "."

    @Flag(help: "Keep messages and answers out of the results file.")
    var withoutTexts = false

    @Option(help: "The output format: text or json, which prints the results as the file contains them.")
    var format = Format.text

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Flag(help: "Print only the path of the results file.")
    var quiet = false

    /// Checks the options and returns the scenarios to run, each once, in the order of ``Scenario/all``.
    /// - Throws: ``CommandFailure`` with status 64.
    func checkedScenarios() throws(CommandFailure) -> [Scenario] {
        guard latencyScale.isFinite, latencyScale >= 0 else {
            throw CommandFailure(
                .usage,
                "--latency-scale: \(latencyScale) is not a number of at least 0; 0.02 is the default, 1 is real time"
            )
        }
        guard latencyScale <= 1_000 else {
            throw CommandFailure(.usage, "--latency-scale: \(latencyScale) would take days; 1 is real time")
        }
        guard !scenario.isEmpty else { return Scenario.all }
        do {
            let names = try Set(scenario.map { text throws(UnknownScenario) in try Scenario.named(text).name })
            return Scenario.all.filter { names.contains($0.name) }
        } catch {
            throw CommandFailure(.usage, "--scenario: \(error)")
        }
    }

    /// The price table of `--prices`, or nil without the option.
    /// - Throws: ``CommandFailure`` with status 65 if the file cannot be used.
    func priceTable() throws(CommandFailure) -> PriceTable? {
        guard let prices else { return nil }
        do { return try PriceTable(contentsOf: prices) } catch {
            throw CommandFailure(.data, "--prices: \(error)")
        }
    }

    /// The options for the results file.
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

extension ProfileOptions {
    /// The language model of the run.
    /// - Throws: ``CommandFailure`` with status 64 if an option is wrong or a setting is missing.
    func makeModel() throws(CommandFailure) -> any LanguageModel {
        if let modelTimeout {
            guard modelTimeout > 0, modelTimeout <= Self.longestModelTimeout else {
                throw CommandFailure(
                    .usage,
                    "--model-timeout: \(Self.text(modelTimeout)) is not a number of seconds above 0 and at most "
                        + "\(Self.text(Self.longestModelTimeout)) (a day); 60 is the default"
                )
            }
            guard model == .anthropic else {
                throw CommandFailure(
                    .usage,
                    "--model-timeout: the offline model has no time limit; add --model anthropic"
                )
            }
        }
        switch model {
        case .offline:
            do { return try OfflineModel(latencyScale: latencyScale, seed: seed) } catch {
                throw CommandFailure(.usage, "--latency-scale: \(error)")
            }
        case .anthropic:
            let timeout = modelTimeout.map { Duration.seconds($0) } ?? AnthropicModel.Configuration().timeout
            do {
                return try AnthropicModel(environment: ProcessInfo.processInfo.environment, timeout: timeout)
            } catch {
                throw CommandFailure(error.status, "--model anthropic: \(error)")
            }
        }
    }

    /// The maximum of `--model-timeout` in seconds: a day.
    private static let longestModelTimeout = 86_400.0

    /// A number of seconds, without a fraction if it is whole.
    private static func text(_ seconds: Double) -> String {
        seconds == seconds.rounded() && abs(seconds) < 1e15 ? String(Int(seconds)) : String(seconds)
    }
}
