/// A span that was started: a handle to copy, send and keep as you like.
///
/// It is a plain value without reference counting. Once the span has ended the handle does nothing any more (calls are
/// ignored and counted), but its ``context`` stays good as a parent. Any thread or task may use it at any time.
@frozen
public struct SpanHandle: @unchecked Sendable {
    // Four words of sixteen bytes, so that copies of a handle just made (into a task-local, onto a stack) read with the
    // width it was written with; otherwise each waits for the store buffer (5 ns a span, `Benchmarks`: "profile").
    private let home: SIMD2<UInt64>
    private let trace: SIMD2<UInt64>
    private let identity: SIMD2<UInt64>
    private let details: SIMD2<UInt64>

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

    /// The recorder the span belongs to; it is never freed.
    @inline(__always)
    var recorder: Unmanaged<Recorder>? {
        UnsafeRawPointer(bitPattern: recorderAddress).map { .fromOpaque($0) }
    }

    @inline(__always)
    var recorderAddress: UInt { UInt(home[0]) }

    /// The live slot, nil for a span that is measured but not recorded.
    @inline(__always)
    var slot: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: UInt(home[1])) }

    /// The state of the slot while the span is open, which tells it from every other span that was or will be there; the
    /// start tick where there is no slot.
    @inline(__always)
    var openState: UInt64 { identity[0] }

    @inline(__always)
    var traceID: TraceID { TraceID(high: trace[0], low: trace[1]) }

    @inline(__always)
    var spanID: SpanID { SpanID(rawValue: identity[1]) }

    @inline(__always)
    var operation: UInt32 { UInt32(truncatingIfNeeded: details[0]) }

    /// A number of the trace-state table.
    @inline(__always)
    var traceState: UInt32 { stateAndInheritance & ~Self.handsDownBit }

    /// ``traceState`` and ``handsDown`` in one: 0 for nearly every span, which is all that the fast way has to know.
    @inline(__always)
    var stateAndInheritance: UInt32 { UInt32(truncatingIfNeeded: details[0] >> 32) }

    /// Whether spans started within this one get the attributes of ``InheritedAttributes``.
    @inline(__always)
    var handsDown: Bool { stateAndInheritance & Self.handsDownBit != 0 }

    static let handsDownBit: UInt32 = 1 << 31

    /// The same span, within which spans start with the attributes of ``InheritedAttributes``.
    var handingDown: SpanHandle {
        SpanHandle(
            recorder: recorder,
            slot: slot,
            openState: openState,
            traceID: traceID,
            spanID: spanID,
            operation: operation,
            stateAndInheritance: stateAndInheritance | Self.handsDownBit,
            traceFlags: traceFlags,
            neighbourMark: neighbourMark
        )
    }

    @inline(__always)
    var traceFlags: TraceFlags { TraceFlags(rawValue: UInt8(truncatingIfNeeded: details[1])) }

    /// Which span of another API was current when this one opened: its ``SpanID/mark``, 0 for none (``Neighbour``).
    @inline(__always)
    var neighbourMark: UInt64 { details[1] >> 8 }

    /// No span: what ``current`` is outside of all spans, and what a closure gets while profiling is off.
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

    /// The innermost span around the running code: inherited by child tasks, task groups, `async let` and `Task { }`,
    /// not by `Task.detached`.
    @TaskLocal public static var current = SpanHandle.none

    /// What a child elsewhere needs to know. Stays the same after the span has ended.
    public var context: SpanContext {
        SpanContext(
            traceID: traceID,
            spanID: spanID,
            traceFlags: traceFlags,
            traceState: traceState == 0
                ? "" : recorder?._withUnsafeGuaranteedRef { $0.traceStates.text(for: traceState) } ?? ""
        )
    }

    /// Whether attributes are kept: false for ``none``, for unsampled spans and after the end.
    public var isRecording: Bool {
        traceFlags.contains(.sampled) && isLive
    }
}
