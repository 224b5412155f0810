import Foundation
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// The results of a run of `spankit profile`, as written to `profiling-results-*.json`.
///
/// Every field is described in `docs/results-file.md`. Durations are whole nanoseconds, as their names say.
struct ProfilingResults: Codable, Sendable {
    /// The version that this release writes, and the newest that it reads.
    static let currentFormatVersion = OperationsJSON.currentFormatVersion

    /// An operation with its distribution.
    typealias Operation = OperationsJSON.Operation

    /// The version of the format. It is increased when a program that reads the previous version would misread the
    /// file.
    var formatVersion: Int
    /// The version of SpanKit that wrote the file.
    var spankitVersion: String
    /// The start of the run, RFC 3339 in UTC.
    var createdAt: String
    var environment: Environment
    var options: Options
    var outcome: Outcome
    /// What went wrong, in one line. It is nil unless ``outcome`` is `failed`.
    var failure: String?
    /// The scenarios that were started, in order.
    var scenarios: [Scenario]
    var aggregate: Aggregate

    /// How a run or a scenario ended.
    enum Outcome: String, Codable, Sendable {
        /// Every message was answered.
        case completed
        /// The run was interrupted. The messages before that are complete.
        case interrupted
        /// A message failed, which ended the scenario.
        case failed
    }

    /// The system and the build. They do not name the machine or its user.
    struct Environment: Codable, Sendable, Equatable {
        var operatingSystem: String
        var architecture: String
        var processorCount: Int
        /// The language version of the compiler, such as `6.3`.
        var swiftVersion: String
        /// `debug` or `release`.
        var buildConfiguration: String
    }

    /// The options of the run.
    struct Options: Codable, Sendable, Equatable {
        /// The short names of the scenarios in order.
        var scenarios: [String]
        /// `offline`, or the name of the real model.
        var model: String
        /// The factor for the offline model's latency, or nil for a real model.
        var latencyScale: Double?
        /// The seed of the offline model's latency, or nil for a real model.
        var seed: UInt64?
        /// Whether operations were recorded.
        var profiling: Bool
        /// Whether the heap was sampled around every operation.
        var memoryTracking: Bool
        /// `temporary` or `file`. The path is not stored.
        var database: String
    }

    /// Creates and analyses the results of a run.
    /// - Throws: `HistogramError` if the histograms of two scenarios cannot be merged.
    init(
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

    /// Reads results and computes the aggregate from the scenarios.
    init(from decoder: any Decoder) throws {
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
    /// - Parameter file: The name of the file for errors.
    /// - Throws: ``ResultsFileError`` with the position or the field of the first mistake.
    init(json: [UInt8], file: String) throws(ResultsFileError) {
        self = try ResultsFile.decode(Self.self, json, file: file)
    }

    /// Reads a results file.
    /// - Throws: ``ResultsFileError``, which names the file.
    init(contentsOf path: String) throws(ResultsFileError) {
        try self.init(json: try ResultsFile.bytes(of: path), file: path)
    }
}

extension ProfilingResults {
    /// The results as indented JSON with sorted keys. The same results give the same bytes.
    func json() throws -> [UInt8] { try readableJSON(self) }

    /// Writes the results to `profiling-results-{timestamp}.json`.
    ///
    /// An existing file is never replaced; the name then gets the first free suffix of `-2`, `-3` …. The file is complete when
    /// it appears.
    /// - Parameters:
    ///   - directory: An existing directory.
    ///   - timestamp: The time of the run, such as `20261123T174026Z`.
    /// - Returns: The path of the file.
    /// - Throws: ``ResultsFileError/cannotWrite(directory:reason:)``.
    func write(inDirectory directory: String, timestamp: String) throws(ResultsFileError) -> String {
        let bytes: [UInt8]
        do { bytes = try json() } catch { throw .cannotWrite(directory: directory, reason: "\(error)") }
        let base = directory.hasSuffix("/") ? directory : directory + "/"
        let temporary = "\(base).profiling-results-\(timestamp)-\(getpid()).tmp"
        if let problem = bytes.withUnsafeBytes({
            FileSystem.write($0, to: temporary, mode: 0o644, synchronously: true)
        }) {
            throw .cannotWrite(directory: directory, reason: systemError(problem))
        }
        defer { unlink(temporary) }
        for attempt in 1...9_999 {
            let path = "\(base)profiling-results-\(timestamp)\(attempt == 1 ? "" : "-\(attempt)").json"
            // A hard link is the only way to create a complete file without replacing another.
            if link(temporary, path) == 0 { return path }
            guard errno == EEXIST else { return try moved(temporary, to: path, directory) }
        }
        throw .cannotWrite(directory: directory, reason: "9,999 results files with this time already exist")
    }

    /// Moves the file on file systems without hard links: an empty file reserves the name first.
    private func moved(_ temporary: String, to path: String, _ directory: String) throws(ResultsFileError) -> String {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .cannotWrite(directory: directory, reason: systemError(errno)) }
        close(descriptor)
        guard rename(temporary, path) == 0 else {
            throw .cannotWrite(directory: directory, reason: systemError(errno))
        }
        return path
    }
}
