import Percentiles

/// Several results files taken together: their histograms merged, judged as one.
public struct MergedResults: Codable, Sendable, Equatable {
    /// As in ``ProfilingResults``.
    public var formatVersion: Int
    /// What was read, in the order it was given.
    public var sources: [Source]
    /// Everything taken together.
    public var aggregate: ProfilingResults.Aggregate

    /// One results file.
    public struct Source: Codable, Sendable, Equatable {
        /// As it was named.
        public var file: String
        /// From the file.
        public var createdAt: String
        /// From the file.
        public var outcome: ProfilingResults.Outcome
        /// From the file.
        public var options: ProfilingResults.Options
    }

    /// Merges results.
    /// - Parameter files: each with the name errors use.
    /// - Throws: ``ResultsFileError/notMergeable(file:reason:)`` for the first that does not fit those before it.
    public init(_ files: [(file: String, results: ProfilingResults)]) throws(ResultsFileError) {
        formatVersion = ProfilingResults.currentFormatVersion
        sources = files.map { file, results in
            Source(file: file, createdAt: results.createdAt, outcome: results.outcome, options: results.options)
        }
        var scenarios: [ProfilingResults.Scenario] = []
        var merged: [OperationSnapshot] = []
        for (file, results) in files {
            scenarios += results.scenarios
            do {
                for scenario in results.scenarios { try merged.merge(scenario.operations.map(\.snapshot)) }
            } catch {
                throw .notMergeable(file: file, reason: error.description)
            }
        }
        do {
            aggregate = try ProfilingResults.Aggregate(scenarios: scenarios)
        } catch {
            throw .notMergeable(file: files.last?.file ?? "", reason: error.description)
        }
    }

    /// Indented JSON with sorted keys, ending with a line feed.
    public func json() throws -> [UInt8] {
        try resultsJSON(self)
    }
}
