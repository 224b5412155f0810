import CSpanKit

/// A handle to a span that was started.
///
/// It is a plain value without reference counting, which you can copy, store and use from any thread or task. Calls on a span that
/// has ended are ignored and counted. Its ``context`` remains valid as a parent.
@frozen
public struct SpanHandle: @unchecked Sendable {
    // Four values of 16 bytes, so that copies of a new handle (into a task-local, onto a stack) load with the width of the stores
    // that wrote it. Otherwise each copy waits for the store buffer (5 ns a span, `Benchmarks`: "profile").
    private let home: SIMD2<UInt64>
    private let trace: SIMD2<UInt64>
    private let identity: SIMD2<UInt64>
    private var details: SIMD2<UInt64>

    @inline(__always)
    init(
        recorder: Unmanaged<Recorder>?,
        slot: UnsafeMutableRawPointer?,
        openState: UInt64,
        traceID: TraceID,
        spanID: SpanID,
        operation: UInt32,
        stateAndInheritance: UInt32,
        traceFlags: TraceFlags,
        neighbourMark: UInt64 = 0
    ) {
        home = SIMD2(UInt64(UInt(bitPattern: recorder?.toOpaque())), UInt64(UInt(bitPattern: slot)))
        trace = SIMD2(traceID.high, traceID.low)
        identity = SIMD2(openState, spanID.rawValue)
        let word = UInt64(operation) | UInt64(stateAndInheritance) << 32
        details = SIMD2(word, UInt64(traceFlags.rawValue) | neighbourMark << 8)
    }

    /// The recorder that started the span; it is never freed.
    @inline(__always)
    var recorder: Unmanaged<Recorder>? {
        UnsafeRawPointer(bitPattern: recorderAddress).map { .fromOpaque($0) }
    }

    @inline(__always)
    var recorderAddress: UInt { UInt(home[0]) }

    /// The live slot; nil for a span that is measured but not recorded.
    @inline(__always)
    var slot: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: UInt(home[1])) }

    /// The state word of the slot while the span is open, which is unique among all spans in that slot. For a span
    /// without a slot, it is the start tick.
    @inline(__always)
    var openState: UInt64 { identity[0] }

    @inline(__always)
    var traceID: TraceID { TraceID(high: trace[0], low: trace[1]) }

    @inline(__always)
    var spanID: SpanID { SpanID(rawValue: identity[1]) }

    @inline(__always)
    var operation: UInt32 { UInt32(truncatingIfNeeded: details[0]) }

    /// The number of the trace state in the ``TraceStateTable``; 0 for none.
    @inline(__always)
    var traceState: UInt32 { stateAndInheritance & ~Self.handsDownBit }

    /// ``traceState`` and ``handsDown`` in one number, so that the fast path can check both at once. It is 0 for most spans.
    @inline(__always)
    var stateAndInheritance: UInt32 { UInt32(truncatingIfNeeded: details[0] >> 32) }

    /// Whether spans that are started within this one get the attributes of ``InheritedAttributes``.
    @inline(__always)
    var handsDown: Bool { inheritance != 0 }

    /// The part of ``stateAndInheritance`` that children get.
    var inheritance: UInt32 { stateAndInheritance & Self.handsDownBit }

    static let handsDownBit: UInt32 = 1 << 31

    /// A copy that hands attributes down (``handsDown``).
    var handingDown: SpanHandle {
        var copy = self
        copy.details[0] |= UInt64(Self.handsDownBit) << 32
        return copy
    }

    @inline(__always)
    var traceFlags: TraceFlags { TraceFlags(rawValue: UInt8(truncatingIfNeeded: details[1])) }

    /// The ``SpanID/mark`` of the span of another API that was current when this span started; 0 for none (``Neighbour``).
    @inline(__always)
    var neighbourMark: UInt64 { details[1] >> 8 }

    /// A handle that refers to no span. It is the value of ``current`` outside of all spans, and it is passed to
    /// closures while profiling is off.
    public static let none = SpanHandle(
        recorder: nil,
        slot: nil,
        openState: 0,
        traceID: .invalid,
        spanID: .invalid,
        operation: 0,
        stateAndInheritance: 0,
        traceFlags: []
    )

    /// The innermost span around the running code. Child tasks, task groups, `async let` and `Task { }` inherit it;
    /// `Task.detached` does not.
    @TaskLocal public static var current = SpanHandle.none

    /// The context of the span, for children in other tasks or processes. It remains the same after the span has ended.
    public var context: SpanContext {
        SpanContext(
            traceID: traceID,
            spanID: spanID,
            traceFlags: traceFlags,
            traceState: traceState == 0
                ? "" : recorder?._withUnsafeGuaranteedRef { $0.traceStates.text(for: traceState) } ?? ""
        )
    }

    /// Whether the span records attributes, events and its status: false for ``none``, for unsampled spans and after the end.
    public var isRecording: Bool {
        traceFlags.contains(.sampled) && isLive
    }
}

/// The current span without a copy of its handle, which saves 3 ns a span (`Benchmarks`: "start and end by hand").
///
/// The key is the address of the task-local's object, which is constant and never freed. The runtime identifies the task-local by
/// it, and `TaskLocal.get()` passes it to the same function.
@usableFromInline
struct CurrentSpan: @unchecked Sendable {
    @usableFromInline let taskLocal = Unmanaged.passUnretained(SpanHandle.$current)

    /// The address of the current span; nil outside of all spans. It is valid until the caller returns or suspends.
    @inline(__always)
    var address: UnsafePointer<SpanHandle>? {
        swift_task_localValueGet(taskLocal.toOpaque())?.assumingMemoryBound(to: SpanHandle.self)
    }

    /// Runs `operation` within the span.
    @inlinable
    @inline(__always)
    func with<Result>(_ span: SpanHandle, _ operation: () throws -> Result) rethrows -> Result {
        try taskLocal._withUnsafeGuaranteedRef { try $0.withValue(span, operation: operation) }
    }
}
