/// Counts many runs in a row, as ``PercentileEngine/record(_:nanoseconds:)`` does, but looks for the histogram of an operation only if the
/// operation differs from the one before.
///
/// It belongs to the thread that made it, and is used before the thread records with another engine.
package struct RunCounter {
    @usableFromInline let engine: PercentileEngine
    @usableFromInline var operation = OperationID.overflow
    /// The thread's histogram of `operation`; nil before the first run, and if the thread has none.
    @usableFromInline var histogram: UnsafeMutablePointer<LiveHistogram>?

    package init(_ engine: PercentileEngine) {
        self.engine = engine
    }

    /// Counts one run of an operation.
    @inlinable
    @inline(__always)
    package mutating func record(_ operation: OperationID, nanoseconds: UInt64) {
        guard operation == self.operation, let histogram, histogram.pointee.recordInRange(nanoseconds: nanoseconds)
        else { return recordOther(operation, nanoseconds: nanoseconds) }
    }

    @usableFromInline
    mutating func recordOther(_ operation: OperationID, nanoseconds: UInt64) {
        engine.record(operation, nanoseconds: nanoseconds)
        self.operation = operation
        histogram = engine.histogram(of: operation)
    }
}
