import CSpanKit
import SpanKitPlatform
import Synchronization

/// Counts how often operations run, how long they take, how often they fail and how their memory use changes.
///
/// Recording a duration takes about 2 ns. The engine's memory is bounded.
///
/// ```swift
/// let engine = PercentileEngine()
/// let query = engine.operation(named: "database_query")
/// engine.record(query, nanoseconds: 1_250_000)
/// print(engine.snapshot(of: query).statistics.p99Nanoseconds)
/// ```
/// All methods can be called from any thread. Threads keep recording during a snapshot, because each has its own
/// histograms, which the snapshot adds up. A handle is valid only for the engine that created it.
public final class PercentileEngine: Sendable {
    @usableFromInline let id: UInt64
    let registry: OperationRegistry
    /// Reads the counts since the last reset.
    private let sinceReset: HistogramReader
    private let sinceStart: HistogramReader
    /// The process that the counts since the last reset belong to, as numbered by `spankit_forks()`.
    private let process = Atomic<UInt64>(spankit_forks())
    private let becomingOwn = Locked(false)
    private let countLate: (@Sendable (PercentileEngine) -> Void)?

    /// Creates an engine.
    public convenience init(configuration: Configuration = Configuration()) {
        self.init(configuration: configuration, countLate: nil)
    }

