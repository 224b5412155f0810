/// The bytes of a small value as it lies in memory, by which a later look can tell that it is the same: equal bytes mean equal
/// values, different ones may mean nothing. Whoever keeps them keeps whatever the value refers to, too, or else a new object may
/// have an old one's address.
struct ValueBytes: Equatable {
    private var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)

    /// Copies the bytes of a value, of which there may be 48, where it lies: of those it does not use a copy has others.
    @inline(__always)
    init<Value>(of value: inout Value) {
        precondition(MemoryLayout<Value>.size <= MemoryLayout.size(ofValue: words), "48 bytes are the most")
        withUnsafeBytes(of: &value) { bytes in withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) } }
    }

    @inline(__always)
    static func == (one: ValueBytes, other: ValueBytes) -> Bool {
        let (one, other) = (one.words, other.words)
        return (one.0 ^ other.0) | (one.1 ^ other.1) | (one.2 ^ other.2) | (one.3 ^ other.3) | (one.4 ^ other.4)
            | (one.5 ^ other.5) == 0
    }
}
