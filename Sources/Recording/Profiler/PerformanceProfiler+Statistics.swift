import SpanKitPercentiles
import SpanKitPlatform

extension PerformanceProfiler {
    /// Count, total, average, extremes and percentiles of every operation, sorted by name.
    public func statistics() -> [OperationStatistics] {
        snapshot().map(\.statistics)
    }

    /// The statistics of one operation, nil when it never ended.
    public func statistics(for name: String) -> OperationStatistics? {
        statistics().first { $0.name == name }
    }

    /// The operations that took the most time altogether.
    public func topOperations(_ count: Int = 10) -> [OperationStatistics] {
        statistics().topByTotalTime(count)
    }

    /// The operations that are slowest on average.
    public func slowestOperations(_ count: Int = 10) -> [OperationStatistics] {
        statistics().slowestByAverage(count)
    }

    /// The operations whose p99 is furthest above their p50.
    /// - Parameter minimumCount: operations with fewer calls are left out: their p99 says little.
    public func mostVariableOperations(
        _ count: Int = 10,
        minimumCount: UInt64 = OperationStatistics.fewestForVariability
    ) -> [OperationStatistics] {
        statistics().mostVariable(count, minimumCount: minimumCount)
    }
}
extension PerformanceProfiler {
    /// Logs one line for every operation, the one with the most total time first.
    public func logStats() {
        logOperations(statistics().topByTotalTime(.max))
    }

    /// Logs one line for each of the operations that took the most time.
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
                "\(operation.name): \(operation.count) calls\(errors), "
                    + "total \(ReadableDuration(nanoseconds: UInt64(clamping: operation.totalNanoseconds))) "
                    + "(\(Int(share.rounded())) % of all operations), "
                    + "avg \(Self.readable(operation.averageNanoseconds)), p50 \(Self.readable(operation.p50Nanoseconds)), "
                    + "p95 \(Self.readable(operation.p95Nanoseconds)), \(Self.slowest(operation))"
            )
        }
    }

    /// p99, or the maximum of fewer runs than have one.
    private static func slowest(_ operation: OperationStatistics) -> String {
        operation.knowsP99
            ? "p99 \(readable(operation.p99Nanoseconds))"
            : "max \(ReadableDuration(nanoseconds: UInt64(clamping: operation.maximumNanoseconds)))"
    }

    private static func readable(_ nanoseconds: Double) -> ReadableDuration {
        ReadableDuration(nanoseconds: Int64(nanoseconds.rounded()))
    }
}
