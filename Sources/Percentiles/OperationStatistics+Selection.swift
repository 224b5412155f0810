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
    /// - Parameter minimumCount: operations that ran less often are left out, since their p99 is little more than their maximum.
    public func mostVariable(
        _ count: Int,
        minimumCount: UInt64 = OperationStatistics.fewestForVariability
    ) -> [OperationStatistics] {
        filter { $0.count >= minimumCount }.largest(count) { $0.variability }
    }

    private func largest(_ count: Int, by key: (OperationStatistics) -> Double) -> [OperationStatistics] {
        let keyed: [(key: Double, statistics: OperationStatistics)] = map { (key($0), $0) }
        let sorted = keyed.sorted { left, right in
            if left.key != right.key { return left.key > right.key }
            return left.statistics.name < right.statistics.name
        }
        return sorted.prefix(Swift.max(0, count)).map(\.statistics)
    }
}
