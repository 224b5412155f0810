import Foundation
import Percentiles
import Reports
import SpanKitCLI

/// Puts a run's record, its options and its surroundings together.
struct ResultsBuilder {
    let options: ProfilingResults.Options
    let start: Date

    /// The results of the run.
    /// - Throws: ``CommandFailure`` with status 70, should histograms of one process not fit each other.
    func results(of record: ProfilingRun.Record) throws(CommandFailure) -> ProfilingResults {
        do {
            return try ProfilingResults(
                spankitVersion: Release.version,
                createdAt: start.formatted(.iso8601),
                environment: .current,
                options: options,
                outcome: record.outcome,
                failure: record.outcome == .failed ? record.failure?.description : nil,
                scenarios: record.scenarios
            )
        } catch {
            throw CommandFailure(.internalError, error.description)
        }
    }

    /// The start of the run, as in the file's name: `20261123T174026Z`.
    var timestamp: String {
        start.formatted(
            .iso8601.year().month().day().dateSeparator(.omitted).time(includingFractionalSeconds: false)
                .timeSeparator(.omitted).timeZone(separator: .omitted)
        )
    }
}
