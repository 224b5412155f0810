import SpanKitPercentiles

/// The operations of a run, for a ``RunComparison``.
package struct RunStatistics: Sendable {
    package struct Operation: Sendable {
        package var durations: ExponentialHistogram
        /// The durations without children; `nil` if the input does not contain them.
        package var selfTimes: ExponentialHistogram?
        package var errorCount: UInt64

        /// The distributions to compare: self times if both runs contain them, or else durations.
        static func compared(
            _ before: Operation,
            _ after: Operation
        ) -> (before: ExponentialHistogram, after: ExponentialHistogram, isOwnTime: Bool) {
            guard let old = before.selfTimes, let new = after.selfTimes else {
                return (before.durations, after.durations, false)
            }
            return (old, new, true)
        }
    }

    package let name: String
    package private(set) var operations: [String: Operation] = [:]

    /// The operations of traces.
    package init(name: String, _ totals: TraceTotals) {
        self.name = name
        for one in totals.byTime {
            operations[one.name] = .init(
                durations: one.durations,
                selfTimes: one.selfTimes,
                errorCount: one.errorCount
            )
        }
    }

    /// The operations of results files.
    package init(name: String, _ snapshots: [OperationSnapshot]) {
        self.name = name
        for one in snapshots {
            operations[one.name] = .init(durations: one.histogram, errorCount: one.errorCount)
        }
    }
}
