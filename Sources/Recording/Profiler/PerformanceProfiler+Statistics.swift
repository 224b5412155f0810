import Percentiles

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
