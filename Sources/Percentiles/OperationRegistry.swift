import SpanKitPlatform
import Synchronization

/// What an engine and its threads share: the operations, the threads' shards, the budget.
///
/// It outlives the engine as long as a thread holds a shard of it, but its memory is given back by ``close()``.
/// Lock order: the registry's, then one histogram's. The registry's lock is taken to make an operation, to give a thread
/// its first histogram of an operation, when a thread ends, and by readers for one operation at a time.
final class OperationRegistry: @unchecked Sendable {
    /// Unlike any other engine's in this process, now or later; never 0.
    let id: UInt64
    let configuration: PercentileEngine.Configuration
    let table: IndexTable
    let operations: OperationTable
    let lock = Lock()
    /// How many names were refused because the limit was reached, each time they were asked for.
    let refusedNames = Atomic<UInt64>(0)
    /// How many durations could not be counted because the system had no memory.
    let lostDurations = Atomic<UInt64>(0)
    private let sharedBytes = Atomic<Int>(0)
    private let privateBytes = Atomic<Int>(0)

    // All below: under the lock.
    private(set) var operationCount = 0
    private var shards: [UnsafeMutablePointer<ThreadShard>] = []
    private var readersInUse = [true]
    private var isClosed = false

    private static let lastID = Atomic<UInt64>(0)
    /// How often a thread records an operation before it gets a histogram of its own.
    static let warmUpRecords: UInt16 = 256
    /// The reader that every engine has: ``PercentileEngine/reset()``.
    static let resetReader = 0

    init(configuration: PercentileEngine.Configuration, table: IndexTable) {
        id = Self.lastID.wrappingAdd(1, ordering: .relaxed).newValue
        self.configuration = configuration
        self.table = table
        operations = OperationTable(limit: configuration.maximumOperations, seed: id)
        sharedBytes.store(operations.byteCount, ordering: .relaxed)
        lock.withLock { _ = makeOperation(named: OperationSnapshot.overflowName) }
    }

    deinit { lock.destroy() }

    /// Bytes of the histograms and tables now in use.
    var bytesAllocated: Int {
        sharedBytes.load(ordering: .relaxed) + privateBytes.load(ordering: .relaxed)
    }

    // MARK: Operations

    /// The handle of a name, new or known; nil when there is no room for a new one.
    func intern(_ name: String) -> OperationID? {
        let hash = operations.hash(name)
        if let known = operations.operation(named: name, hash: hash) { return known.id }
        return lock.withLock {
            if let known = operations.operation(named: name, hash: hash) { return known.id }
            guard operationCount <= operations.limit else { return nil }
            return makeOperation(named: name)
        }
    }

    private func makeOperation(named name: String) -> OperationID {
        let id = OperationID(rawValue: UInt32(operationCount))
        let operation = Operation(
            id: id,
            name: name,
            hash: operations.hash(name),
            table: table,
            readers: readersInUse.count
        )
        operations.insert(operation)
        operationCount += 1
        sharedBytes.wrappingAdd(LiveHistogram.headerBytes, ordering: .relaxed)
        return id
    }

    /// The operation behind a handle; the overflow operation for a foreign one.
    func operation(_ id: OperationID) -> Operation? {
        operations.operation(id) ?? operations.operation(.overflow)
    }

    // MARK: Threads

    /// Counts what the fast path could not: first records, new extremes, zeros.
    func record(_ id: OperationID, nanoseconds: UInt64, memoryDelta: Int64?) {
        guard let operation = operation(id) else { return }
        var shard = ThreadShard.current
        if shard?.pointee.engineID.load(ordering: .relaxed) != self.id { shard = ThreadShards.shard(for: self) }
        guard let shard else { return }
        if let histogram = shard.pointee.histogram(of: operation.id) ?? promote(operation, in: shard) {
            let allowance = configuration.privateByteBudget - privateBytes.load(ordering: .relaxed)
            if let growth = histogram.pointee.record(nanoseconds: nanoseconds, allowance: allowance) {
                if let memoryDelta { histogram.pointee.addMemory(memoryDelta) }
                if growth > 0 { privateBytes.wrappingAdd(growth, ordering: .relaxed) }
                return
            }
        }
        let shared = operation.shared
        shared.pointee.lock.withLock {
            guard let growth = shared.pointee.recordLocked(nanoseconds: nanoseconds, allowance: .max) else {
                lostDurations.wrappingAdd(1, ordering: .relaxed)
                return
            }
            if let memoryDelta { shared.pointee.addMemory(memoryDelta) }
            if growth > 0 { sharedBytes.wrappingAdd(growth, ordering: .relaxed) }
        }
    }

    /// A histogram of the thread's own, once it has recorded the operation often enough and the budget allows.
    private func promote(
        _ operation: Operation,
        in shard: UnsafeMutablePointer<ThreadShard>
    ) -> UnsafeMutablePointer<LiveHistogram>? {
        let place = operation.id.rawValue
        if place >= shard.pointee.capacity.load(ordering: .relaxed) {
            lock.withLock {
                _ = privateBytes.wrappingAdd(shard.pointee.makeRoom(for: place + 1), ordering: .relaxed)
            }
        }
        guard let warmUps = shard.pointee.warmUps.load(ordering: .relaxed),
            let histograms = shard.pointee.histograms.load(ordering: .relaxed)
        else { return nil }
        guard warmUps[Int(place)] >= Self.warmUpRecords else {
            warmUps[Int(place)] += 1
            return nil
        }
        guard privateBytes.load(ordering: .relaxed) + LiveHistogram.headerBytes < configuration.privateByteBudget else {
            return nil
        }
        let histogram = LiveHistogram.make(table: table)
        lock.withLock { histograms[Int(place)] = histogram }
        privateBytes.wrappingAdd(LiveHistogram.headerBytes, ordering: .relaxed)
        return histogram
    }

