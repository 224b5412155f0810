import SpanKitPercentiles
import SpanKitPlatform

extension PerformanceProfiler {
    /// Returns the count and the total, average, extremes and percentiles of the durations of every operation, sorted by name.
    public func statistics() -> [OperationStatistics] {
        snapshot().map(\.statistics)
    }

    /// Returns the statistics of one operation; nil if no span of it has ended.
    public func statistics(for name: String) -> OperationStatistics? {
        statistics().first { $0.name == name }
    }

    /// The operations with the longest total duration, in descending order.
    public func topOperations(_ count: Int = 10) -> [OperationStatistics] {
        statistics().topByTotalTime(count)
    }

    /// The operations with the longest average duration, in descending order.
    public func slowestOperations(_ count: Int = 10) -> [OperationStatistics] {
        statistics().slowestByAverage(count)
    }

    /// The operations with the highest ratio of p99 to p50, in descending order.
    /// - Parameter minimumCount: The minimum number of calls. With fewer calls, p99 is close to the maximum.
    public func mostVariableOperations(
        _ count: Int = 10,
        minimumCount: UInt64 = OperationStatistics.fewestForVariability
    ) -> [OperationStatistics] {
        statistics().mostVariable(count, minimumCount: minimumCount)
    }

    /// Logs one line for each operation, in descending order of total duration.
    public func logStats() {
        logOperations(statistics().topByTotalTime(.max))
    }

    /// Logs one line for each of the operations with the longest total duration.
    public func logTopOperations(_ count: Int = 5) {
        logOperations(topOperations(count))
    }

    private func logOperations(_ operations: [OperationStatistics]) {
        guard isEnabled else { return }
        let total = statistics().reduce(0.0) { $0 + Double($1.totalNanoseconds) }
        if operations.isEmpty { logger(.info, "no operation has been measured yet") }
        for operation in operations {
            let share = total > 0 ? Double(operation.totalNanoseconds) / total * 100 : 0
            let errors = operation.errorCount > 0 ? ", \(operation.errorCount) failed" : ""
            logger(
                .info,
                "\(operation.name): \(operation.count) \(operation.count == 1 ? "call" : "calls")\(errors), "
                    + "total \(ReadableDuration(nanoseconds: UInt64(clamping: operation.totalNanoseconds))) "
                    + "(\(Int(share.rounded())) % of all operations), "
                    + "avg \(Self.readable(operation.averageNanoseconds)), p50 \(Self.readable(operation.p50Nanoseconds)), "
                    + "p95 \(Self.readable(operation.p95Nanoseconds)), \(Self.slowest(operation))"
            )
        }
    }

    /// The p99, or the maximum if there were too few calls for a p99.
    private static func slowest(_ operation: OperationStatistics) -> String {
        operation.knowsP99
            ? "p99 \(readable(operation.p99Nanoseconds))"
            : "max \(ReadableDuration(nanoseconds: UInt64(clamping: operation.maximumNanoseconds)))"
    }

    private static func readable(_ nanoseconds: Double) -> ReadableDuration {
        ReadableDuration(nanoseconds: Int64(nanoseconds.rounded()))
    }
}
