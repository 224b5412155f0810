import CSpanKit
import SpanKitPercentiles
import SpanKitPlatform
import Synchronization

/// The heart of the recording room: starts spans, ends them, counts them.
///
/// The way of a span through it: ``begin(_:)`` takes a live slot → attributes are written into the slot →
/// ``end(_:now:)`` counts the duration in the percentile engine, appends the slot's bytes to the span log and frees the
/// slot. On that way there is no lock, no allocation and no reference counting; `Benchmarks` says what it costs.
///
/// A recorder is never freed, because span handles are plain numbers that may outlive every reference to it. ``close()`` gives the
/// pages of the region and of the string tables back; the counts of its operations stay.
///
/// Threads: any, at any time.
@usableFromInline
package final class Recorder: @unchecked Sendable {
    package let configuration: RecordingConfiguration
    package let engine: PercentileEngine
    @usableFromInline package let clock: AnchoredClock

    let region: Region
    let pool: LiveSlotPool
    /// The log, which in the child of a fork may hold what is the parent's until ``becomeOwn()`` was called.
    let inheritedLog: SpanLog
    let strings: StringTable
    /// The one of ``strings``, a load nearer.
    let staticTexts: StaticTextCells
    /// Bytes of entries that a span may hold in its slot: what ``PayloadWriter/append(key:type:value:)`` asks.
    let plainEntryBytes: Int
    @usableFromInline let currentSpan = CurrentSpan()
    /// How to begin a span in the common case, if there is one.
    let plainStart: PlainStart
    let traceStates = TraceStateTable()
    /// The address of a ``Neighbour``, 0 while there is none.
    let neighbour = Atomic<UInt>(0)
    let sampling: SamplingPath
    let ignoredCalls = IgnoredCallWarning()

    let slotlessEnds = SlotlessEnds()
    let threads = Locked(Threads())
    let forked = Locked<(@Sendable () -> Void)?>(nil)
    /// The process whose spans these are, as `spankit_forks()` numbers processes.
    let process = Atomic<UInt64>(spankit_forks())
    let becomingOwn = Locked(false)
    private let isClosed = Atomic<Bool>(false)

    struct Threads: @unchecked Sendable {
        var live: [UnsafeMutablePointer<ThreadRecorder>] = []
        var retired: [RecordingCounters.Counter: UInt64] = [:]
    }

    /// Recorders made so far: the high half of every generation, so that a handle of one recorder fits no slot of another.
    private static let serial = Atomic<UInt64>(0)
    /// Every recorder, for ever (see above).
    static let all = Locked<[Recorder]>([])

    /// Records nothing: what a profiler that is off holds.
    static let dormant = Recorder(RecordingConfiguration(), Region.empty, AnchoredClock.shared)

    /// Creates a recorder; nil only when the system refuses to reserve address space, or room in the file.
    /// - Parameter file: where the region shall stand, open for reading and writing; it belongs to the recorder from now on.
    package static func make(_ configuration: RecordingConfiguration, file: Int32 = -1) -> Recorder? {
        let clock = AnchoredClock.shared
        var configuration = configuration
        configuration.logBytes = min(max(0, configuration.logBytes), 1 << 40)
        configuration.liveSpanCapacity = min(max(0, configuration.liveSpanCapacity), 1 << 30)
        let slotBytes = configuration.liveSpanCapacity / LiveSlotPool.slotsPerChunk * Region.chunkBytes
        let stringBytes = 4 * 1_024 * 1_024
        let logBytes = configuration.logBytes + LogChunks.chunksBeyond * Region.chunkBytes
        let bytes = logBytes + slotBytes + stringBytes + 2 * Region.chunkBytes
        guard let region = Region(bytes: bytes, clock: clock, file: file) else { return nil }
        region.touch(bytes: configuration.touchedBytes)
        let recorder = Recorder(configuration, region, clock)
        ForkHook.install()
        all.withLock { $0.append(recorder) }
        return recorder
    }

    private init(_ configuration: RecordingConfiguration, _ region: Region, _ clock: AnchoredClock) {
        self.configuration = configuration
        self.region = region
        self.clock = clock
        engine = PercentileEngine()
        strings = StringTable(region: region, engine: engine)
        staticTexts = strings.cells
        plainEntryBytes = PayloadWriter.plainEntryBytes(configuration.limits)
        let serial = Self.serial.add(1, ordering: .relaxed).newValue
        pool = LiveSlotPool(
            region: region,
            capacity: configuration.liveSpanCapacity,
            firstGeneration: serial << 32
        )
        inheritedLog = SpanLog(
            region: region,
            clock: clock,
            bytes: configuration.logBytes,
            whenFull: configuration.whenLogIsFull
        )
        sampling = SamplingPath(configuration.sampler)
        plainStart = PlainStart(sampling, isPlain: clock.usesCounter && !configuration.tracksMemory)
    }

    /// Stops recording and gives the memory back. Calls that come later are ignored and counted.
    package func close() {
        guard isClosed.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        else { return }
        // First: what is in the region now is what the account says from now on.
        log.close()
        pool.close()
        engine.reset()
        strings.release()
        region.release()
    }

    /// The log of this process.
    var log: SpanLog {
        becomeOwn()
        return inheritedLog
    }

    // MARK: Threads

    /// This thread's part of the recorder.
    @inline(__always)
    func thread() -> UnsafeMutablePointer<ThreadRecorder> {
        currentThread ?? findThread()
    }

    /// The same, if this recorder is the one that the thread used last.
    @inline(__always)
    var currentThread: UnsafeMutablePointer<ThreadRecorder>? {
        guard let current = spankit_thread_recording()?.assumingMemoryBound(to: ThreadRecorder.self),
            current.pointee.recorder.toOpaque() == Unmanaged.passUnretained(self).toOpaque()
        else { return nil }
        return current
    }

    private static let exitHook = ThreadExitHook { _ in Recorder.threadEnds() }

    /// Finds this thread's part behind those of other recorders, or makes it, and moves it to the front.
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

    /// Hands what the ending thread holds back to its recorders.
    private static func threadEnds() {
        var next = spankit_thread_recording()?.assumingMemoryBound(to: ThreadRecorder.self)
        spankit_set_thread_recording(nil)
        while let thread = next {
            next = thread.pointee.next
            thread.pointee.recorder.takeUnretainedValue().retire(thread)
        }
    }

    private func retire(_ thread: UnsafeMutablePointer<ThreadRecorder>) {
        if let chunk = thread.pointee.chunk { log.chunks.close(chunk) }
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

    /// Where the recorder says from now on what its callers do wrong.
    func warn(to log: ProfilerLog) {
        sampling.unmarkedTraceIDs.say(to: log)
        ignoredCalls.say(to: log)
    }

    /// What became of every span so far. Exact once no span is being started, ended or read.
    ///
    /// Looks at every live slot and at the header of every chunk of the log: for once a second, not for every span.
    package func account() -> RecordingAccount {
        let records = log.chunks.recordCounts
        let open = pool.openCount
        return threads.withLock { threads in
            func total(_ counter: RecordingCounters.Counter) -> UInt64 {
                threads.live.reduce(threads.retired[counter, default: 0]) { $0 + $1.pointee.counters.read(counter) }
            }
            return RecordingAccount(
                started: total(.started),
                written: total(.written),
                unsampled: total(.unsampled),
                droppedLogFull: total(.droppedLogFull),
                droppedTooManyLive: total(.droppedTooManyLive),
                open: open,
                waiting: records.waiting,
                taken: records.taken,
                overwritten: records.overwritten,
                ignoredCalls: total(.ignoredCalls)
            )
        }
    }

    /// Counts a call with a handle that names no live span of this recorder.
    @inline(never)
    func ignoreCall(on span: SpanHandle) {
        thread().pointee.counters.add(.ignoredCalls)
        ignoredCalls.tell(of: owns(span) ? engine.name(of: OperationID(rawValue: span.operation)) : nil)
    }

    /// Operations of the spans that are open now and how many each has, those with most first. Spans without a slot are not
    /// among them. Others may start and end meanwhile.
    package func openOperations() -> [(name: String, count: Int)] {
        var counts: [UInt32: Int] = [:]
        pool.forEachOpen { counts[$0, default: 0] += 1 }
        return counts.map { (engine.name(of: OperationID(rawValue: $0)), $1) }
            .sorted { $0.count != $1.count ? $0.count > $1.count : $0.name < $1.name }
    }
}
