import SpanKitPercentiles
import SpanKitPlatform
import Synchronization

/// A histogram of numbers of one sign that one thread writes while others read it.
///
/// The writer is the thread that owns it, or for a shared one the thread that holds its lock. It needs no lock for a magnitude in the
/// known range, and takes the registry's lock to extend the range. Readers take the same lock, so that buckets are not moved then.
/// All fields are atomic numbers in a block of ``CellMemory``:
///
/// ```
/// 0    the known range: bits of the smallest magnitude     8    number of bit patterns in it, 0 if it is empty
/// 16   address that the count of raw index 0 would have    24   gate of exemplars, see `ExemplarGate`
/// 32   four sums, whose total is the sum                   64   address of the table that finds buckets
/// 72   count of zeros                                      80   first octave with buckets     88   number of octaves
/// 96   smallest and 104 largest magnitude outside the range, as bits; 0 without one
/// 112  number of explicit buckets; 0 for exponential ones                120  the `MetricFile` that the block is in; 0 for none
/// ```
/// Magnitudes are ordered like their bits. Buckets are exponential, of scale 8, so an octave has 256 of them. For explicit buckets, see
/// `LiveDistribution+Explicit.swift`.
@usableFromInline
struct LiveDistribution {
    @usableFromInline let address: UnsafeMutableRawPointer

    static let headerWords = 16
    /// The largest number of octaves between the smallest and the largest magnitude: a factor of 1.8·10^19.
    static let octaveLimit = 64
    static let octaveBytes = 256 * 8

    @inlinable @inline(__always)
    init(_ address: UnsafeMutableRawPointer) { self.address = address }

    /// An empty histogram; nil if the system has no memory. Free it with ``destroy()``.
    /// - Parameters:
    ///   - record: the series in the file of the histogram; nil for a histogram that is in no file.
    ///   - isNegative: whether it is one of negative numbers.
    static func make(
        gate: UInt64,
        explicitCount: Int = 0,
        _ record: SeriesRecord? = nil,
        isNegative: Bool = false
    ) -> LiveDistribution? {
        let file = record?.file
        let detail: UInt64 = isNegative ? 1 : 0
        guard let block = CellMemory.takeBlock(words: headerWords, file, owner: record?.place ?? 0, detail: detail)
        else { return nil }
        let made = LiveDistribution(block)
        if let file, file.contains(block) {
            let address = UInt64(UInt(bitPattern: Unmanaged.passUnretained(file).toOpaque()))
            (block + 120).atomic.pointee.store(address, ordering: .relaxed)
        }
        let table = UInt64(UInt(bitPattern: IndexTable.numbers.adjustments))
        (block + 64).atomic.pointee.store(table, ordering: .relaxed)
        made.gate.pointee.store(gate, ordering: .relaxed)
        guard explicitCount == 0 || made.addExplicitBuckets(explicitCount) else {
            made.destroy()
            return nil
        }
        if made.file != nil { FileBlock(data: block).commit(.distribution) }
        if !made.isInFileWholly { record?.setIncomplete() }
        return made
    }

    /// The file that the histogram is in, which the user of the histogram keeps; nil for a histogram in other memory.
    private var file: MetricFile? {
        UnsafeRawPointer(bitPattern: UInt((address + 120).atomic.pointee.load(ordering: .relaxed))).map {
            Unmanaged<MetricFile>.fromOpaque($0).takeUnretainedValue()
        }
    }

    /// Whether this is a histogram of the parent, which reads as zero in the child of a fork.
    private var isForgotten: Bool { (address + 64).atomic.pointee.load(ordering: .relaxed) == 0 }

    /// Takes memory for counts, from the same file if it has room.
    func takeCounts(_ count: Int, detail: UInt64) -> UnsafeMutableRawPointer? {
        guard let file else { return CellMemory.takeBlock(words: count) }
        let owner = file.place(of: FileBlock(data: address))
        guard let counts = CellMemory.takeBlock(words: count, file, owner: owner, detail: detail) else { return nil }
        if file.contains(counts) { FileBlock(data: counts).commit(.buckets) }
        return counts
    }

