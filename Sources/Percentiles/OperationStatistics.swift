/// What a table shows about one operation: durations in nanoseconds, memory in bytes.
public struct OperationStatistics: Sendable, Equatable {
    /// The operation's name.
    public var name: String
    /// How often it ran.
    public var count: UInt64
    /// How many of the runs failed.
    public var errorCount: UInt64
    /// The time spent in it altogether, exact (up to 584 years).
    public var totalNanoseconds: UInt64
    /// The mean duration.
    public var averageNanoseconds: Double
    /// The shortest duration, exact.
    public var minimumNanoseconds: UInt64
    /// The longest duration, exact.
    public var maximumNanoseconds: UInt64
    /// The median, within 0.271 % at scale 8; so are the other percentiles.
    public var p50Nanoseconds: Double
    /// Nine of ten runs took no longer.
    public var p90Nanoseconds: Double
    /// 95 of 100 runs took no longer.
    public var p95Nanoseconds: Double
    /// 99 of 100 runs took no longer.
    public var p99Nanoseconds: Double
    /// The mean change of memory in use during a run, in bytes; nil when it was never sampled.
    public var averageMemoryDeltaBytes: Double?

    /// Of fewer runs p99 is their maximum under another name, and tables do not show it.
    package static let fewestForP99: UInt64 = 100
    /// Fewer runs than these are left out where operations are ordered by their variability, unless a caller says otherwise.
    public static let fewestForVariability: UInt64 = 20

    /// Whether ``p99Nanoseconds`` says something that ``maximumNanoseconds`` does not.
    package var knowsP99: Bool { count >= Self.fewestForP99 }

    /// How much longer a slow run takes than a usual one: p99 / p50; 1 when the median is 0.
    public var variability: Double {
        p50Nanoseconds > 0 ? p99Nanoseconds / p50Nanoseconds : 1
    }

    /// Statistics from their parts, as they come out of a file.
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

    /// The statistics of everything a histogram has counted.
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