    /// Takes up a thread's new shard.
    func adopt(_ shard: UnsafeMutablePointer<ThreadShard>) {
        lock.withLock { shards.append(shard) }
    }

    /// Takes over what an ending thread has counted, unless the engine is gone.
    ///
    /// Runs on that thread.
    func retire(_ shard: UnsafeMutablePointer<ThreadShard>) {
        lock.withLock {
            guard !isClosed else { return }
            shards.removeAll { $0 == shard }
            for place in 0..<Int(shard.pointee.capacity.load(ordering: .relaxed)) {
                let id = OperationID(rawValue: UInt32(place))
                guard let histogram = shard.pointee.histogram(of: id), let operation = operation(id) else { continue }
                let shared = operation.shared
                let growth = shared.pointee.lock.withLock { shared.pointee.absorb(histogram.pointee) }
                if let growth {
                    sharedBytes.wrappingAdd(growth, ordering: .relaxed)
                } else {
                    lostDurations.wrappingAdd(histogram.pointee.total, ordering: .relaxed)
                }
            }
            free(shard)
        }
    }

    private func free(_ shard: UnsafeMutablePointer<ThreadShard>) {
        var bytes = Int(shard.pointee.capacity.load(ordering: .relaxed)) * ThreadShard.bytesPerOperation
        for place in 0..<shard.pointee.capacity.load(ordering: .relaxed) {
            guard let histogram = shard.pointee.histogram(of: OperationID(rawValue: place)) else { continue }
            bytes += LiveHistogram.headerBytes + histogram.pointee.bucketBytes
            LiveHistogram.destroy(histogram)
        }
        shard.pointee.freeTables()
        privateBytes.wrappingSubtract(bytes, ordering: .relaxed)
    }

    /// Gives back all memory but the threads' empty shards, which are theirs to free.
    ///
    /// When the engine goes.
    func close() {
        lock.withLock {
            isClosed = true
            for shard in shards {
                free(shard)
                // From here on the thread may free it.
                shard.pointee.engineID.store(0, ordering: .releasing)
            }
            shards = []
            operations.destroy()
        }
    }

    // MARK: Fork

    /// Keeps other threads from changing anything during a fork: takes the registry's lock, behind it every histogram's.
    ///
    /// Whoever holds a histogram's lock never wants another one, so their order among themselves does not matter.
    func acquireForFork() {
        lock.acquireForFork()
        for operation in operations.all { forEachHistogram(of: operation) { $0.pointee.lock.acquireForFork() } }
    }

    // MARK: Readers

    /// A place for a reader's extremes in every operation.
    ///
    func addReader() -> Int {
        lock.withLock {
            let free = readersInUse.firstIndex(of: false)
            let reader = free ?? readersInUse.count
            if free == nil { readersInUse.append(true) } else { readersInUse[reader] = true }
            for place in 0..<operationCount {
                guard let operation = operations.operation(OperationID(rawValue: UInt32(place))) else { continue }
                tick(operation)
                if free == nil { operation.extents.append(DurationExtent()) }
                operation.extents[reader] = operation.lifetime
            }
            return reader
        }
    }

    /// Makes a reader's place free for another.
    func removeReader(_ reader: Int) {
        lock.withLock { readersInUse[reader] = false }
    }

    /// Everything ever counted of an operation, with the extremes since `reader` last began anew; and, if asked, begins anew.
    /// - Parameter reader: nil for one that never does.
    func read(
        _ operation: Operation,
        for reader: Int?,
        beginningAnew: Bool
    ) -> (histogram: ExponentialHistogram, extent: DurationExtent, errorCount: UInt64) {
        lock.withLock {
            let errorCount = operation.errorCount.load(ordering: .relaxed)
            var tally = HistogramTally(table: table)
            forEachHistogram(of: operation) { $0.pointee.read(into: &tally) }
            // After the buckets, so that every duration in them is within the extremes.
            var extent = reader.map { operation.extents[$0] } ?? operation.lifetime
            if let reader, beginningAnew {
                tick(operation)
                extent = operation.extents[reader]
                operation.extents[reader] = DurationExtent()
            } else {
                forEachHistogram(of: operation) { extent.formUnion($0.pointee.extent(beginningAnew: false)) }
            }
            return (tally.histogram(extent: extent), extent, errorCount)
        }
    }

    /// Hands the extremes since the last tick to every reader.
    private func tick(_ operation: Operation) {
        var extent = DurationExtent()
        forEachHistogram(of: operation) { extent.formUnion($0.pointee.extent(beginningAnew: true)) }
        operation.lifetime.formUnion(extent)
        for reader in operation.extents.indices { operation.extents[reader].formUnion(extent) }
    }

    private func forEachHistogram(of operation: Operation, _ body: (UnsafeMutablePointer<LiveHistogram>) -> Void) {
        body(operation.shared)
        for shard in shards {
            if let histogram = shard.pointee.histogram(of: operation.id) { body(histogram) }
        }
    }
}
