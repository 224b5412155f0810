import Percentiles
import Summaries

/// Everything a run of `spankit profile` found out, as it is kept in `profiling-results-*.json`.
///
/// Every field is described in `docs/results-file.md`. Durations are whole nanoseconds and say so in their names.
package struct ProfilingResults: Codable, Sendable, Equatable {
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

        /// Creates a description of a machine.
        package init(
            operatingSystem: String,
            architecture: String,
            processorCount: Int,
            swiftVersion: String,
            buildConfiguration: String
        ) {
            self.operatingSystem = operatingSystem
            self.architecture = architecture
            self.processorCount = processorCount
            self.swiftVersion = swiftVersion
            self.buildConfiguration = buildConfiguration
        }
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

        /// Creates a set of options.
        package init(
            scenarios: [String],
            model: String,
            latencyScale: Double?,
            seed: UInt64?,
            profiling: Bool,
            memoryTracking: Bool,
            database: String
        ) {
            self.scenarios = scenarios
            self.model = model
            self.latencyScale = latencyScale
            self.seed = seed
            self.profiling = profiling
            self.memoryTracking = memoryTracking
            self.database = database
        }
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
}
