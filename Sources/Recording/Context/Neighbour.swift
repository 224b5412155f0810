import CSpanKit

/// Another API with its own current span, such as swift-distributed-tracing.
///
/// Each API has its own task-local, so neither knows which of the two current spans is the innermost. Our spans store which span of
/// the neighbour was current when they started (``SpanHandle/neighbourMark``). If that span is still current, ours is the innermost.
/// If not, the neighbour started another span inside ours.
package final class Neighbour: @unchecked Sendable {
    // Sendable because the key is the address of the task-local's object, which is constant.
    private let key: UnsafeRawPointer
    private let span: @Sendable () -> SpanContext?

    /// - Parameters:
    ///   - taskLocal: A task-local of the neighbour that is bound whenever it has a current span. It must never be freed.
    ///   - span: Returns the neighbour's current span.
    package init<Value>(_ taskLocal: TaskLocal<Value>, span: @escaping @Sendable () -> SpanContext?) {
        key = UnsafeRawPointer(Unmanaged.passUnretained(taskLocal).toOpaque())
        self.span = span
    }

    /// Whether the neighbour may have a current span. This takes a few nanoseconds.
    @inline(__always)
    var isPresent: Bool { swift_task_localValueGet(key) != nil }

    /// The neighbour's current span; nil if it has none.
    var currentSpan: SpanContext? { isPresent ? span() : nil }
}

extension Recorder {
    /// Lets the current span of another API be the parent of new spans. Only the first call on a recorder has an
    /// effect.
    package func meet(_ neighbour: Neighbour) {
        let unmanaged = Unmanaged.passRetained(neighbour)
        let address = UInt(bitPattern: unmanaged.toOpaque())
        // Once it is set, the neighbour is never released, because a recorder is never freed and reads it without a
        // reference.
        if !self.neighbour.compareExchange(expected: 0, desired: address, ordering: .acquiringAndReleasing).exchanged {
            unmanaged.release()
        }
    }

    /// Whether another API may have a current span.
    @inline(__always)
    var hasNeighbour: Bool {
        withNeighbour { $0.isPresent } ?? false
    }

    /// The current span of another API, if any.
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
    /// The innermost of the current span and the neighbour's current span; nil if there is neither.
    package static func innermost(beside neighbour: SpanContext?) -> SpanContext? {
        let own = SpanHandle.current
        guard own.spanID.isValid else { return neighbour }
        guard let neighbour, own.neighbourMark != neighbour.spanID.mark else { return own.context }
        return neighbour
    }
}

extension SpanHandle {
    /// The innermost of the current span and the neighbour's current span, which belongs to this process; ``none`` if
    /// there is neither.
    package static func innermost(besideOwn neighbour: SpanHandle) -> SpanHandle {
        let own = SpanHandle.current
        guard own.spanID.isValid else { return neighbour }
        guard neighbour.spanID.isValid, own.neighbourMark != neighbour.spanID.mark else { return own }
        return neighbour
    }
}

extension SpanID {
    /// 56 bits of the id, which fit into a handle; 0 only for an invalid id.
    var mark: UInt64 { rawValue == 0 ? 0 : max(1, rawValue & 0xFF_FFFF_FFFF_FFFF) }
}

extension SpanHandle {
    /// The ids and flags of the innermost span: the current span or the current span of the recorder's neighbour. The
    /// trace state is left out. Outside of all spans, the ids are invalid.
    package static func innermostIdentity(
        _ recorder: Recorder?
    ) -> (traceID: TraceID, spanID: SpanID, flags: TraceFlags) {
        let own = SpanHandle.current
        if let neighbour = recorder?.neighbourSpan,
            !own.spanID.isValid || own.neighbourMark != neighbour.spanID.mark
        {
            return (neighbour.traceID, neighbour.spanID, neighbour.traceFlags)
        }
        return (own.traceID, own.spanID, own.traceFlags)
    }
}
