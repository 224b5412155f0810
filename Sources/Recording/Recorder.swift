import CSpanKit
import SpanKitPercentiles
import SpanKitPlatform
import Synchronization

/// Starts, ends and counts spans.
///
/// ``begin(_:)`` takes a live slot, and attributes are written into it. ``end(_:now:)`` appends the
/// slot's bytes to the span log and frees the slot. The percentile engine counts the duration later (``UncountedRecords``). None of
/// this takes a lock, allocates memory or counts references (`Benchmarks/RecordingBenchmarks.swift` measures it).
///
/// A recorder is never freed, because span handles are plain numbers that may outlive every reference to it. ``close()`` releases
/// the pages of the region and of the string tables; the counts of its operations remain.
///
/// Use it from any thread.
@usableFromInline
package final class Recorder: @unchecked Sendable {
    package let configuration: RecordingConfiguration
    package let engine: PercentileEngine
    @usableFromInline package let clock: AnchoredClock

    let region: Region
    let pool: LiveSlotPool
    /// The log of spans. In the child of a fork, it may hold the parent's spans until ``becomeOwn()`` was called.
    let inheritedLog: SpanLog
    /// The log of log records. In the child of a fork, it may hold the parent's records until ``becomeOwn()`` was
    /// called.
    let inheritedLogRecords: SpanLog
    let strings: StringTable
    /// The cells of ``strings``, which saves one load.
    let staticTexts: StaticTextCells
    /// The maximum number of attributes of a span.
    let attributeLimit: UInt64
    /// The limits of log records.
    let logRecordLimits: SpanLimits
    /// The maximum length of a text for ``PayloadWriter/append(key:text:)`` in bytes. It is within the limit in scalars.
    let plainTextBytes: Int
    @usableFromInline let currentSpan = CurrentSpan()
    /// The sampler's answers for the fast path of ``begin(_:)``; `ask` if every span takes the slow path.
    let plainAnswers: SamplingAnswers
    let traceStates = TraceStateTable()
    /// The scopes of libraries.
    let scopes: ScopeTable
    /// The address of a ``Neighbour``; 0 without one.
    let neighbour = Atomic<UInt>(0)
    let sampling: SamplingPath
    /// The log for warnings about wrong calls.
    let callerLog = Locked<ProfilerLog?>(nil)
    private let ignoredCallLimit = WarningLimit(lines: 1, milliseconds: 60_000)

    let slotlessEnds = SlotlessEnds()
    /// The processors of spans; nil without any.
    let processing: SpanProcessing?
    /// The program's own generator of ids; nil for random ids.
    let ids: CheckedIDs?
    /// The flags of a new trace.
    let rootFlags: TraceFlags
    let threads: Locked<Threads>
    let forked = Locked<(@Sendable () -> Void)?>(nil)
    /// The process that the spans belong to, as numbered by `spankit_forks()`.
    let process = Atomic<UInt64>(spankit_forks())
    let becomingOwn = Locked(false)
    private let isClosed = Atomic<Bool>(false)
    // Behind the fields that the fast path reads.
    /// The sampler's answers for the fast path of spans whose parts are measured.
    let timedAnswers: SamplingAnswers
    /// Measures the parts of spans; nil if they are not measured.
    let times: SpanTimes.Prepared?

    struct Threads: @unchecked Sendable {
        var live: [UnsafeMutablePointer<ThreadRecorder>] = []
        var retired: [RecordingCounters.Counter: UInt64] = [:]
        /// The process that the threads belong to, as numbered by `spankit_forks()`.
        private let process = spankit_forks()

        /// The sum of a counter over all threads, including those that have ended.
        func total(_ counter: RecordingCounters.Counter) -> UInt64 {
            live.reduce(retired[counter, default: 0]) { $0 + $1.pointee.counters.read(counter) }
        }

        /// Counts the durations of all ended spans that were not counted yet.
        func countSpans(in engine: PercentileEngine) {
            // The parent counts its spans.
            guard process == spankit_forks() else { return }
            for thread in live { thread.pointee.uncounted.withLock { $0.count(in: engine) } }
        }
    }

    /// The number of recorders made so far. It is the high half of every generation, so that a handle of one recorder fits no slot
    /// of another.
    private static let serial = Atomic<UInt64>(0)
    /// Every recorder ever made.
    static let all = Locked<[Recorder]>([])

    /// The recorder of a profiler that is off. It records nothing.
    static let dormant = Recorder(RecordingConfiguration(), Region.empty, AnchoredClock.shared)

    /// Creates a recorder; returns nil if the system refuses the address space or the disk space.
    /// - Parameter file: The descriptor of a file for the region, open for reading and writing, or -1. The recorder closes it.
    package static func make(_ configuration: RecordingConfiguration, file: Int32 = -1) -> Recorder? {
        let clock = AnchoredClock.shared
        var configuration = configuration
        configuration.logBytes = min(max(0, configuration.logBytes), 1 << 40)
        configuration.liveSpanCapacity = min(max(0, configuration.liveSpanCapacity), 1 << 30)
        let slotBytes = configuration.liveSpanCapacity / LiveSlotPool.slotsPerChunk * Region.chunkBytes
        let stringBytes = 4 * 1_024 * 1_024
        configuration.logRecords.bytes = min(max(0, configuration.logRecords.bytes), 1 << 40)
        let beyond = 2 * LogChunks.chunksBeyond * Region.chunkBytes
        let logBytes = configuration.logBytes + configuration.logRecords.bytes + beyond
        let bytes = logBytes + slotBytes + stringBytes + 2 * Region.chunkBytes
        guard let region = Region(bytes: bytes, clock: clock, file: file) else { return nil }
        region.touch(bytes: configuration.touchedBytes)
        let recorder = Recorder(configuration, region, clock)
        _ = isForkHookInstalled
        all.withLock { $0.append(recorder) }
        return recorder
    }

    private init(_ configuration: RecordingConfiguration, _ region: Region, _ clock: AnchoredClock) {
        self.configuration = configuration
        self.region = region
        self.clock = clock
        let threads = Locked(Threads())
        self.threads = threads
        engine = PercentileEngine { engine in threads.withLock { $0.countSpans(in: engine) } }
        strings = StringTable(region: region, engine: engine)
        staticTexts = strings.cells
        scopes = ScopeTable(region: region)
        logRecordLimits = configuration.logRecords.limits.ofValues
        attributeLimit = UInt64(max(0, configuration.limits.attributeCount))
        plainTextBytes = min(configuration.limits.attributeValueLength ?? .max, LiveSlot.bytes)
        let serial = Self.serial.add(1, ordering: .relaxed).newValue
        pool = LiveSlotPool(
            region: region,
            capacity: configuration.liveSpanCapacity,
            firstGeneration: serial << 32
        )
        inheritedLog = SpanLog(
            .log,
            region: region,
            clock: clock,
            bytes: configuration.logBytes,
            whenFull: configuration.whenLogIsFull
        )
        inheritedLogRecords = SpanLog(
            .logRecords,
            region: region,
            clock: clock,
            bytes: configuration.logRecords.bytes,
            whenFull: configuration.logRecords.whenFull
        )
        sampling = SamplingPath(configuration.sampler)
        processing = SpanProcessing(configuration.spanProcessors)
        ids = configuration.idGenerator.map { CheckedIDs($0) }
        rootFlags = ids?.flags ?? .random
        let startsPlainly =
            clock.usesCounter && !configuration.tracksMemory && configuration.onEnd == nil && processing == nil
            && ids == nil
        times = SpanTimes.Prepared(configuration.spanTimes, region: region, strings: strings)
        timedAnswers = startsPlainly ? sampling.answers : SamplingAnswers(.ask)
        plainAnswers = times == nil ? timedAnswers : SamplingAnswers(.ask)
    }

    /// Stops recording and releases the memory. Later calls are ignored and counted.
    package func close() {
        guard isClosed.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        else { return }
        // The logs and the pool are closed first: they store the counts that the account reports later.
        log.close()
        logRecords.close()
        pool.close()
        engine.reset()
        strings.release()
        region.release()
    }

    /// Whether processors see the spans that start.
    package var hasProcessors: Bool { processing != nil }

    /// The log of this process.
    var log: SpanLog {
        becomeOwn()
        return inheritedLog
    }

    /// The log of this process's log records.
    var logRecords: SpanLog {
        becomeOwn()
        return inheritedLogRecords
    }

    // MARK: Threads

    /// This thread's part of the recorder.
    @inline(__always)
    func thread() -> UnsafeMutablePointer<ThreadRecorder> {
        currentThread ?? findThread()
    }

    /// This thread's part of the recorder; nil if the thread has used another recorder since, or none yet.
    @inline(__always)
    var currentThread: UnsafeMutablePointer<ThreadRecorder>? {
        guard let current = spankit_thread_recording()?.assumingMemoryBound(to: ThreadRecorder.self),
            current.pointee.recorder.toOpaque() == Unmanaged.passUnretained(self).toOpaque()
        else { return nil }
        return current
    }

    private static let exitHook = ThreadExitHook { _ in Recorder.threadEnds() }

    /// Finds this thread's part among those of other recorders or creates it, and moves it to the front.
    @inline(never)
    private func findThread() -> UnsafeMutablePointer<ThreadRecorder> {
        becomeOwn()
        let first = spankit_thread_recording()?.assumingMemoryBound(to: ThreadRecorder.self)
        var before: UnsafeMutablePointer<ThreadRecorder>?
        var candidate = first
        while let thread = candidate {
            if thread.pointee.recorder.toOpaque() == Unmanaged.passUnretained(self).toOpaque() {
                before?.pointee.next = thread.pointee.next
                thread.pointee.next = first
                spankit_set_thread_recording(thread)
                return thread
            }
            before = thread
            candidate = thread.pointee.next
        }
        let thread = UnsafeMutablePointer<ThreadRecorder>.allocate(capacity: 1)
        thread.initialize(to: ThreadRecorder(recorder: self))
        thread.pointee.next = first
        spankit_set_thread_recording(thread)
        Self.exitHook?.arm()
        threads.withLock { $0.live.append(thread) }
        return thread
    }

    /// Returns the chunks and slots of the ending thread to its recorders.
    private static func threadEnds() {
        var next = spankit_thread_recording()?.assumingMemoryBound(to: ThreadRecorder.self)
        spankit_set_thread_recording(nil)
        while let thread = next {
            next = thread.pointee.next
            thread.pointee.recorder.takeUnretainedValue().retire(thread)
        }
    }

    private func retire(_ thread: UnsafeMutablePointer<ThreadRecorder>) {
        thread.pointee.countSpans(of: self)
        if let chunk = thread.pointee.spans.chunk { log.chunks.close(chunk) }
        if let chunk = thread.pointee.logRecords.chunk { logRecords.chunks.close(chunk) }
        pool.give(UnsafeBufferPointer(start: thread.pointee.slots, count: thread.pointee.slotCount))
        threads.withLock { threads in
            threads.live.removeAll { $0 == thread }
            for counter in RecordingCounters.Counter.allCases {
                threads.retired[counter, default: 0] += thread.pointee.counters.read(counter)
            }
        }
        thread.pointee.counters.deallocate()
        thread.pointee.slots.deallocate()
        thread.deinitialize(count: 1)
        thread.deallocate()
    }

    /// The numbers of spans so far, by what happened to them. They are exact while no span is being started, ended or read.
    /// - Complexity: O(*n*), where *n* is the number of live slots; call it once a second, not for every span.
    package func account() -> RecordingAccount {
        let records = log.chunks.recordCounts
        let open = pool.openCount
        return threads.withLock { threads in
            RecordingAccount(
                started: threads.total(.started),
                written: threads.total(.written),
                unsampled: threads.total(.unsampled),
                droppedLogFull: threads.total(.droppedLogFull),
                droppedTooManyLive: threads.total(.droppedTooManyLive),
                open: open,
                waiting: records.waiting,
                taken: records.taken,
                overwritten: records.overwritten,
                ignoredCalls: threads.total(.ignoredCalls),
                processors: processing?.accounts ?? []
            )
        }
    }

    /// Counts a call whose handle does not identify a live span of this recorder.
    @inline(never)
    func ignoreCall(on span: SpanHandle) {
        thread().pointee.counters.add(.ignoredCalls)
        guard let others = ignoredCallLimit.admit() else { return }
        let what =
            owns(span)
            ? "a call on the span '\(engine.name(of: OperationID(rawValue: span.operation)))' was ignored because the span has ended; call end() last"
            : "a call to end a span was ignored because another profiler started the span; end it with that profiler"
        let more =
            switch others {
            case 0: ""
            case 1: "; 1 more such call was ignored since the last warning"
            default: "; \(others) more such calls were ignored since the last warning"
            }
        warnCaller("\(what)\(more) (counted in account.ignoredCalls)")
    }

    func warnCaller(_ line: String) {
        callerLog.withLock { $0 }?(.warning, line)
    }

    /// The operations that have open spans, with the number of their open spans, in descending order.
    ///
    /// Spans without a slot are not included. Spans may start and end during the call.
    package func openOperations() -> [(name: String, count: Int)] {
        var counts: [UInt32: Int] = [:]
        pool.forEachOpen { counts[$0, default: 0] += 1 }
        return counts.map { (engine.name(of: OperationID(rawValue: $0)), $1) }
            .sorted { $0.count != $1.count ? $0.count > $1.count : ByteText($0.name) < ByteText($1.name) }
    }
}