    /// Creates an engine for a program part that counts some durations later than they were measured.
    /// - Parameter countLate: Counts the durations that are still missing. It is called, without a lock of the engine, before the
    ///   counts are read or reset, on any thread.
    package init(
        configuration: Configuration = Configuration(),
        countLate: (@Sendable (PercentileEngine) -> Void)?
    ) {
        self.countLate = countLate
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

    /// The handle of an operation. The same name always has the same handle.
    ///
    /// Look the operation up once and keep the handle: a lookup takes about 20 ns, ten times as long as recording. When
    /// the engine has reached its limit of operations, every new name gets ``OperationID/overflow``.
    public func operation(named name: String) -> OperationID {
        if let id = registry.intern(name) { return id }
        registry.refusedNames.wrappingAdd(1, ordering: .relaxed)
        return .overflow
    }

    /// The name of an operation; `__overflow__` for an unknown handle.
    public func name(of operation: OperationID) -> String {
        registry.operation(operation)?.name ?? OperationSnapshot.overflowName
    }

    // MARK: Recording

    /// Counts one run of an operation.
    ///
    /// This takes about 2 ns and does not allocate. The first 256 runs of an operation on each thread take a lock and
    /// are slower.
    /// - Parameters:
    ///   - operation: the operation's handle.
    ///   - nanoseconds: the duration. Durations above 2^47 ns (39 h) are counted in the last bucket; the sum and the maximum
    ///     stay exact.
    @inlinable
    @inline(__always)
    public func record(_ operation: OperationID, nanoseconds: UInt64) {
        guard let shard = ThreadShard.current, shard.pointee.engineID.load(ordering: .relaxed) == id,
            let histogram = shard.pointee.histogram(of: operation),
            histogram.pointee.recordInRange(nanoseconds: nanoseconds)
        else {
            recordSlowly(operation, nanoseconds: nanoseconds)
            return
        }
    }

    /// Counts one run of an operation, with the change in memory use during the run, in bytes.
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

    /// Counts one failure of an operation. The run itself is recorded separately.
    public func recordError(_ operation: OperationID) {
        becomeOwn()
        registry.operation(operation)?.errorCount.wrappingAdd(1, ordering: .relaxed)
    }

    @usableFromInline
    @inline(never)
    func recordSlowly(_ operation: OperationID, nanoseconds: UInt64, memoryDelta: Int64? = nil) {
        becomeOwn()
        registry.record(operation, nanoseconds: nanoseconds, memoryDelta: memoryDelta)
    }

    // MARK: Reading

    /// The counts of all operations that ran since the engine was created or last reset, in the order of their first
    /// use.
    ///
    /// The counts are exact if no thread records during the call. Otherwise they may include only some of the durations
    /// that are recorded during the call.
    public func snapshot() -> [OperationSnapshot] {
        countMissing()
        return sinceReset.differences()
    }

    /// The counts since the engine was created, regardless of ``reset()``. Use them for counters that must not
    /// decrease.
    public func total() -> [OperationSnapshot] {
        countMissing()
        return sinceStart.differences()
    }

    /// The counts of one operation since the engine was created or last reset.
    public func snapshot(of operation: OperationID) -> OperationSnapshot {
        guard let operation = registry.operation(operation) else {
            return OperationSnapshot(name: OperationSnapshot.overflowName, histogram: ExponentialHistogram())
        }
        countMissing()
        return sinceReset.difference(of: operation)
    }

    /// Restarts the counts of ``snapshot()`` at zero. Handles stay valid, and ``total()``, ``DeltaReader`` and
    /// ``SlidingWindow`` are not affected.
    public func reset() {
        countMissing()
        sinceReset.restart()
    }

    /// Counts the durations that were measured but not counted yet. Call it before reading the counts, without a lock.
    func countMissing() {
        becomeOwn()
        countLate?(self)
    }

    // MARK: The engine itself

    /// How many times ``operation(named:)`` returned ``OperationID/overflow`` because the limit was reached.
    public var refusedNameCount: UInt64 { registry.refusedNames.load(ordering: .relaxed) }

    /// The number of durations that were not counted because the system had no memory for their bucket.
    public var lostDurationCount: UInt64 { registry.lostDurations.load(ordering: .relaxed) }

    /// The memory of the engine's histograms and tables, in bytes.
    public var bytesAllocated: Int { registry.bytesAllocated }

    // MARK: Fork

    /// Takes every lock of the engine before a fork, so that no lock is held in the child by a thread that does not exist there.
    package func acquireForFork() {
        becomingOwn.acquireForFork()
        sinceReset.acquireForFork()
        sinceStart.acquireForFork()
        registry.acquireForFork()
    }

    /// In the child of a fork, discards the parent's counts before anything else happens.
    ///
    /// ``record(_:nanoseconds:)`` does not need this: it reads the thread-local shard, which a thread of the child has only after its
    /// first slow record.
    @inline(__always)
    private func becomeOwn() {
        if process.load(ordering: .acquiring) != spankit_forks() { startEmptyAfterFork() }
    }

    @inline(never)
    private func startEmptyAfterFork() {
        becomingOwn.withLock { _ in
            guard process.load(ordering: .relaxed) != spankit_forks() else { return }
            sinceReset.restart()
            process.store(spankit_forks(), ordering: .releasing)
        }
    }
}

extension PercentileEngine {
    /// The configuration of an engine. The defaults suit a server.
    public struct Configuration: Sendable, Equatable {
        /// The resolution: 8 for percentiles with an error of at most 0.271 %, or 7 for 0.543 % with half the memory.
        ///
        /// Any other value is replaced by the nearer of the two.
        public var scale = 8
        /// The unit of the bucket boundaries. OTLP requires seconds for a metric with the unit `s`.
        public var unit = BucketUnit.seconds
        /// The largest number of operations, 1…1,048,576. All further names share ``OperationID/overflow``.
        ///
        /// The default is OpenTelemetry's cardinality limit. An operation takes at most 100 KiB at scale 8, plus the
        /// threads' own histograms (see ``privateByteBudget``).
        public var maximumOperations = 2_000
        /// The memory limit for the threads' own histograms, in bytes. When it is reached, threads share histograms and
        /// lock them.
        public var privateByteBudget = 64 << 20

        /// Creates the default configuration.
        public init() {}

        /// The configuration with each value limited to its range.
        var checked: Configuration {
            var checked = self
            checked.scale = min(max(scale, IndexTable.scales.lowerBound), IndexTable.scales.upperBound)
            checked.maximumOperations = min(max(maximumOperations, 1), 1 << 20)
            checked.privateByteBudget = max(privateByteBudget, 0)
            return checked
        }
    }
}
