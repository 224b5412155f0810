import SpanKitPercentiles
import SpanKitPlatform

/// The operations of a run, for a ``RunComparison``.
package struct RunStatistics: Sendable {
    package struct Operation: Sendable {
        package var durations: ExponentialHistogram
        /// The durations without children; `nil` if the input does not contain them.
        package var selfTimes: ExponentialHistogram?
        package var errorCount: UInt64

        /// Adds the runs of an operation with the same name in another service.
        fileprivate mutating func merge(_ other: Operation) {
            // All were recorded with the same resolution.
            try? durations.merge(other.durations)
            if let more = other.selfTimes {
                if selfTimes == nil { selfTimes = more } else { try? selfTimes?.merge(more) }
            }
            errorCount += other.errorCount
        }

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
    package private(set) var operations: [OperationKey: Operation] = [:]

    /// The services of the operations; empty for results files, which do not contain them.
    var services: Set<ByteText> { Set(operations.keys.compactMap(\.service)) }

    /// The operations with one entry for each name, merged over all services.
    var mergingServices: RunStatistics {
        var merged = self
        merged.operations = [:]
        for (key, operation) in operations.sorted(by: { $0.key < $1.key }) {
            merged.operations[key.withoutService, default: Operation(durations: ExponentialHistogram(), errorCount: 0)]
                .merge(operation)
        }
        return merged
    }

    /// The operations of traces.
    package init(name: String, _ totals: TraceTotals) {
        self.name = name
        for one in totals.byTime {
            operations[one.key] = .init(
                durations: one.durations,
                selfTimes: one.selfTimes,
                errorCount: one.errorCount
            )
        }
    }

    /// Operations of which only durations and errors are known.
    package init(
        name: String,
        _ histograms: [OperationKey: (durations: ExponentialHistogram, errorCount: UInt64)]
    ) {
        self.name = name
        operations = histograms.mapValues { .init(durations: $0.durations, errorCount: $0.errorCount) }
    }

    /// The operations of results files.
    package init(name: String, _ snapshots: [OperationSnapshot]) {
        self.name = name
        for one in snapshots {
            operations[OperationKey(name: one.name)] = .init(durations: one.histogram, errorCount: one.errorCount)
        }
    }
}
