import SpanKitPercentiles

/// What is compared of a run: its operations, with their own time where traces tell it.
package struct RunStatistics: Sendable {
    /// One operation.
    package struct Operation: Sendable {
        package var durations: ExponentialHistogram
        /// Without the time of children; nil where the input has durations only.
        package var selfTimes: ExponentialHistogram?
        package var errorCount: UInt64

        /// What is compared of an operation that ran twice: its own time, where both runs tell it.
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

    /// How the run is called.
    package let name: String
    package private(set) var operations: [String: Operation] = [:]

    /// A run that is known by its traces.
    package init(name: String, _ totals: TraceTotals) {
        self.name = name
        for one in totals.byTime {
            operations[one.name] = Operation(
                durations: one.durations,
                selfTimes: one.selfTimes,
                errorCount: one.errorCount
            )
        }
    }

    /// A run that is known by its operations.
    package init(name: String, _ snapshots: [OperationSnapshot]) {
        self.name = name
        for snapshot in snapshots {
            operations[snapshot.name] = Operation(
                durations: snapshot.histogram,
                selfTimes: nil,
                errorCount: snapshot.errorCount
            )
        }
    }
}
