import SpanKitPercentiles
import SpanKitReports
import SpanKitSummaries

/// Everything a run of `spankit profile` found out, as it is kept in `profiling-results-*.json`.
///
/// Every field is described in `docs/results-file.md`. Durations are whole nanoseconds and say so in their names.
package struct ProfilingResults: Codable, Sendable {
    /// The version this release writes, and the newest it reads.
    package static let currentFormatVersion = OperationsJSON.currentFormatVersion

    /// One operation with its distribution.
    package typealias Operation = OperationsJSON.Operation

    /// Grows when a reader of the previous version would misread the file.
    package var formatVersion: Int
    /// The SpanKit release that wrote the file.
    package var spankitVersion: String
    /// When the run started, RFC 3339 in UTC.
    package var createdAt: String
    /// Where the run took place.
    package var environment: Environment
    /// How the run was asked for.
    package var options: Options
    /// How the run ended.
    package var outcome: Outcome
    /// Why the run failed; nil unless ``outcome`` is `failed`.
    package var failure: String?
    /// In the order in which they ran; one that never started is not there.
    package var scenarios: [Scenario]
    /// All scenarios taken together.
    package var aggregate: Aggregate

    /// How a run or a scenario ended.
    package enum Outcome: String, Codable, Sendable {
        /// Every message was answered.
        case completed
        /// Somebody stopped it; what was done until then is complete.
        case interrupted
        /// A message failed; the scenario ended there.
        case failed
    }

    /// Where a run took place. Nothing here names the machine or its user.
    package struct Environment: Codable, Sendable, Equatable {
        /// Such as `Debian GNU/Linux 13 (trixie)`.
        package var operatingSystem: String
        /// Such as `x86_64`.
        package var architecture: String
        /// Processors the process may use.
        package var processorCount: Int
        /// The compiler's language version, such as `6.3`.
        package var swiftVersion: String
        /// `debug` or `release`.
        package var buildConfiguration: String
    }

    /// How a run was asked for.
    package struct Options: Codable, Sendable, Equatable {
        /// The names of the scenarios, in order.
        package var scenarios: [String]
        /// The language model: `offline`, or the name of the one asked over the network.
        package var model: String
        /// What the offline model's latency was multiplied with; nil for a real model.
        package var latencyScale: Double?
        /// The seed of the offline model's latency; nil for a real model.
        package var seed: UInt64?
        /// Whether operations were recorded; without it a file has messages and no operations.
        package var profiling: Bool
        /// Whether the heap was sampled around every operation.
        package var memoryTracking: Bool
        /// `temporary` or `file`. The path is not kept.
        package var database: String
    }

    /// Creates the results of a run and analyses them.
    /// - Throws: ``HistogramError`` when the histograms of two scenarios cannot be merged.
    package init(
        spankitVersion: String,
        createdAt: String,
        environment: Environment,
        options: Options,
        outcome: Outcome,
        failure: String? = nil,
        scenarios: [Scenario]
    ) throws(HistogramError) {
        formatVersion = Self.currentFormatVersion
        self.spankitVersion = spankitVersion
        self.createdAt = createdAt
        self.environment = environment
        self.options = options
        self.outcome = outcome
        self.failure = failure
        self.scenarios = scenarios
        aggregate = try Aggregate(scenarios: scenarios)
    }

    /// Reads results; what follows from the scenarios is computed anew.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        formatVersion = try values.decode(Int.self, forKey: .formatVersion)
        spankitVersion = try values.decode(String.self, forKey: .spankitVersion)
        createdAt = try values.decode(String.self, forKey: .createdAt)
        environment = try values.decode(Environment.self, forKey: .environment)
        options = try values.decode(Options.self, forKey: .options)
        outcome = try values.decode(Outcome.self, forKey: .outcome)
        failure = try values.decodeIfPresent(String.self, forKey: .failure)
        scenarios = try values.decode([Scenario].self, forKey: .scenarios)
        do { aggregate = try Aggregate(scenarios: scenarios) } catch {
            let reason = error.description
            throw DecodingError.dataCorruptedError(forKey: .scenarios, in: values, debugDescription: reason)
        }
    }

    /// Reads results from JSON.
    /// - Parameter file: what errors call the source.
    /// - Throws: ``ResultsFileError``: the first thing that is wrong, with its position or field.
    package init(json: [UInt8], file: String) throws(ResultsFileError) {
        self = try ResultsFile.decode(Self.self, json, file: file)
    }

    /// Reads a results file.
    /// - Throws: ``ResultsFileError``, always naming the file.
    package init(contentsOf path: String) throws(ResultsFileError) {
        try self.init(json: try ResultsFile.bytes(of: path), file: path)
    }
}
