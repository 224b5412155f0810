/// What a redactor knows about the texts in a source's string table, so that each name or key is checked once.
///
/// Only one thread at a time may use it. Invariant: `facts` points to `capacity` initialized facts.
struct TextFacts: ~Copyable {
    struct Fact: Equatable {
        /// 0 if nothing is known.
        fileprivate var bits: UInt32

        static let unknown = Fact(bits: 0)
        /// The text needs no redaction, and no rule names it as a key.
        static let plain = Fact(bits: 1)

        /// - Parameter action: the action for the values of this key; nil if no rule names it.
        init(isFound: Bool, action: Int?) {
            bits = 1 | (isFound ? 2 : 0) | UInt32(clamping: (action ?? -1) + 1) << 2
        }

        private init(bits: UInt32) { self.bits = bits }

        var isFound: Bool { bits & 2 != 0 }
        var action: Int? { bits >> 2 == 0 ? nil : Int(bits >> 2) - 1 }
    }

    private var facts: UnsafeMutablePointer<Fact>
    private var capacity: Int

    /// The largest number that is remembered. The string table has no larger ones.
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
