import SpanKitPlatform
import Synchronization

/// The histogram that is written while others read it.
///
/// One writer at a time: the thread that owns it, or whoever holds its lock where it is shared. The writer stores without
/// the lock while the duration lies in the known range, and takes it to extend the range; readers take it always.
/// So a reader delays a writer only where the range grows, at most some fifty times in a lifetime, or after a tick.
///
/// Every field is an atomic or constant, so that no access to one claims the whole.
///
/// | Field | Written by | Read by |
/// |---|---|---|
/// | `minimum`, `originAddress`, window, `beyond…` | the writer, under the lock | the writer; readers under the lock |
/// | `width` | the writer, and `tick()`, under the lock | the writer without; readers under the lock |
/// | sums and counts | the writer, relaxed load and store | anybody, relaxed |
@usableFromInline
struct LiveHistogram: ~Copyable {
    typealias Counter = Atomic<UInt64>

    /// Durations in `minimum ..< minimum + width` have their bucket; none when `width` is 0.
    @usableFromInline let minimum = Atomic<UInt64>(0)
    @usableFromInline let width = Atomic<UInt64>(0)
    @usableFromInline let sum = Atomic<UInt64>(0)
    @usableFromInline let memorySum = Atomic<Int64>(0)
    @usableFromInline let memoryCount = Atomic<UInt64>(0)
    /// Where the count of raw index 0 would be, so that the raw index needs no subtraction.
    @usableFromInline let originAddress = Atomic<UInt>(0)
    @usableFromInline let adjustments: UnsafePointer<UInt64>
    @usableFromInline let shift: UInt64

    let zeroCount = Atomic<UInt64>(0)
    /// The shortest and longest of the durations that exceed the range, since the last tick.
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

    /// Bytes of an empty one, its mutex included.
    static var headerBytes: Int { MemoryLayout<LiveHistogram>.stride + MemoryLayout<pthread_mutex_t>.stride }

    /// The first whole octave of the raw index that has buckets.
    ///
    /// Under the lock.
    var firstOctave: Int { windowStart.load(ordering: .relaxed) }

    /// How many octaves have buckets.
    ///
    /// Under the lock.
    var octaves: Int { window.load(ordering: .relaxed) }

    /// The buckets of those octaves.
    ///
    /// Under the lock.
    var counts: UnsafeMutablePointer<Counter>? {
        guard octaves > 0 else { return nil }
        let start = UInt(firstOctave << table.scale * MemoryLayout<Counter>.stride)
        return UnsafeMutablePointer(bitPattern: originAddress.load(ordering: .relaxed) &+ start)
    }

    /// Bytes of the buckets.
    var bucketBytes: Int { octaves << table.scale * MemoryLayout<Counter>.stride }

    /// An empty histogram at an address of its own, aligned to cache lines; ``free(_:)`` ends it.
    static func make(table: IndexTable) -> UnsafeMutablePointer<LiveHistogram> {
        let raw = UnsafeMutableRawPointer.allocate(byteCount: MemoryLayout<LiveHistogram>.stride, alignment: 128)
        let histogram = raw.bindMemory(to: LiveHistogram.self, capacity: 1)
        histogram.initialize(to: LiveHistogram(table: table))
        return histogram
    }

    /// Ends a histogram nobody uses any more.
    static func destroy(_ histogram: UnsafeMutablePointer<LiveHistogram>) {
        histogram.deinitialize(count: 1)
        UnsafeMutableRawPointer(histogram).deallocate()
    }

