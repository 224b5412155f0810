/// Counts distinct values by their hashes. A million values take a few tens of megabytes, whatever their length.
struct DistinctValues {
    /// The number at which counting stops.
    static let limit = 1_000_000

    private var hashes: Set<Int> = []
    /// One of the values, shortened.
    private(set) var example = ""

    /// The number of distinct values; ``limit`` if there are at least that many.
    var count: Int { hashes.count }

    mutating func add(_ value: String) {
        if hashes.isEmpty { example = String(value.prefix(80)) }
        guard hashes.count < Self.limit else { return }
        var hasher = Hasher()
        // Labels are compared by bytes.
        for byte in value.utf8 { hasher.combine(byte) }
        hashes.insert(hasher.finalize())
    }
}
