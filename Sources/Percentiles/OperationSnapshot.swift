import SpanKitPlatform

/// The counts of one operation at one moment.
public struct OperationSnapshot: Sendable, Equatable {
    /// The operation's name; `__overflow__` for the operations beyond the engine's limit.
    public var name: String
    /// The histogram of its durations.
    public var histogram: ExponentialHistogram
    /// The number of failed runs.
    public var errorCount: UInt64

    /// Creates a snapshot.
    public init(name: String, histogram: ExponentialHistogram, errorCount: UInt64 = 0) {
        self.name = name
        self.histogram = histogram
        self.errorCount = errorCount
    }

    /// The name of the overflow operation.
    package static let overflowName = "__overflow__"

    /// Whether neither a run nor a failure was counted.
    var isEmpty: Bool { histogram.isEmpty && errorCount == 0 }

    /// The operation's count, mean, extremes and percentiles.
    public var statistics: OperationStatistics {
        OperationStatistics(name: name, histogram: histogram, errorCount: errorCount)
    }
}

extension [OperationSnapshot] {
    /// Adds the operations of another process or run. Operations with the same name are merged; new ones are appended.
    /// - Throws: ``HistogramError`` if two histograms cannot be merged; the array is then unchanged.
    public mutating func merge(_ others: [OperationSnapshot]) throws(HistogramError) {
        var merged = self
        var places: [ByteText: Int] = [:]
        for (place, snapshot) in merged.enumerated() { places[ByteText(snapshot.name)] = place }
        for other in others {
            guard let place = places[ByteText(other.name)] else {
                places[ByteText(other.name)] = merged.count
                merged.append(other)
                continue
            }
            try merged[place].histogram.merge(other.histogram)
            merged[place].errorCount = merged[place].errorCount.addingSaturating(other.errorCount)
        }
        self = merged
    }

    /// Returns the operations of one engine under other names. Operations that get the same name are merged.
    package func renamed(_ name: (String) -> String) -> [OperationSnapshot] {
        var renamed: [OperationSnapshot] = []
        // Histograms of one engine have one scale and one unit, so they can be merged.
        try? renamed.merge(
            map { .init(name: name($0.name), histogram: $0.histogram, errorCount: $0.errorCount) }
        )
        return renamed
    }
}