    /// Counts a duration whose bucket exists: the hot path (`Benchmarks/PercentileBenchmarks`).
    /// - Returns: false when the duration is outside the known range; then nothing has happened.
    @inlinable
    @inline(__always)
    func recordInRange(nanoseconds: UInt64) -> Bool {
        guard nanoseconds &- minimum.load(ordering: .relaxed) < width.load(ordering: .relaxed) else { return false }
        sum.store(sum.load(ordering: .relaxed) &+ nanoseconds, ordering: .relaxed)
        // The same formula as `IndexTable.rawIndex`, inlined.
        let bits = Double(Int64(bitPattern: nanoseconds)).bitPattern
        let raw = (bits &+ adjustments[Int((bits &>> 43) & 511)]) &>> shift
        let counter = UnsafeMutablePointer<Atomic<UInt64>>(
            bitPattern: originAddress.load(ordering: .relaxed) &+ UInt(raw) &<< 3
        )
        .unsafelyUnwrapped
        counter.pointee.store(counter.pointee.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        return true
    }

    /// Adds a memory delta; the duration is counted apart.
    @inlinable
    @inline(__always)
    func addMemory(_ bytes: Int64) {
        memorySum.store(memorySum.load(ordering: .relaxed) &+ bytes, ordering: .relaxed)
        memoryCount.store(memoryCount.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    /// Counts any duration, extending the range.
    ///
    /// The caller is the writer and does not hold the lock.
    /// - Returns: by how many bytes the buckets grew, or nil when they would need more than `allowance` or there is no memory.
    func record(nanoseconds: UInt64, allowance: Int) -> Int? {
        guard nanoseconds > 0 else {
            zeroCount.store(zeroCount.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
            return 0
        }
        return lock.withLock { recordLocked(nanoseconds: nanoseconds, allowance: allowance) }
    }

    /// Counts any duration; the caller is the writer and holds the lock.
    func recordLocked(nanoseconds: UInt64, allowance: Int) -> Int? {
        guard nanoseconds > 0 else {
            zeroCount.store(zeroCount.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
            return 0
        }
        if recordInRange(nanoseconds: nanoseconds) { return 0 }
        let placed = Swift.min(nanoseconds, IndexTable.largestDuration)
        let raw = table.rawIndex(of: placed)
        let octave = raw >> table.scale
        guard let growth = reach(from: octave, through: octave, allowance: allowance) else { return nil }
        guard placed == nanoseconds else {
            noteBeyond(DurationExtent(minimum: nanoseconds, maximum: nanoseconds))
            sum.store(sum.load(ordering: .relaxed) &+ nanoseconds, ordering: .relaxed)
            add(1, at: raw)
            return growth
        }
        extendRange(from: nanoseconds, through: nanoseconds)
        _ = recordInRange(nanoseconds: nanoseconds)
        return growth
    }

    /// Makes the known range hold the given durations, whose buckets exist.
    ///
    /// Under the lock.
    func extendRange(from shortest: UInt64, through longest: UInt64) {
        let known = width.load(ordering: .relaxed)
        let low = known == 0 ? shortest : Swift.min(minimum.load(ordering: .relaxed), shortest)
        let high = known == 0 ? longest : Swift.max(minimum.load(ordering: .relaxed) &+ known &- 1, longest)
        minimum.store(low, ordering: .relaxed)
        width.store(high &- low &+ 1, ordering: .relaxed)
    }

    /// Remembers extremes that exceed the range.
    ///
    /// Under the lock.
    func noteBeyond(_ extent: DurationExtent) {
        beyondMinimum.store(
            Swift.min(beyondMinimum.load(ordering: .relaxed), extent.minimum),
            ordering: .relaxed
        )
        beyondMaximum.store(
            Swift.max(beyondMaximum.load(ordering: .relaxed), extent.maximum),
            ordering: .relaxed
        )
    }

    /// Adds to a bucket that exists.
    ///
    /// Under the lock.
    func add(_ count: UInt64, at raw: Int) {
        guard let counts else { return }
        let place = raw - firstOctave << table.scale
        counts[place].store(counts[place].load(ordering: .relaxed) &+ count, ordering: .relaxed)
    }

    /// Makes the window hold whole octaves of the raw index.
    ///
    /// Under the lock, which readers of the old buckets hold too.
    /// - Returns: by how many bytes it grew, nil when that exceeds `allowance` or there is no memory.
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
