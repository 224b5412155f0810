/// Counts how many different values there were, by their hashes: a million values take a few tens of megabytes, whatever their
/// length.
struct DistinctValues {
    /// Beyond so many nobody asks for the exact number.
    static let limit = 1_000_000

    private var hashes: Set<Int> = []
    /// One of them, shortened, to be recognised by.
    private(set) var example = ""

    /// How many there were; at ``limit``, at least so many.
    var count: Int { hashes.count }

    /// - Returns: whether it is new.
    @discardableResult
    mutating func add(_ value: String) -> Bool {
        if hashes.isEmpty { example = String(value.prefix(80)) }
        guard hashes.count < Self.limit else { return false }
        var hasher = Hasher()
        // By bytes, as labels are compared.
        for byte in value.utf8 { hasher.combine(byte) }
        return hashes.insert(hasher.finalize()).inserted
    }
}
