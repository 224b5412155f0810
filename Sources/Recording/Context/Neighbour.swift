import CSpanKit

/// Another API that keeps a current span of its own, such as swift-distributed-tracing, which this room does not know.
///
/// Each API has its own task-local, so neither sees which of the two current spans is the innermost. It is found out
/// by comparison: a span of ours remembers which span of the neighbour was current when it opened
/// (``SpanHandle/neighbourMark``). If that one still is, ours was opened inside of it; if not, the neighbour opened another
/// one inside of ours.
package final class Neighbour: @unchecked Sendable {
    // Sendable because the key is the address of the task-local's object, a constant of the process.
    private let key: UnsafeRawPointer
    private let span: @Sendable () -> SpanContext?

    /// - Parameters:
    ///   - taskLocal: where nothing is bound as long as no span of the neighbour is current. Never freed.
    ///   - span: the neighbour's current span.
    package init<Value>(_ taskLocal: TaskLocal<Value>, span: @escaping @Sendable () -> SpanContext?) {
        key = UnsafeRawPointer(Unmanaged.passUnretained(taskLocal).toOpaque())
        self.span = span
    }

    /// Whether there may be a current span: a few nanoseconds, instead of asking for it.
    @inline(__always)
    var isPresent: Bool { swift_task_localValueGet(key) != nil }

    /// The neighbour's current span.
    var currentSpan: SpanContext? { isPresent ? span() : nil }
}

extension Recorder {
    /// Lets spans hang below those of another API from now on. The first one stays.
    package func meet(_ neighbour: Neighbour) {
        let unmanaged = Unmanaged.passRetained(neighbour)
        let address = UInt(bitPattern: unmanaged.toOpaque())
        // Never released once it is there: a recorder lives for ever, and reading it takes no reference.
        if !self.neighbour.compareExchange(expected: 0, desired: address, ordering: .acquiringAndReleasing).exchanged {
            unmanaged.release()
        }
    }

    /// Whether a span of another API may be around the running code.
    @inline(__always)
    var hasNeighbour: Bool {
        withNeighbour { $0.isPresent } ?? false
    }

    /// The span of another API around the running code.
    var neighbourSpan: SpanContext? {
        withNeighbour { $0.currentSpan } ?? nil
    }

    @inline(__always)
    private func withNeighbour<Result>(_ body: (Neighbour) -> Result) -> Result? {
        guard let address = UnsafeRawPointer(bitPattern: neighbour.load(ordering: .acquiring)) else { return nil }
        return Unmanaged<Neighbour>.fromOpaque(address)._withUnsafeGuaranteedRef(body)
    }
}

extension SpanHandle {
    /// The innermost span around the running code: the current one, or the neighbour's; nil where there is neither.
    package static func innermost(beside neighbour: SpanContext?) -> SpanContext? {
        let own = SpanHandle.current
        guard own.spanID.isValid else { return neighbour }
        guard let neighbour, own.neighbourMark != neighbour.spanID.mark else { return own.context }
        return neighbour
    }
}

extension SpanID {
    /// 56 bits to know the span by again, 0 for none: what fits into a handle.
    var mark: UInt64 { rawValue == 0 ? 0 : max(1, rawValue & 0xFF_FFFF_FFFF_FFFF) }
}
