import CSpanKit
import SpanKitPlatform

/// Measures the parts of a span: how long its task was on a thread, and how long it waited for an executor.
///
/// `SpanKitConcurrency` provides the functions. They are C functions, because they run when each span starts and ends. A recorder
/// without them takes its fast path, which does not look for them.
package struct SpanTimes: @unchecked Sendable {
    // Sendable because the frame of a slot belongs to the owner of the slot (``LiveSlot``), and everything else is constant.

    /// Starts the parts of a span on the thread that starts the span. Parameters: the frame, the number of the slot, the tick of the start.
    package typealias Begin = @convention(c) (UnsafeMutableRawPointer?, UInt32, UInt64) -> Void
    /// Ends the parts of a span. Parameters: the frame, the number of the slot, the tick of the end, and the results in ticks: running,
    /// queued, the part of it that waited for an actor or an executor, the whole span. Returns 0 if the span has no parts.
    package typealias End =
        @convention(c) (
            UnsafeMutableRawPointer?, UInt32, UInt64, UnsafeMutablePointer<UInt64>?
        ) -> Int32
    /// Counts the parts of a span that has ended, on the thread that ends it. Parameters: ``context``, the number of the operation, and the
    /// parts in nanoseconds: running, queued, suspended. It must return quickly.
    package typealias Report = @convention(c) (UnsafeMutableRawPointer?, UInt32, UInt64, UInt64, UInt64) -> Void

    /// The size of a frame, which is what the functions keep for a span between its start and its end.
    package static let frameBytes = 64

    // Plain values, so that copies need no reference counting.
    private let begin: Begin
    private let end: End
    private let report: Report
    private let context: UnsafeMutableRawPointer?

    /// - Parameter context: Passed to `report`. It is never freed, as the recorder is not.
    package init(
        begin: @escaping Begin,
        end: @escaping End,
        report: @escaping Report,
        context: UnsafeMutableRawPointer?
    ) {
        self.begin = begin
        self.end = end
        self.report = report
        self.context = context
    }

    /// The results of ``End``.
    struct Ticks {
        var running: UInt64 = 0
        var queued: UInt64 = 0
        var forActor: UInt64 = 0
        var whole: UInt64 = 0
    }

    /// The frames of a recorder's slots, which are touched when they are used, and the numbers of the attributes' keys.
    struct Prepared: @unchecked Sendable {
        private let times: SpanTimes
        private let frames: UnsafeMutableRawPointer
        let runningKey: UInt32
        let queuedKey: UInt32
        let suspendedKey: UInt32
        let actorKey: UInt32

        /// Returns nil without functions, and if the system refuses the address space.
        init?(_ times: SpanTimes?, region: Region, strings: StringTable) {
            guard let times else { return nil }
            let slots = (region.chunkCapacity + 1) * (Region.chunkBytes / LiveSlot.bytes)
            let flags = Int32(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
            let frames = mmap(nil, slots * SpanTimes.frameBytes, PROT_READ | PROT_WRITE, flags, -1, 0)
            guard let frames, frames != UnsafeMutableRawPointer(bitPattern: -1) else { return nil }
            self.times = times
            self.frames = frames
            runningKey = strings.number(of: SpanParts.runningKey)
            queuedKey = strings.number(of: SpanParts.queuedKey)
            suspendedKey = strings.number(of: SpanParts.suspendedKey)
            actorKey = strings.number(of: SpanParts.actorKey)
        }

        @inline(__always)
        func begin(_ slot: UInt32, at tick: UInt64) {
            times.begin(frames + Int(slot) &* SpanTimes.frameBytes, slot, tick)
        }

        /// - Returns: The ticks of the span and of its parts; nil if it has none.
        @inline(__always)
        func end(_ slot: UInt32, at tick: UInt64) -> Ticks? {
            var ticks = Ticks()
            let hasParts = withUnsafeMutablePointer(to: &ticks) { ticks in
                ticks.withMemoryRebound(to: UInt64.self, capacity: 4) { ticks in
                    times.end(frames + Int(slot) &* SpanTimes.frameBytes, slot, tick, ticks)
                }
            }
            return hasParts == 0 ? nil : ticks
        }

        @inline(__always)
        func report(_ operation: UInt32, _ parts: SpanParts) {
            times.report(times.context, operation, parts.running, parts.queued, parts.suspended)
        }
    }
}

/// The parts of a span's duration, in nanoseconds. ``running``, ``queued`` and ``suspended`` add up to the duration.
package struct SpanParts: Sendable, Equatable {
    package static let runningKey = "spankit.running_ns"
    package static let queuedKey = "spankit.queued_ns"
    package static let suspendedKey = "spankit.suspended_ns"
    package static let actorKey = "spankit.queued_for_actor_ns"
    /// The keys of all parts.
    package static let keys = [runningKey, queuedKey, suspendedKey, actorKey]

    /// The task of the span was on a thread.
    package var running: UInt64
    /// The task was ready to run and waited for a thread, an actor or another executor.
    package var queued: UInt64
    /// The part of ``queued`` in which the task waited for an actor or for an executor of its own.
    package var forActor: UInt64
    /// The task waited for something else, such as a timer, a network or another task.
    package var suspended: UInt64

    package init(running: UInt64, queued: UInt64, forActor: UInt64 = 0, suspended: UInt64) {
        self.running = running
        self.queued = queued
        self.forActor = forActor
        self.suspended = suspended
    }
}

extension Recorder {
    /// Starts a span as the fast path of ``begin(_:scope:)`` does, and measures its parts. Returns nil in any other case.
    @inline(never)
    func beginTimed(_ name: StaticString, scope: UInt32) -> SpanHandle? {
        guard let times, let span = beginPlainly(name, timedAnswers, bits: .timed, inheritance: 0, scope: scope),
            let address = span.slot
        else { return nil }
        let slot = LiveSlot(address)
        times.begin(slot.number(region.base), at: slot.header.pointee.start)
        return span
    }

    /// Ends the parts of a span whose slot is locked: writes them as attributes, and reports them.
    /// - Parameters:
    ///   - now: The tick of the end.
    ///   - unixNanoseconds: The end that the caller gave; nil for `now`.
    @inline(never)
    func endTimes(_ slot: LiveSlot, now: UInt64, at unixNanoseconds: Int64?) {
        slot.header.pointee.bits.remove(.timed)
        guard let times, let ticks = times.end(slot.number(region.base), at: now) else { return }
        var header = slot.header.pointee
        header.end = unixNanoseconds.map { UInt64(bitPattern: $0) } ?? now
        if unixNanoseconds != nil { header.bits.insert(.endIsUnix) }
        let whole = duration(of: header)
        // With times that the caller chose, the parts say nothing about the span.
        let measured = clock.nanoseconds(from: 0, to: ticks.whole)
        guard max(whole, measured) - min(whole, measured) <= 1_000_000 + whole / 64 else { return }
        let running = min(whole, clock.nanoseconds(from: 0, to: ticks.running))
        let queued = min(whole - running, clock.nanoseconds(from: 0, to: ticks.queued))
        let forActor = min(queued, clock.nanoseconds(from: 0, to: ticks.forActor))
        let parts = SpanParts(
            running: running,
            queued: queued,
            forActor: forActor,
            suspended: whole - running - queued
        )
        if header.bits.contains(.recording) {
            let writer = PayloadWriter(recorder: self, slot: slot)
            writer.set(number: times.runningKey, parts.running)
            writer.set(number: times.queuedKey, parts.queued)
            writer.set(number: times.suspendedKey, parts.suspended)
            if forActor > 0 { writer.set(number: times.actorKey, forActor) }
        }
        times.report(slot.operation.pointee, parts)
    }
}
