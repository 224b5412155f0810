import SpanKitInputs
import SpanKitReports

/// The number of log records of the last minute, and the latest warnings.
struct RecentLogs: Sendable {
    /// What ``RecentLogs`` knows at one moment.
    struct Summary: Sendable {
        /// The number of records in the period of ``windowSeconds``.
        var count: UInt64 = 0
        /// The number of those with the severity of a warning or an error.
        var warningCount: UInt64 = 0
        /// The number of those with the severity of an error.
        var errorCount: UInt64 = 0
        /// The length of the period in seconds.
        var windowSeconds = 0.0
        /// The latest warnings and errors, the latest first, also older ones than those that are counted.
        var latestWarnings: [DecodedLog] = []

        /// The number of records in a second.
        var rate: Double { Double(count) / max(windowSeconds, 1) }
    }

    /// The number of warnings that are kept.
    static let warningLimit = 20

    private struct Cell: Sendable {
        var count: UInt64 = 0
        var warningCount: UInt64 = 0
        var errorCount: UInt64 = 0
    }

    private var cells: [Int64: Cell] = [:]
    private var latest = LatestLogs(limit: RecentLogs.warningLimit)
    /// The time of the earliest record that was ever counted.
    private var earliest: Int64?

    /// Counts a record. All times are Unix nanoseconds.
    /// - Parameters:
    ///   - severity: OpenTelemetry's severity number.
    ///   - log: The record itself. It is only evaluated for warnings and errors.
    mutating func add(severity: UInt8, time: Int64, now: Int64, _ log: @autoclosure () -> DecodedLog) {
        let isWarning = severity >= LogLevel.leastWarning
        if isWarning { latest.add(log()) }
        guard time.subtractingSaturating(now).magnitude < UInt64(RecentOperations.seconds) * 1_000_000_000 else {
            return
        }
        earliest = min(earliest ?? time, time)
        var cell = cells[time / 1_000_000_000] ?? Cell()
        cell.count += 1
        if isWarning { cell.warningCount += 1 }
        if severity >= LogLevel.leastError { cell.errorCount += 1 }
        cells[time / 1_000_000_000] = cell
    }

    /// Drops the counts of the seconds that are more than a minute before a time.
    mutating func forget(before now: Int64) {
        let oldest = now / 1_000_000_000 - RecentOperations.seconds
        for second in cells.keys where second < oldest { cells[second] = nil }
    }

    /// The counts of the last minute, and the latest warnings.
    ///
    /// The period is shorter than a minute if neither the command's run time nor the log covers a whole minute.
    mutating func summary(at now: Int64) -> Summary {
        var summary = Summary()
        for cell in cells.values {
            summary.count += cell.count
            summary.warningCount += cell.warningCount
            summary.errorCount += cell.errorCount
        }
        let reach = Double(max(1_000_000_000, now.subtractingSaturating(earliest ?? now))) / 1e9
        summary.windowSeconds = min(reach, Double(RecentOperations.seconds))
        summary.latestWarnings = latest.sorted().reversed()
        return summary
    }
}
