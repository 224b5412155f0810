import SpanKitPlatform
import Synchronization

/// A histogram that one thread writes while others read it.
///
/// There is one writer at a time: the thread that owns the histogram, or for a shared one the thread that holds its lock. The
/// writer needs no lock for a duration in the known range, and takes the lock to extend the range. Readers always take the
/// lock. A reader can therefore delay a writer only when the range grows, at most about fifty times, or after a tick.
///
/// All fields are atomics or constants, so that an access to one of them is not an access to the whole.
///
/// | Field | Written by | Read by |
/// |---|---|---|
/// | `minimum`, `originAddress`, window, `beyond…` | the writer, with the lock | the writer; readers with the lock |
/// | `width` | the writer and a tick, with the lock | the writer without the lock; readers with the lock |
/// | sums and counts | the writer, relaxed load and store | any thread, relaxed |
@usableFromInline
package struct LiveHistogram: ~Copyable {
    typealias Counter = Atomic<UInt64>

    /// The known range: durations in `minimum ..< minimum + width` have a bucket. It is empty if `width` is 0.
    @usableFromInline let minimum = Atomic<UInt64>(0)
    @usableFromInline let width = Atomic<UInt64>(0)
    @usableFromInline let sum = Atomic<UInt64>(0)
    @usableFromInline let memorySum = Atomic<Int64>(0)
    @usableFromInline let memoryCount = Atomic<UInt64>(0)
    /// The address that the count of raw index 0 would have, so that the hot path needs no subtraction.
    @usableFromInline let originAddress = Atomic<UInt>(0)
    @usableFromInline package let adjustments: UnsafePointer<UInt64>
    @usableFromInline let shift: UInt64

    let zeroCount = Atomic<UInt64>(0)
    /// The shortest and longest duration outside the range since the last tick.
    let beyondMinimum = Atomic<UInt64>(.max)
    let beyondMaximum = Atomic<UInt64>(0)
    private let window = Atomic<Int>(0)
    private let windowStart = Atomic<Int>(0)
    let table: IndexTable
    let lock = Lock()

    private init(table: IndexTable) {
        self.table = table
        adjustments = table.adjustments
        shift = table.shift
    }

    deinit {
        lock.destroy()
        free(counts)
    }

    /// The bytes of an empty histogram, including its mutex.
    static var headerBytes: Int { MemoryLayout<LiveHistogram>.stride + MemoryLayout<pthread_mutex_t>.stride }

    /// The first octave of the raw index that has buckets. The caller holds the lock.
    var firstOctave: Int { windowStart.load(ordering: .relaxed) }

    /// The number of octaves that have buckets. The caller holds the lock.
    var octaves: Int { window.load(ordering: .relaxed) }

    /// The buckets of those octaves. The caller holds the lock.
    var counts: UnsafeMutablePointer<Counter>? {
        guard octaves > 0 else { return nil }
        let start = UInt(firstOctave << table.scale * MemoryLayout<Counter>.stride)
        return UnsafeMutablePointer(bitPattern: originAddress.load(ordering: .relaxed) &+ start)
    }

    /// The bytes of the buckets.
    var bucketBytes: Int { octaves << table.scale * MemoryLayout<Counter>.stride }

    /// Allocates an empty histogram, aligned to cache lines. Free it with ``destroy(_:)``.
    package static func make(table: IndexTable) -> UnsafeMutablePointer<LiveHistogram> {
        let raw = UnsafeMutableRawPointer.allocate(byteCount: MemoryLayout<LiveHistogram>.stride, alignment: 128)
        let histogram = raw.bindMemory(to: LiveHistogram.self, capacity: 1)
        histogram.initialize(to: LiveHistogram(table: table))
        return histogram
    }

    /// Frees a histogram. No thread may use it any more.
    package static func destroy(_ histogram: UnsafeMutablePointer<LiveHistogram>) {
        histogram.deinitialize(count: 1)
        UnsafeMutableRawPointer(histogram).deallocate()
    }

    /// Counts a duration in the known range: the hot path (`Benchmarks/PercentileBenchmarks`).
    /// - Returns: false if the duration is outside the range and was not counted.
    @inlinable
    @inline(__always)
    package func recordInRange(nanoseconds: UInt64) -> Bool {
        guard nanoseconds &- minimum.load(ordering: .relaxed) < width.load(ordering: .relaxed) else { return false }
        sum.addAlone(nanoseconds)
        // The same formula as `IndexTable.rawIndex`, inlined.
        let bits = Double(Int64(bitPattern: nanoseconds)).bitPattern
        let raw = (bits &+ adjustments[Int((bits &>> 43) & 511)]) &>> shift
        let counter = UnsafeMutablePointer<Atomic<UInt64>>(
            bitPattern: originAddress.load(ordering: .relaxed) &+ UInt(raw) &<< 3
        )
        .unsafelyUnwrapped
        counter.pointee.addAlone(1)
        return true
    }

    /// Counts a memory delta. The duration is counted by a separate call.
    @inlinable
    @inline(__always)
    package func addMemory(_ bytes: Int64) {
        memorySum.store(memorySum.load(ordering: .relaxed) &+ bytes, ordering: .relaxed)
        memoryCount.addAlone(1)
    }

    /// Counts any duration, and extends the range if necessary.
    ///
    /// The caller is the writer and does not hold the lock.
    /// - Returns: by how many bytes the buckets grew; nil if they would need more than `allowance` or there is no memory.
    package func record(nanoseconds: UInt64, allowance: Int) -> Int? {
        // Zeros are counted without the lock.
        guard nanoseconds > 0 else { return recordLocked(nanoseconds: 0, allowance: allowance) }
        return lock.withLock { recordLocked(nanoseconds: nanoseconds, allowance: allowance) }
    }

    /// Counts any duration. The caller is the writer and holds the lock.
    func recordLocked(nanoseconds: UInt64, allowance: Int) -> Int? {
        guard nanoseconds > 0 else {
            zeroCount.addAlone(1)
            return 0
        }
        if recordInRange(nanoseconds: nanoseconds) { return 0 }
        let placed = Swift.min(nanoseconds, IndexTable.largestDuration)
        let raw = table.rawIndex(of: placed)
        let octave = raw >> table.scale
        guard let growth = reach(from: octave, through: octave, allowance: allowance) else { return nil }
        guard placed == nanoseconds else {
            noteBeyond(DurationExtent(minimum: nanoseconds, maximum: nanoseconds))
            sum.addAlone(nanoseconds)
            add(1, at: raw)
            return growth
        }
        extendRange(from: nanoseconds, through: nanoseconds)
        _ = recordInRange(nanoseconds: nanoseconds)
        return growth
    }

    /// Extends the known range to the given durations, whose buckets exist. The caller holds the lock.
    func extendRange(from shortest: UInt64, through longest: UInt64) {
        let known = width.load(ordering: .relaxed)
        let low = known == 0 ? shortest : Swift.min(minimum.load(ordering: .relaxed), shortest)
        let high = known == 0 ? longest : Swift.max(minimum.load(ordering: .relaxed) &+ known &- 1, longest)
        minimum.store(low, ordering: .relaxed)
        width.store(high &- low &+ 1, ordering: .relaxed)
    }

    /// Notes durations outside the range. The caller holds the lock.
    func noteBeyond(_ extent: DurationExtent) {
        let extent = beyond.union(extent)
        beyondMinimum.store(extent.minimum, ordering: .relaxed)
        beyondMaximum.store(extent.maximum, ordering: .relaxed)
    }

    /// Adds to a bucket that exists. The caller holds the lock.
    func add(_ count: UInt64, at raw: Int) {
        guard let counts else { return }
        let place = raw - firstOctave << table.scale
        counts[place].addAlone(count)
    }

    /// Extends the buckets to the given octaves of the raw index.
    ///
    /// The caller holds the lock, so that no reader uses the old buckets.
    /// - Returns: by how many bytes the buckets grew; nil if that exceeds `allowance` or there is no memory.
    func reach(from first: Int, through last: Int, allowance: Int) -> Int? {
        let low = octaves == 0 ? first : Swift.min(first, firstOctave)
        let high = octaves == 0 ? last : Swift.max(last, firstOctave + octaves - 1)
        let needed = high - low + 1
        guard needed > octaves else { return 0 }
        let stride = MemoryLayout<Counter>.stride
        let growth = (needed - octaves) << table.scale * stride
        guard growth <= allowance, let memory = calloc(needed << table.scale, stride) else { return nil }
        // Zero bytes are zero counters.
        let grown = memory.bindMemory(to: Counter.self, capacity: needed << table.scale)
        if let counts {
            let offset = (firstOctave - low) << table.scale
            for place in 0..<(octaves << table.scale) {
                grown[offset + place].store(counts[place].load(ordering: .relaxed), ordering: .relaxed)
            }
            free(counts)
        }
        windowStart.store(low, ordering: .relaxed)
        window.store(needed, ordering: .relaxed)
        originAddress.store(
            UInt(bitPattern: grown) &- UInt(low << table.scale * stride),
            ordering: .relaxed
        )
        return growth
    }
}

extension Atomic<UInt64> {
    /// Adds to a number that only this thread writes: two plain instructions instead of a locked one.
    @inlinable @inline(__always)
    func addAlone(_ value: UInt64) { store(load(ordering: .relaxed) &+ value, ordering: .relaxed) }
}
