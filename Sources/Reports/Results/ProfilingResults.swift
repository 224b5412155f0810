import Percentiles

/// Everything a run of `spankit profile` found out, as it is kept in `profiling-results-*.json`.
///
/// Every field is described in `docs/results-file.md`. Durations are whole nanoseconds and say so in their names.
public struct ProfilingResults: Codable, Sendable, Equatable {
    /// The version this release writes, and the newest it reads.
    public static let currentFormatVersion = 1

    /// Grows when a reader of the previous version would misread the file.
    public var formatVersion: Int
    /// The SpanKit release that wrote the file.
    public var spankitVersion: String
    /// When the run started, RFC 3339 in UTC.
    public var createdAt: String
    /// Where the run took place.
    public var environment: Environment
    /// How the run was asked for.
    public var options: Options
    /// How the run ended.
    public var outcome: Outcome
    /// Why the run failed; nil unless ``outcome`` is `failed`.
    public var failure: String?
    /// In the order in which they ran; one that never started is not there.
    public var scenarios: [Scenario]
    /// All scenarios taken together.
    public var aggregate: Aggregate

    /// How a run or a scenario ended.
    public enum Outcome: String, Codable, Sendable {
        /// Every message was answered.
        case completed
        /// Somebody stopped it; what was done until then is complete.
        case interrupted
        /// A message failed; the scenario ended there.
        case failed
    }

    /// Where a run took place. Nothing here names the machine or its user.
    public struct Environment: Codable, Sendable, Equatable {
        /// Such as `Debian GNU/Linux 13 (trixie)`.
        public var operatingSystem: String
        /// Such as `x86_64`.
        public var architecture: String
        /// Processors the process may use.
        public var processorCount: Int
        /// The compiler's language version, such as `6.3`.
        public var swiftVersion: String
        /// `debug` or `release`.
        public var buildConfiguration: String

        /// Creates a description of a machine.
        public init(
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
    public struct Options: Codable, Sendable, Equatable {
        /// The names of the scenarios, in order.
        public var scenarios: [String]
        /// The language model: `offline`, or the name of the one asked over the network.
        public var model: String
        /// What the offline model's latency was multiplied with; nil for a real model.
        public var latencyScale: Double?
        /// The seed of the offline model's latency; nil for a real model.
        public var seed: UInt64?
        /// Whether operations were recorded; without it a file has messages and no operations.
        public var profiling: Bool
        /// Whether the heap was sampled around every operation.
        public var memoryTracking: Bool
        /// `temporary` or `file`. The path is not kept.
        public var database: String

        /// Creates a set of options.
        public init(
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
    public init(
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
