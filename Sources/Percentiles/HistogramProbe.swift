/// A histogram of the engine by itself, for benchmarks: one thread, no operations, the same record.
@_spi(Benchmarks)
public struct HistogramProbe: ~Copyable {
    @usableFromInline let histogram: UnsafeMutablePointer<LiveHistogram>

    /// An empty one, scale 8, boundaries in seconds.
    public init() {
        histogram = LiveHistogram.make(table: .standard)
    }

    /// The table that finds the bucket, for the least that an exact histogram has to do: look up and increment.
    @inlinable public var adjustments: UnsafePointer<UInt64> { histogram.pointee.adjustments }

    deinit { LiveHistogram.destroy(histogram) }

    /// Counts a duration with its memory delta.
    @inlinable
    @inline(__always)
    public func record(nanoseconds: UInt64, memoryDelta: Int64) {
        if !histogram.pointee.recordInRange(nanoseconds: nanoseconds) { recordSlowly(nanoseconds: nanoseconds) }
        histogram.pointee.addMemory(memoryDelta)
    }

    @usableFromInline
    @inline(never)
    func recordSlowly(nanoseconds: UInt64) {
        _ = histogram.pointee.record(nanoseconds: nanoseconds, allowance: .max)
    }
}
