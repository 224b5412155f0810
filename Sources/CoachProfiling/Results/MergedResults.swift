import SpanKitPercentiles
import SpanKitReports
import SpanKitSummaries

/// The merged results of several files.
struct MergedResults: Encodable, Sendable {
    let formatVersion = ProfilingResults.currentFormatVersion
    /// The files in the order in which they were given.
    let sources: [Source]
    let aggregate: ProfilingResults.Aggregate

    /// One results file.
    struct Source: Encodable, Sendable {
        let file: String
        let createdAt: String
        let outcome: ProfilingResults.Outcome
        let options: ProfilingResults.Options
    }

    /// Merges results.
    /// - Parameter files: The results with the names that errors use.
    /// - Throws: ``ResultsFileError/notMergeable(file:reason:)`` for the first file that cannot be merged with those before it.
    init(_ files: [(file: String, results: ProfilingResults)]) throws(ResultsFileError) {
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
}
