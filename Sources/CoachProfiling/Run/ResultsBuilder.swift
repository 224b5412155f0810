import Foundation
import SpanKitCLI
import SpanKitPercentiles
import SpanKitReports

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

extension ProfilingResults.Environment {
    /// This machine and this build. The host's name is not asked for.
    static var current: Self {
        Self(
            operatingSystem: distribution ?? ProcessInfo.processInfo.operatingSystemVersionString,
            architecture: architecture,
            processorCount: ProcessInfo.processInfo.activeProcessorCount,
            swiftVersion: swiftVersion,
            buildConfiguration: buildConfiguration
        )
    }

    /// `PRETTY_NAME` of os-release(5).
    private static var distribution: String? {
        guard let text = try? String(contentsOfFile: "/etc/os-release", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return line.map { $0.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: CharacterSet(charactersIn: "\"'")) }
    }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #else
            "other"
        #endif
    }

    private static var swiftVersion: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    private static var buildConfiguration: String {
        #if DEBUG
            "debug"
        #else
            "release"
        #endif
    }
}
