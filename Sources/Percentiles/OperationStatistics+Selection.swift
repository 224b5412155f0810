extension [OperationStatistics] {
    /// The `count` operations that took the most time altogether, the costliest first; ties by name.
    public func topByTotalTime(_ count: Int) -> [OperationStatistics] {
        largest(count) { Double($0.totalNanoseconds) }
    }

    /// The `count` operations that take longest on average, the slowest first; ties by name.
    public func slowestByAverage(_ count: Int) -> [OperationStatistics] {
        largest(count) { $0.averageNanoseconds }
    }

    /// The `count` operations with the highest p99/p50, the most variable first; ties by name.
    ///
    /// Operations that ran less often than `minimumCount` are left out, since their p99 is their maximum.
    public func mostVariable(_ count: Int, minimumCount: UInt64 = 10) -> [OperationStatistics] {
        filter { $0.count >= minimumCount }.largest(count) { $0.variability }
    }

    private func largest(_ count: Int, by key: (OperationStatistics) -> Double) -> [OperationStatistics] {
        let sorted = map { (key: key($0), statistics: $0) }.sorted {
            $0.key != $1.key ? $0.key > $1.key : $0.statistics.name < $1.statistics.name
        }
        return sorted.prefix(Swift.max(0, count)).map(\.statistics)
    }
}
