import CSpanKit
import SpanKitPlatform
import Synchronization

/// Counts, for every operation: how often, how long, how evenly, how much memory.
///
/// At bounded memory, about 2 ns a record.
///
/// ```swift
/// let engine = PercentileEngine()
/// let query = engine.operation(named: "database_query")
/// engine.record(query, nanoseconds: 1_250_000)
/// print(engine.snapshot(of: query).statistics.p99Nanoseconds)
/// ```
/// Any thread may call anything at any time. A snapshot never stops a writer: each thread counts into histograms of its
/// own, which readers add up. Engines may come and go; handles belong to the engine that gave them.
public final class PercentileEngine: Sendable {
    @usableFromInline let id: UInt64
    let registry: OperationRegistry
    /// What was counted since the last reset.
    private let sinceReset: HistogramReader
    private let sinceStart: HistogramReader
    /// The process whose runs are counted since the last reset, as `spankit_forks()` numbers processes.
    private let process = Atomic<UInt64>(spankit_forks())
    private let becomingOwn = Locked(false)

    /// An engine that has counted nothing.
    public init(configuration: Configuration = Configuration()) {
        let configuration = configuration.checked
        // `checked` leaves only scales that have a table.
        let table =
            IndexTable.table(scale: configuration.scale, unit: configuration.unit) ?? IndexTable.standard
        registry = OperationRegistry(configuration: configuration, table: table)
        id = registry.id
        sinceReset = HistogramReader(registry: registry, reader: OperationRegistry.resetReader)
        sinceStart = HistogramReader(registry: registry, reader: nil)
    }

    deinit { registry.close() }

    // MARK: Names

    /// The handle of an operation; the same name always gives the same handle.
    ///
    /// Keep it where you can: looking up takes no lock but costs some 20 ns, ten times as much as a record.
    /// Beyond the configured limit of operations every new name gets ``OperationID/overflow``.
    public func operation(named name: String) -> OperationID {
        if let id = registry.intern(name) { return id }
        registry.refusedNames.wrappingAdd(1, ordering: .relaxed)
        return .overflow
    }

    /// The name behind a handle; `__overflow__` for a handle of another engine.
    public func name(of operation: OperationID) -> String {
        registry.operation(operation)?.name ?? OperationSnapshot.overflowName
    }

    // MARK: Recording

    /// Counts one run of an operation.
    ///
    /// About 2 ns and no allocation in the steady state; the first 256 runs on a thread take a short lock each.
    /// 0 is counted apart; above 2^47 ns (39 h) the duration lands in the last bucket, sum and maximum stay exact.
    @inlinable
    @inline(__always)
    public func record(_ operation: OperationID, nanoseconds: UInt64) {
        if !recordAtOnce(operation, nanoseconds: nanoseconds) { recordSlowly(operation, nanoseconds: nanoseconds) }
    }

    /// Counts one run of an operation if this thread has a histogram of it with a bucket for the duration, as it nearly
    /// always has.
    /// - Returns: false when it has not; then nothing has happened.
    @inlinable
    @inline(__always)
    package func recordAtOnce(_ operation: OperationID, nanoseconds: UInt64) -> Bool {
        guard let shard = ThreadShard.current, shard.pointee.engineID.load(ordering: .relaxed) == id,
            let histogram = shard.pointee.histogram(of: operation)
        else { return false }
        return histogram.pointee.recordInRange(nanoseconds: nanoseconds)
    }

    /// Counts one run of an operation with the change of memory in use meanwhile, in bytes.
    @inlinable
    @inline(__always)
    public func record(_ operation: OperationID, nanoseconds: UInt64, memoryDelta: Int64) {
        guard let shard = ThreadShard.current, shard.pointee.engineID.load(ordering: .relaxed) == id,
            let histogram = shard.pointee.histogram(of: operation),
            histogram.pointee.recordInRange(nanoseconds: nanoseconds)
        else {
            recordSlowly(operation, nanoseconds: nanoseconds, memoryDelta: memoryDelta)
            return
        }
        histogram.pointee.addMemory(memoryDelta)
    }

    /// Counts a failed run; its duration is recorded apart.
    public func recordError(_ operation: OperationID) {
        becomeOwn()
        registry.operation(operation)?.errorCount.wrappingAdd(1, ordering: .relaxed)
    }

    @usableFromInline
    @inline(never)
    func recordSlowly(_ operation: OperationID, nanoseconds: UInt64) {
        becomeOwn()
        registry.record(operation, nanoseconds: nanoseconds, memoryDelta: nil)
    }

    @usableFromInline
    @inline(never)
    func recordSlowly(_ operation: OperationID, nanoseconds: UInt64, memoryDelta: Int64) {
        becomeOwn()
        registry.record(operation, nanoseconds: nanoseconds, memoryDelta: memoryDelta)
    }

    // MARK: Reading

    /// Everything counted since the start or the last ``reset()``, of the operations that have run, oldest name first.
    ///
    /// Exact once writers are quiet; meanwhile every bucket holds all that was counted up to some moment of the call.
    public func snapshot() -> [OperationSnapshot] {
        becomeOwn()
        return sinceReset.differences()
    }

    /// What was counted since the start, whatever ``reset()`` did meanwhile: for counters that must not fall.
    public func total() -> [OperationSnapshot] {
        sinceStart.differences()
    }

    /// What was counted of one operation since the start or the last ``reset()``.
    public func snapshot(of operation: OperationID) -> OperationSnapshot {
        guard let operation = registry.operation(operation) else {
            return OperationSnapshot(name: OperationSnapshot.overflowName, histogram: ExponentialHistogram())
        }
        becomeOwn()
        return sinceReset.difference(of: operation)
    }

    /// Starts counting from zero; handles stay valid, and other readers of the engine notice nothing.
    public func reset() {
        becomeOwn()
        sinceReset.beginAnew()
    }

    // MARK: The engine itself

    /// How often a new name was refused because the limit of operations was reached.
    public var refusedNameCount: UInt64 { registry.refusedNames.load(ordering: .relaxed) }

    /// How many durations could not be counted because the system gave no memory for their bucket.
    public var lostDurationCount: UInt64 { registry.lostDurations.load(ordering: .relaxed) }

    /// How many bytes the engine's histograms and tables take.
    public var bytesAllocated: Int { registry.bytesAllocated }

    // MARK: Fork

    /// Takes every lock of the engine, so that in the child of a fork none is held by a thread that does not exist there.
    package func acquireForFork() {
        becomingOwn.acquireForFork()
        sinceReset.acquireForFork()
        sinceStart.acquireForFork()
        registry.acquireForFork()
    }

    /// Forgets what the parent has counted, in the child of a fork, before anything else happens there.
    ///
    /// ``recordAtOnce(_:nanoseconds:)`` needs no such call: it begins with the thread-local shard, which a thread of the child has
    /// only after its first slow record.
    @inline(__always)
    private func becomeOwn() {
        if process.load(ordering: .acquiring) != spankit_forks() { startEmptyAfterFork() }
    }

    @inline(never)
    private func startEmptyAfterFork() {
        becomingOwn.withLock { _ in
            guard process.load(ordering: .relaxed) != spankit_forks() else { return }
            sinceReset.beginAnew()
            process.store(spankit_forks(), ordering: .releasing)
        }
    }
}
