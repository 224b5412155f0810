import SpanKitPlatform

/// The statistics of one operation: durations in nanoseconds, memory in bytes.
public struct OperationStatistics: Sendable, Equatable {
    /// The operation's name.
    public var name: String
    /// The number of runs.
    public var count: UInt64
    /// The number of failed runs.
    public var errorCount: UInt64
    /// The exact total duration of all runs, up to 584 years.
    public var totalNanoseconds: UInt64
    /// The mean duration.
    public var averageNanoseconds: Double
    /// The exact shortest duration.
    public var minimumNanoseconds: UInt64
    /// The exact longest duration.
    public var maximumNanoseconds: UInt64
    /// The median. This and the other percentiles have an error of at most 0.271 % at scale 8.
    public var p50Nanoseconds: Double
    /// The 90th percentile: 90 of 100 runs took at most this long.
    public var p90Nanoseconds: Double
    /// The 95th percentile: 95 of 100 runs took at most this long.
    public var p95Nanoseconds: Double
    /// The 99th percentile: 99 of 100 runs took at most this long.
    public var p99Nanoseconds: Double
    /// The mean change in memory use during a run, in bytes; nil if it was never measured.
    public var averageMemoryDeltaBytes: Double?

    /// The smallest number of runs for which tables show p99. With fewer runs it equals the maximum.
    package static let fewestForP99: UInt64 = 100
    /// The default minimum number of runs for an operation to be ranked by variability.
    public static let fewestForVariability: UInt64 = 20

    /// Whether there are enough runs for ``p99Nanoseconds`` to differ from ``maximumNanoseconds``.
    package var knowsP99: Bool { count >= Self.fewestForP99 }

    /// p99 / p50: how many times longer a slow run takes than a typical run; 1 if the median is 0.
    public var variability: Double {
        p50Nanoseconds > 0 ? p99Nanoseconds / p50Nanoseconds : 1
    }

    /// Creates statistics from given values, such as those read from a file.
    public init(
        name: String,
        count: UInt64,
        errorCount: UInt64 = 0,
        totalNanoseconds: UInt64,
        averageNanoseconds: Double,
        minimumNanoseconds: UInt64,
        maximumNanoseconds: UInt64,
        p50Nanoseconds: Double,
        p90Nanoseconds: Double,
        p95Nanoseconds: Double,
        p99Nanoseconds: Double,
        averageMemoryDeltaBytes: Double? = nil
    ) {
        self.name = name
        self.count = count
        self.errorCount = errorCount
        self.totalNanoseconds = totalNanoseconds
        self.averageNanoseconds = averageNanoseconds
        self.minimumNanoseconds = minimumNanoseconds
        self.maximumNanoseconds = maximumNanoseconds
        self.p50Nanoseconds = p50Nanoseconds
        self.p90Nanoseconds = p90Nanoseconds
        self.p95Nanoseconds = p95Nanoseconds
        self.p99Nanoseconds = p99Nanoseconds
        self.averageMemoryDeltaBytes = averageMemoryDeltaBytes
    }

    /// Creates the statistics of a histogram.
    public init(name: String, histogram: ExponentialHistogram, errorCount: UInt64 = 0) {
        let quantiles = histogram.quantiles([0.5, 0.9, 0.95, 0.99]).map(\.estimate)
        self.init(
            name: name,
            count: histogram.count,
            errorCount: errorCount,
            totalNanoseconds: UInt64(clamping: histogram.sumNanoseconds),
            averageNanoseconds: histogram.averageNanoseconds,
            minimumNanoseconds: histogram.minimumNanoseconds,
            maximumNanoseconds: histogram.maximumNanoseconds,
            p50Nanoseconds: quantiles.isEmpty ? 0 : quantiles[0],
            p90Nanoseconds: quantiles.isEmpty ? 0 : quantiles[1],
            p95Nanoseconds: quantiles.isEmpty ? 0 : quantiles[2],
            p99Nanoseconds: quantiles.isEmpty ? 0 : quantiles[3],
            averageMemoryDeltaBytes: histogram.averageMemoryDeltaBytes
        )
    }
}

extension [OperationStatistics] {
    /// The `count` operations with the longest total time, in descending order; ties are ordered by name.
    public func topByTotalTime(_ count: Int) -> [OperationStatistics] {
        largest(count) { Double($0.totalNanoseconds) }
    }

    /// The `count` operations with the longest average duration, in descending order; ties are ordered by name.
    public func slowestByAverage(_ count: Int) -> [OperationStatistics] {
        largest(count) { $0.averageNanoseconds }
    }

    /// The `count` operations with the highest ``OperationStatistics/variability``, in descending order; ties are ordered by name.
    /// - Parameters:
    ///   - count: the largest number of operations to return.
    ///   - minimumCount: the smallest number of runs. Operations with fewer are left out, because their p99 is close to
    ///     the maximum.
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
            return ByteText(left.statistics.name) < ByteText(right.statistics.name)
        }
        return sorted.prefix(Swift.max(0, count)).map(\.statistics)
    }
}
