import Synchronization

/// From names and handles to operations: read without a lock, written under the registry's.
///
/// Both arrays have their full size from the start, so that a reader never meets one being replaced. Slots go from nil to
/// an operation once (release), readers load them (acquire). Operations live as long as the table.
struct OperationTable: @unchecked Sendable {
    private typealias Slot = Atomic<UnsafeRawPointer?>

    /// How many operations there can be, the overflow operation apart.
    let limit: Int
    private let byID: UnsafeMutablePointer<Slot>
    private let byHash: UnsafeMutablePointer<Slot>
    private let mask: Int
    private let seed: UInt64

    init(limit: Int, seed: UInt64) {
        self.limit = limit
        self.seed = seed
        var slots = 16
        while slots < (limit + 1) * 2 { slots *= 2 }
        mask = slots - 1
        byID = .allocate(capacity: limit + 1)
        byHash = .allocate(capacity: slots)
        for place in 0...limit { (byID + place).initialize(to: Slot(nil)) }
        for place in 0..<slots { (byHash + place).initialize(to: Slot(nil)) }
    }

    /// Releases the operations and the memory; nobody may use the table any more.
    func destroy() {
        for place in 0...limit {
            if let operation = byID[place].load(ordering: .acquiring) {
                Unmanaged<Operation>.fromOpaque(operation).release()
            }
        }
        byID.deinitialize(count: limit + 1)
        byHash.deinitialize(count: mask + 1)
        byID.deallocate()
        byHash.deallocate()
    }

    /// The bytes of the two arrays.
    var byteCount: Int { (limit + 1 + mask + 1) * MemoryLayout<Slot>.stride }

    /// The operation with a handle; nil for a handle of another engine that this one has not given out.
    func operation(_ id: OperationID) -> Operation? {
        guard Int(id.rawValue) <= limit else { return nil }
        return byID[Int(id.rawValue)].load(ordering: .acquiring).map {
            Unmanaged<Operation>.fromOpaque($0).takeUnretainedValue()
        }
    }

    /// All operations there are now, in the order of their handles.
    var all: [Operation] {
        (0...limit).lazy
            .map { operation(OperationID(rawValue: UInt32($0))) }
            .prefix { $0 != nil }
            .compactMap { $0 }
    }

    /// The operation with a name, nil when there is none yet.
    func operation(named name: String, hash: UInt64) -> Operation? {
        var place = Int(truncatingIfNeeded: hash) & mask
        while let pointer = byHash[place].load(ordering: .acquiring) {
            let operation = Unmanaged<Operation>.fromOpaque(pointer).takeUnretainedValue()
            if operation.hash == hash, operation.name == name { return operation }
            place = (place + 1) & mask
        }
        return nil
    }

    /// Adds an operation whose handle is the next free one.
    ///
    /// Under the registry's lock.
    func insert(_ operation: Operation) {
        let pointer = UnsafeRawPointer(Unmanaged.passRetained(operation).toOpaque())
        byID[Int(operation.id.rawValue)].store(pointer, ordering: .releasing)
        var place = Int(truncatingIfNeeded: operation.hash) & mask
        while byHash[place].load(ordering: .relaxed) != nil { place = (place + 1) & mask }
        byHash[place].store(pointer, ordering: .releasing)
    }

    /// A hash of the name's UTF-8, eight bytes at a time by multiplying and folding; far cheaper than SipHash.
    func hash(_ name: String) -> UInt64 {
        var name = name
        return name.withUTF8 { bytes in
            var hash = seed ^ UInt64(bytes.count)
            var rest = bytes[...]
            while !rest.isEmpty {
                var word: UInt64 = 0
                for (shift, byte) in rest.prefix(8).enumerated() { word |= UInt64(byte) << UInt64(8 * shift) }
                let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
                hash = product.high ^ product.low &+ word
                rest = rest.dropFirst(8)
            }
            return hash ^ hash >> 32
        }
    }
}
