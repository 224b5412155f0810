import SpanKitPercentiles

// The contents of live spans, for APIs whose spans can be read.
extension SpanHandle {
    /// Whether the span has a slot and has not ended.
    package var isLive: Bool {
        guard let slot else { return false }
        let state = LiveSlot(slot).state.pointee.load(ordering: .relaxed)
        return LiveState.isLive(state, openState)
    }

    /// The current name. After the end, the name that the span was started with; empty for ``none``.
    package var name: String {
        readLive { recorder, record in record.name(texts: recorder.strings.bytes) }
            ?? recorder?._withUnsafeGuaranteedRef { $0.engine.name(of: OperationID(rawValue: operation)) } ?? ""
    }

    /// The current attributes, in the order in which their keys were first set; empty after the end.
    package var attributes: [Attribute] {
        readLive { recorder, record in Entries(record.payload).attributes(recorder.strings.bytes) } ?? []
    }

    /// A copy of the span as it is now, without an end; nil if the span has ended or is not recorded.
    public func snapshot() -> RecordedSpan? {
        readLive(AnchoredClock.shared.anchor()) { recorder, record in
            var span = record.recordedSpan(texts: recorder.strings.bytes, scopes: recorder.scopes.scope)
            span.endUnixNanoseconds = 0
            span.heapDeltaBytes = nil
            return span
        }
    }

    /// A value that changes whenever the attributes change; nil for a span that has ended or is not recorded.
    package var attributeState: AttributeState? {
        guard let slot, traceFlags.contains(.sampled) else { return nil }
        let live = LiveSlot(slot)
        guard live.lock(openState) else { return nil }
        defer { live.unlock(openState) }
        return AttributeState(live)
    }

    /// Changes several attributes at once. If the span has ended, the call is only counted.
    /// - Returns: The state before and after; nil if the span is not recorded.
    @discardableResult
    package func changeAttributes(
        _ body: (PayloadWriter) -> Void
    ) -> (before: AttributeState, after: AttributeState)? {
        var states: (AttributeState, AttributeState)?
        write { writer in
            let before = AttributeState(writer.slot)
            body(writer)
            states = (before, AttributeState(writer.slot))
        }
        return states
    }

    /// Sets the status error. Nil keeps the description of an earlier error.
    package func setError(_ description: String?) {
        write { writer in
            if description == nil, writer.slot.header.pointee.status == .error { return }
            writer.setStatus(.error(description ?? ""))
        }
    }

    /// Calls `body` with a copy of the span, so that the slot is not locked meanwhile; returns nil after the end.
    /// - Parameter anchor: Converts the times, if `body` reads them.
    private func readLive<Result>(
        _ anchor: @autoclosure () -> ClockAnchor = .unused,
        _ body: (Recorder, SpanRecord) -> Result
    ) -> Result? {
        guard let recorder, let slot, traceFlags.contains(.sampled) else { return nil }
        let live = LiveSlot(slot)
        guard live.lock(openState) else { return nil }
        return recorder._withUnsafeGuaranteedRef { recorder in
            let header = live.header.pointee
            let payload = live.payload(in: recorder.region)
            live.unlock(openState)
            return payload.withUnsafeBytes { body(recorder, SpanRecord(header: header, payload: $0, anchor: anchor())) }
        }
    }
}

/// The state of a live span's attributes. As long as it stays equal, no attribute was changed.
package struct AttributeState: Equatable, Sendable {
    private let counts: UInt64
    private let sizes: UInt64
    private let overwrites: UInt64

    /// Whether the span has no attributes.
    package var isEmpty: Bool { counts & 0xFFFF == 0 }

    fileprivate init(_ slot: LiveSlot) {
        let header = UnsafeMutableRawPointer(slot.header)
        counts = header.loadWord(at: SpanHeader.countsOffset)
        sizes = header.loadWord(at: SpanHeader.sizesOffset)
        overwrites = slot.overwrites.pointee
    }
}
