/// What a redactor knows of the numbers of a source's string table, so that a name or a key is looked at once.
///
/// Belongs to one thread at a time. Invariant: `facts` holds `capacity` facts, all of them initialized.
struct TextFacts: ~Copyable {
    struct Fact: Equatable {
        /// 0 where nothing is known.
        fileprivate var bits: UInt32

        static let unknown = Fact(bits: 0)
        /// The text may leave, and so may what stands under it as a key.
        static let plain = Fact(bits: 1)

        /// - Parameter action: for the values under this key; nil for none.
        init(isFound: Bool, action: Int?) {
            bits = 1 | (isFound ? 2 : 0) | UInt32(clamping: (action ?? -1) + 1) << 2
        }

        private init(bits: UInt32) { self.bits = bits }

        var isFound: Bool { bits & 2 != 0 }
        var action: Int? { bits >> 2 == 0 ? nil : Int(bits >> 2) - 1 }
    }

    private var facts: UnsafeMutablePointer<Fact>
    private var capacity: Int

    /// Of numbers that are remembered; the string table gives no larger ones.
    private static let largestNumber: UInt32 = 65_535

    init() {
        capacity = 256
        facts = .allocate(capacity: capacity)
        facts.initialize(repeating: .unknown, count: capacity)
    }

    deinit { facts.deallocate() }

    mutating func removeAll() { facts.update(repeating: .unknown, count: capacity) }

    @inline(__always)
    subscript(number: UInt32) -> Fact {
        Int(number) < capacity ? facts[Int(number)] : .unknown
    }

    mutating func remember(_ fact: Fact, of number: UInt32) {
        guard number <= Self.largestNumber else { return }
        if Int(number) >= capacity { grow(to: max(2 * capacity, Int(number) + 1)) }
        facts[Int(number)] = fact
    }

    private mutating func grow(to larger: Int) {
        let moved = UnsafeMutablePointer<Fact>.allocate(capacity: larger)
        moved.moveInitialize(from: facts, count: capacity)
        (moved + capacity).initialize(repeating: .unknown, count: larger - capacity)
        facts.deallocate()
        facts = moved
        capacity = larger
    }
}
