import SpanKitPercentiles
import SpanKitSummaries

/// What has ended within the last minute, second by second, so that the oldest second can be dropped.
package struct RecentOperations: Sendable {
    /// How far back it remembers.
    package static let seconds: Int64 = 60

    private struct Cell: Sendable {
        var durations = ExponentialHistogram()
        var errorCount: UInt64 = 0
    }

    private var cells: [Int64: [String: Cell]] = [:]
    /// When the first span ended that was ever counted.
    private var earliestEnd: Int64?
    private var names: Set<String> = []
    private static let nameLimit = 2_000

    package init() {}

    /// Counts a span that has ended; one that ended more than a minute away from now counts nothing.
    /// - Parameter now: Unix nanoseconds, as are start and end.
    package mutating func add(name: @autoclosure () -> String, start: Int64, end: Int64, isError: Bool, now: Int64) {
        guard end.subtractingSaturating(now).magnitude < UInt64(Self.seconds) * 1_000_000_000 else { return }
        var name = name()
        earliestEnd = min(earliestEnd ?? end, end)
        if !names.contains(name) {
            if names.count < Self.nameLimit { names.insert(name) } else { name = "__overflow__" }
        }
        let second = end / 1_000_000_000
        cells[second, default: [:]][name, default: Cell()].durations.record(
            nanoseconds: UInt64(max(0, end.subtractingSaturating(start)))
        )
        if isError { cells[second]?[name]?.errorCount += 1 }
    }

    /// Forgets what is older than a minute.
    package mutating func forget(before now: Int64) {
        let oldest = now / 1_000_000_000 - Self.seconds
        for second in cells.keys where second < oldest { cells[second] = nil }
    }

    /// The operations of the last minute, the one with the most time first, and how many seconds that is.
    ///
    /// Less than a minute where the watching began later and the log reached no further back.
    package func operations(at now: Int64) -> (operations: [OperationSnapshot], seconds: Double) {
        var merged: [String: OperationSnapshot] = [:]
        for (_, second) in cells {
            for (name, cell) in second {
                // Histograms of one scale and unit merge; an overflow would take 584 years of spans.
                var snapshot = merged[name] ?? OperationSnapshot(name: name, histogram: ExponentialHistogram())
                try? snapshot.histogram.merge(cell.durations)
                snapshot.errorCount += cell.errorCount
                merged[name] = snapshot
            }
        }
        let reach = Double(max(1_000_000_000, now - (earliestEnd ?? now))) / 1e9
        return (Array(merged.values).costliestFirst(), min(reach, Double(Self.seconds)))
    }
}
