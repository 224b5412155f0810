import SpanKitPlatform
import Synchronization

/// What an engine and its threads share: the operations, the threads' shards, and the memory budget.
///
/// It stays alive after the engine while a thread still has one of its shards, but ``close()`` frees its memory.
/// Lock order: the registry's lock first, then the lock of one histogram. A thread takes the registry's lock when it adds an
/// operation, when it gets its own histogram of an operation, and when it ends. A reader takes it for one operation at a time.
final class OperationRegistry: @unchecked Sendable {
    /// Unique among all engines of this process, past and future. Never 0.
    let id: UInt64
    let configuration: PercentileEngine.Configuration
    let table: IndexTable
    let operations: OperationTable
    let lock = Lock()
    /// How often a new name was refused because the limit was reached.
    let refusedNames = Atomic<UInt64>(0)
    /// The number of durations that were not counted because the system had no memory.
    let lostDurations = Atomic<UInt64>(0)
    private let sharedBytes = Atomic<Int>(0)
    private let privateBytes = Atomic<Int>(0)

    // The lock guards everything below.
    private(set) var operationCount = 0
    private var shards: [UnsafeMutablePointer<ThreadShard>] = []
    private var readersInUse = [true]
    private var isClosed = false

    private static let lastID = Atomic<UInt64>(0)
    /// How many times a thread records an operation before it gets its own histogram of it.
    static let warmUpRecords: UInt16 = 256
    /// The reader of ``PercentileEngine/reset()``, which every engine has.
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

    /// The bytes of the histograms and tables in use.
    var bytesAllocated: Int {
        sharedBytes.load(ordering: .relaxed) + privateBytes.load(ordering: .relaxed)
    }

    // MARK: Operations

    /// The handle of a name; nil for a new name beyond the limit.
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

    /// The operation of a handle; the overflow operation for a handle of another engine.
    func operation(_ id: OperationID) -> Operation? {
        operations.operation(id) ?? operations.operation(.overflow)
    }

    // MARK: Threads

    /// Counts a duration that the fast path could not count: the first ones, new extremes, and zeros.
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

    /// Gives the thread its own histogram, if it has recorded the operation often enough and the budget allows it.
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

    /// Adds a thread's new shard.
    func adopt(_ shard: UnsafeMutablePointer<ThreadShard>) {
        lock.withLock { shards.append(shard) }
    }

    /// Takes over the counts of an ending thread, on that thread. Does nothing if the engine is gone.
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

    /// Frees all memory except the empty shards, which their threads free. Called when the engine is released.
    func close() {
        lock.withLock {
            isClosed = true
            for shard in shards {
                free(shard)
                // After this store, the thread may free the shard.
                shard.pointee.engineID.store(0, ordering: .releasing)
            }
            shards = []
            operations.destroy()
        }
    }

    // MARK: Fork

    /// Takes the registry's lock and then every histogram's lock, so that no other thread holds one during a fork.
    ///
    /// A thread that holds a histogram's lock never takes another lock, so the order of the histograms does not matter.
    func acquireForFork() {
        lock.acquireForFork()
        for operation in operations.all { forEachHistogram(of: operation) { $0.pointee.lock.acquireForFork() } }
    }

    // MARK: Readers

    /// Reserves a number for a new reader, under which every operation keeps the reader's extremes.
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

    /// Frees a reader's number for another reader.
    func removeReader(_ reader: Int) {
        lock.withLock { readersInUse[reader] = false }
    }

    /// All counts of an operation, with the extremes since the last restart of a reader.
    /// - Parameters:
    ///   - reader: the reader's number; nil for a reader that is never restarted.
    ///   - restarts: whether to restart the reader.
    func read(
        _ operation: Operation,
        for reader: Int?,
        restarts: Bool
    ) -> (total: OperationSnapshot, extent: DurationExtent) {
        lock.withLock {
            let errorCount = operation.errorCount.load(ordering: .relaxed)
            var tally = HistogramTally(table: table)
            forEachHistogram(of: operation) { $0.pointee.read(into: &tally) }
            // The extremes are read after the buckets, so that every duration in the buckets is within the extremes.
            var extent = reader.map { operation.extents[$0] } ?? operation.lifetime
            if let reader, restarts {
                tick(operation)
                extent = operation.extents[reader]
                operation.extents[reader] = DurationExtent()
            } else {
                forEachHistogram(of: operation) { extent.formUnion($0.pointee.extent(restarts: false)) }
            }
            let histogram = tally.takeHistogram(extent: extent)
            return (OperationSnapshot(name: operation.name, histogram: histogram, errorCount: errorCount), extent)
        }
    }

    /// Starts a new tick: adds the extremes since the previous one to those of every reader.
    private func tick(_ operation: Operation) {
        var extent = DurationExtent()
        forEachHistogram(of: operation) { extent.formUnion($0.pointee.extent(restarts: true)) }
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
