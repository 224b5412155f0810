/// What the engine knew about one operation at one moment.
public struct OperationSnapshot: Sendable, Equatable {
    /// The operation's name; `__overflow__` for what exceeded the limit of operations.
    public var name: String
    /// Its durations.
    public var histogram: ExponentialHistogram
    /// How many runs failed.
    public var errorCount: UInt64

    /// A snapshot from its parts.
    public init(name: String, histogram: ExponentialHistogram, errorCount: UInt64 = 0) {
        self.name = name
        self.histogram = histogram
        self.errorCount = errorCount
    }

    /// The name of the operation that takes what exceeds the limit.
    package static let overflowName = "__overflow__"

    /// Whether it has counted neither a run nor a failure.
    var isEmpty: Bool { histogram.isEmpty && errorCount == 0 }

    /// The numbers a table shows.
    public var statistics: OperationStatistics {
        OperationStatistics(name: name, histogram: histogram, errorCount: errorCount)
    }
}

extension [OperationSnapshot] {
    /// Adds the operations of another process or run; those of the same name become one.
    ///
    /// New names follow in the order they come in.
    /// - Throws: ``HistogramError`` when two histograms cannot be merged; then nothing has changed.
    public mutating func merge(_ others: [OperationSnapshot]) throws(HistogramError) {
        var merged = self
        var places: [String: Int] = [:]
        for (place, snapshot) in merged.enumerated() { places[snapshot.name] = place }
        for other in others {
            guard let place = places[other.name] else {
                places[other.name] = merged.count
                merged.append(other)
                continue
            }
            try merged[place].histogram.merge(other.histogram)
            merged[place].errorCount = merged[place].errorCount.addingSaturating(other.errorCount)
        }
        self = merged
    }

    /// The operations of one engine under other names; those that get the same name become one.
    package func renamed(_ name: (String) -> String) -> [OperationSnapshot] {
        var renamed: [OperationSnapshot] = []
        // Histograms of one engine have one scale and one unit, so they can be merged.
        try? renamed.merge(
            map { .init(name: name($0.name), histogram: $0.histogram, errorCount: $0.errorCount) }
        )
        return renamed
    }
}
