import SpanKitPercentiles
import SpanKitPlatform
import SpanKitSummaries

/// The operations that ended within the last minute.
///
/// They are kept by second, so that the oldest second can be dropped.
struct RecentOperations: Sendable {
    static let seconds: Int64 = 60

    private struct Cell: Sendable {
        var durations = ExponentialHistogram()
        var errorCount: UInt64 = 0
    }

    private var cells: [Int64: [ByteText: Cell]] = [:]
    /// The end of the earliest span that was ever counted.
    private var earliestEnd: Int64?
    private var names: Set<ByteText> = []
    private static let nameLimit = 2_000

    /// Counts an ended span, unless it ended more than a minute ago.
    ///
    /// All times are Unix nanoseconds.
    mutating func add(name: @autoclosure () -> String, start: Int64, end: Int64, isError: Bool, now: Int64) {
        guard end.subtractingSaturating(now).magnitude < UInt64(Self.seconds) * 1_000_000_000 else { return }
        var name = ByteText(name())
        earliestEnd = min(earliestEnd ?? end, end)
        if !names.contains(name) {
            if names.count < Self.nameLimit {
                names.insert(name)
            } else {
                name = ByteText(OperationSnapshot.overflowName)
            }
        }
        let second = end / 1_000_000_000
        cells[second, default: [:]][name, default: Cell()].durations.record(
            nanoseconds: UInt64(max(0, end.subtractingSaturating(start)))
        )
        if isError { cells[second]?[name]?.errorCount += 1 }
    }

    /// Drops the seconds that are more than a minute before a time.
    mutating func forget(before now: Int64) {
        let oldest = now / 1_000_000_000 - Self.seconds
        for second in cells.keys where second < oldest { cells[second] = nil }
    }

    /// The operations of the last minute, the one with the most time first, and the length of the period in seconds.
    ///
    /// The period is shorter than a minute if neither the command's run time nor the log covers a whole minute.
    func operations(at now: Int64) -> (operations: [OperationSnapshot], seconds: Double) {
        var merged: [ByteText: OperationSnapshot] = [:]
        for (_, second) in cells {
            for (name, cell) in second {
                // Merging fails only for other scales or units, or after 584 years of spans.
                var snapshot = merged[name] ?? OperationSnapshot(name: name.text, histogram: ExponentialHistogram())
                try? snapshot.histogram.merge(cell.durations)
                snapshot.errorCount += cell.errorCount
                merged[name] = snapshot
            }
        }
        let reach = Double(max(1_000_000_000, now - (earliestEnd ?? now))) / 1e9
        return (Array(merged.values).costliestFirst(), min(reach, Double(Self.seconds)))
    }
}
