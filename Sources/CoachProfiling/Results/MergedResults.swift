import SpanKitPercentiles
import SpanKitReports
import SpanKitSummaries

/// Several results files taken together: their histograms merged, judged as one.
package struct MergedResults: Encodable, Sendable {
    /// As in ``ProfilingResults``.
    package var formatVersion: Int
    /// What was read, in the order it was given.
    package var sources: [Source]
    /// Everything taken together.
    package var aggregate: ProfilingResults.Aggregate

    /// One results file.
    package struct Source: Codable, Sendable, Equatable {
        /// As it was named.
        package var file: String
        /// From the file.
        package var createdAt: String
        /// From the file.
        package var outcome: ProfilingResults.Outcome
        /// From the file.
        package var options: ProfilingResults.Options
    }

    /// Merges results.
    /// - Parameter files: each with the name errors use.
    /// - Throws: ``ResultsFileError/notMergeable(file:reason:)`` for the first that does not fit those before it.
    package init(_ files: [(file: String, results: ProfilingResults)]) throws(ResultsFileError) {
        formatVersion = ProfilingResults.currentFormatVersion
        sources = files.map { file, results in
            Source(file: file, createdAt: results.createdAt, outcome: results.outcome, options: results.options)
        }
        var merged: [OperationSnapshot] = []
        for (file, results) in files {
            do {
                for scenario in results.scenarios { try merged.merge(scenario.operations.map(\.snapshot)) }
            } catch {
                throw .notMergeable(file: file, reason: error.description)
            }
        }
        do {
            aggregate = try ProfilingResults.Aggregate(
                scenarios: files.flatMap(\.results.scenarios),
                sources: files.map(\.file)
            )
        } catch {
            throw .notMergeable(file: files.last?.file ?? "", reason: error.description)
        }
    }

    /// Indented JSON with sorted keys, ending with a line feed.
    package func json() throws -> [UInt8] {
        try readableJSON(self)
    }
}