    /// Tells readers of the file that the counts were copied to another block.
    func noteCounts(_ counts: UnsafeMutableRawPointer) {
        guard let file else { return }
        let place = file.contains(counts) ? UInt64(file.place(of: FileBlock(data: counts))) : FileBlock.outside
        FileBlock(data: address).store(place, FileBlock.Word.buckets)
        if place == FileBlock.outside { file.countOutside() }
    }

    /// Whether all counts are in the file.
    private var isInFileWholly: Bool {
        file != nil && FileBlock(data: address).load(FileBlock.Word.buckets) != FileBlock.outside
    }

    /// Frees the histogram. No thread may use it any more.
    func destroy() {
        guard !isForgotten else { return }
        let file = file
        if let buckets = buckets ?? explicitBuckets { CellMemory.giveBlock(buckets, file) }
        CellMemory.giveBlock(address, file)
    }

    /// The bytes of the histogram.
    var bytes: Int { (Self.headerWords + explicitCount) * 8 + octaves * Self.octaveBytes }

    /// The gate of exemplars.
    @inlinable @inline(__always)
    var gate: UnsafeMutablePointer<Atomic<UInt64>> { (address + 24).atomic }

    /// Counts a number in the known range: the hot path (`Benchmarks/MetricsBenchmarks`). NaN, zeros and numbers of the other sign are
    /// never in the range.
    /// - Returns: the bits of the changed sum; nil if the number is outside the range and was not counted.
    @inlinable @inline(__always)
    func recordInRange(_ magnitude: Double) -> UInt64? {
        let bits = magnitude.bitPattern
        guard
            bits &- address.atomic.pointee.load(ordering: .relaxed)
                < (address + 8).atomic.pointee.load(ordering: .relaxed)
        else { return nil }
        let table = UnsafePointer<UInt64>(bitPattern: UInt((address + 64).atomic.pointee.load(ordering: .relaxed)))
            .unsafelyUnwrapped
        // As `IndexTable.rawIndex`.
        let raw = (bits &+ table[Int((bits &>> 43) & 511)]) &>> 44
        let count = UnsafeMutableRawPointer(
            bitPattern: UInt((address + 16).atomic.pointee.load(ordering: .relaxed) &+ raw &<< 3)
        ).unsafelyUnwrapped
        count.atomic.pointee.addAlone(1)
        // Four sums by the bucket, because an addition has to wait for the previous one of the same sum.
        let sum = (address + Int(32 &+ (raw & 3) &<< 3)).atomic
        let new = (Double(bitPattern: sum.pointee.load(ordering: .relaxed)) + magnitude).bitPattern
        sum.pointee.store(new, ordering: .relaxed)
        return new
    }

    /// Counts a zero. Called by the writer.
    func addZero() { (address + 72).atomic.pointee.addAlone(1) }

    /// The number of octaves with buckets.
    var octaves: Int { Int((address + 88).atomic.pointee.load(ordering: .relaxed)) }

    /// The first octave of the raw index that has buckets.
    var firstOctave: Int { Int((address + 80).atomic.pointee.load(ordering: .relaxed)) }

    /// The buckets of those octaves.
    var buckets: UnsafeMutableRawPointer? {
        guard octaves > 0 else { return nil }
        let origin = (address + 16).atomic.pointee.load(ordering: .relaxed)
        return UnsafeMutableRawPointer(bitPattern: UInt(origin &+ UInt64(firstOctave * Self.octaveBytes)))
    }

