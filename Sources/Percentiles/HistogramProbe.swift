/// A histogram of the engine by itself, for benchmarks: one thread, no operations, the same record.
package final class HistogramProbe {
    @usableFromInline let histogram: UnsafeMutablePointer<LiveHistogram>

    /// An empty one, scale 8, boundaries in seconds.
    package init() {
        histogram = LiveHistogram.make(table: .standard)
    }

    deinit { LiveHistogram.destroy(histogram) }

    /// Counts a duration with its memory delta.
    @inlinable
    @inline(__always)
    package func record(nanoseconds: UInt64, memoryDelta: Int64) {
        if !histogram.pointee.recordInRange(nanoseconds: nanoseconds) { recordSlowly(nanoseconds: nanoseconds) }
        histogram.pointee.addMemory(memoryDelta)
    }

    @usableFromInline
    @inline(never)
    func recordSlowly(nanoseconds: UInt64) {
        _ = histogram.pointee.record(nanoseconds: nanoseconds, allowance: .max)
    }
}
