extension [UInt64] {
    /// The exact percentile of values that are sorted: the nearest rank. There has to be a value.
    package func nearestRank(percent: Int) -> UInt64 { self[Swift.max(0, (percent * count + 99) / 100 - 1)] }
}