    /// Counts any magnitude above zero, and extends the range if necessary. The caller is the writer and holds the registry's lock.
    /// - Returns: by how many bytes the buckets grew; nil if the magnitude was not counted, because it is too far from the others, the
    ///   growth exceeds `allowance`, or the system has no memory.
    func record(_ magnitude: Double, allowance: Int) -> Int? {
        if recordInRange(magnitude) != nil { return 0 }
        // Subnormal numbers are counted in the bucket of the smallest normal one, because the table does not know them.
        let placed = Swift.max(magnitude, .leastNormalMagnitude)
        let raw = IndexTable.numbers.rawIndex(ofBits: placed.bitPattern)
        guard let growth = reach(octave: raw >> 8, allowance: allowance), let buckets else { return nil }
        guard placed == magnitude else {
            noteBeyond(magnitude, magnitude)
            (buckets + (raw - firstOctave << 8) * 8).atomic.pointee.addAlone(1)
            addToSum(magnitude)
            return growth
        }
        extendRange(from: magnitude.bitPattern, through: magnitude.bitPattern)
        _ = recordInRange(magnitude)
        return growth
    }

    func addToSum(_ value: Double) {
        let sum = (address + 32).atomic
        let total = Double(bitPattern: sum.pointee.load(ordering: .relaxed)) + value
        sum.pointee.store(total.bitPattern, ordering: .relaxed)
    }

    /// Extends the known range to the given bits, whose buckets exist.
    func extendRange(from low: UInt64, through high: UInt64) {
        let minimum = address.atomic
        let width = (address + 8).atomic
        let known = width.pointee.load(ordering: .relaxed)
        let first = known == 0 ? low : Swift.min(low, minimum.pointee.load(ordering: .relaxed))
        let last = known == 0 ? high : Swift.max(high, minimum.pointee.load(ordering: .relaxed) &+ known &- 1)
        // Empty in between, because the process may be killed here (`MetricFileReader`).
        width.pointee.store(0, ordering: .releasing)
        minimum.pointee.store(first, ordering: .releasing)
        width.pointee.store(last &- first &+ 1, ordering: .releasing)
    }

    /// Notes magnitudes that are not in the range.
    func noteBeyond(_ low: Double, _ high: Double) {
        let smallest = (address + 96).atomic
        let largest = (address + 104).atomic
        let known = smallest.pointee.load(ordering: .relaxed)
        if high.bitPattern > largest.pointee.load(ordering: .relaxed) {
            largest.pointee.store(high.bitPattern, ordering: .releasing)
        }
        if known == 0 || low.bitPattern < known { smallest.pointee.store(low.bitPattern, ordering: .releasing) }
    }

    /// Extends the buckets to an octave of the raw index.
    /// - Returns: by how many bytes the buckets grew; nil if they cannot grow.
    func reach(octave: Int, allowance: Int) -> Int? {
        let known = octaves
        let low = known == 0 ? octave : Swift.min(octave, firstOctave)
        let high = known == 0 ? octave : Swift.max(octave, firstOctave + known - 1)
        let needed = high - low + 1
        guard needed > known else { return 0 }
        let growth = (needed - known) * Self.octaveBytes
        guard needed <= Self.octaveLimit, growth <= allowance,
            let grown = takeCounts(needed << 8, detail: UInt64(low) << 32 | UInt64(needed))
        else { return nil }
        let old = buckets
        if let buckets = old {
            let offset = (firstOctave - low) * Self.octaveBytes
            for place in stride(from: 0, to: known * Self.octaveBytes, by: 8) {
                (grown + offset + place).atomic.pointee.store(
                    (buckets + place).atomic.pointee.load(ordering: .relaxed),
                    ordering: .relaxed
                )
            }
        }
        noteCounts(grown)
        (address + 80).atomic.pointee.store(UInt64(low), ordering: .relaxed)
        (address + 88).atomic.pointee.store(UInt64(needed), ordering: .relaxed)
        (address + 16).atomic.pointee.store(
            UInt64(UInt(bitPattern: grown)) &- UInt64(low * Self.octaveBytes),
            ordering: .relaxed
        )
        if let old { CellMemory.giveBlock(old, file) }
        return growth
    }
}

extension Atomic<UInt64> {
    /// Adds to a number that only this thread writes: two plain instructions instead of a locked one.
    @inlinable @inline(__always)
    func addAlone(_ value: UInt64) { store(load(ordering: .relaxed) &+ value, ordering: .relaxed) }
}
