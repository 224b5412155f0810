import SpanKitPercentiles

// What a span holds while it is live, for APIs whose spans can be read. Nothing of it is on the way of a span to its
// destination.
extension SpanHandle {
    /// Whether the span has not ended, sampled or not.
    package var isLive: Bool {
        guard let slot else { return false }
        let state = LiveSlot(slot).state.pointee.load(ordering: .relaxed)
        return LiveState.isLive(state, openState)
    }

    /// The name as it is now; the one it was started with once it has ended, empty for ``none``.
    package var name: String {
        readLive { recorder, record in record.recordedSpan(texts: recorder.strings.bytes).name }
            ?? recorder?._withUnsafeGuaranteedRef { $0.engine.name(of: OperationID(rawValue: operation)) } ?? ""
    }

    /// The attributes as they are now, in the order in which their keys were first set; none once it has ended.
    package var attributes: [Attribute] {
        readLive { recorder, record in Entries(record.payload).attributes(recorder.strings.bytes) } ?? []
    }

    /// Status error; nil says nothing about the reason and leaves the description of an earlier error.
    package func setError(_ description: String?) {
        write { writer in
            if description == nil, writer.slot.header.pointee.status == .error { return }
            writer.setStatus(.error(description ?? ""))
        }
    }

    /// Copies the span out of its slot, so that nobody waits while it is looked at; nil once it has ended.
    private func readLive<Result>(_ body: (Recorder, SpanRecord) -> Result) -> Result? {
        guard let recorder, let slot, traceFlags.contains(.sampled) else { return nil }
        let live = LiveSlot(slot)
        guard live.lock(openState) else { return nil }
        return recorder._withUnsafeGuaranteedRef { recorder in
            let header = live.header.pointee
            var payload: [UInt8] = []
            payload.reserveCapacity(Int(header.payloadBytes))
            var cursor = PayloadCursor(start: live, in: recorder.region)
            cursor.forEachPiece(of: Int(header.payloadBytes)) { payload.append(contentsOf: $0) }
            live.unlock(openState)
            return payload.withUnsafeBytes { bytes in
                // Times are not read, so none has to be converted.
                let anchor = ClockAnchor(ticks: 0, unixNanoseconds: 0, rate: 0)
                return body(recorder, SpanRecord(header: header, payload: bytes, anchor: anchor))
            }
        }
    }
}
