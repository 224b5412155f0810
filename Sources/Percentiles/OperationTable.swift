import Synchronization

/// Finds operations by name and by handle. Reading needs no lock; writing needs the registry's.
///
/// Both arrays have their full size from the start and are never replaced. Each slot changes once, from nil to an operation:
/// the writer stores it with release, readers load it with acquire. Operations live as long as the table.
struct OperationTable: @unchecked Sendable {
    private typealias Slot = Atomic<UnsafeRawPointer?>

    /// The largest number of operations, not counting the overflow operation.
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

    /// Releases the operations and frees the memory. No thread may use the table any more.
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

    /// The bytes of both arrays.
    var byteCount: Int { (limit + 1 + mask + 1) * MemoryLayout<Slot>.stride }

    /// The operation of a handle; nil for a handle that this engine has not created.
    func operation(_ id: OperationID) -> Operation? {
        guard Int(id.rawValue) <= limit else { return nil }
        return byID[Int(id.rawValue)].load(ordering: .acquiring).map {
            Unmanaged<Operation>.fromOpaque($0).takeUnretainedValue()
        }
    }

    /// All operations, in the order of their handles.
    var all: [Operation] {
        (0...limit).lazy
            .map { operation(OperationID(rawValue: UInt32($0))) }
            .prefix { $0 != nil }
            .compactMap { $0 }
    }

    /// The operation of a name; nil for an unknown name.
    func operation(named name: String, hash: UInt64) -> Operation? {
        var place = Int(truncatingIfNeeded: hash) & mask
        while let pointer = byHash[place].load(ordering: .acquiring) {
            let operation = Unmanaged<Operation>.fromOpaque(pointer).takeUnretainedValue()
            if operation.hash == hash, operation.name == name { return operation }
            place = (place + 1) & mask
        }
        return nil
    }

    /// Adds an operation, whose handle has to be the next free one. The caller holds the registry's lock.
    func insert(_ operation: Operation) {
        let pointer = UnsafeRawPointer(Unmanaged.passRetained(operation).toOpaque())
        byID[Int(operation.id.rawValue)].store(pointer, ordering: .releasing)
        var place = Int(truncatingIfNeeded: operation.hash) & mask
        while byHash[place].load(ordering: .relaxed) != nil { place = (place + 1) & mask }
        byHash[place].store(pointer, ordering: .releasing)
    }

    /// A hash of the name's UTF-8, which multiplies and folds eight bytes at a time and is much cheaper than SipHash.
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
