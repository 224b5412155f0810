/// What the attributes of a live span are: as long as it stays equal, nobody has changed them.
package struct AttributeState: Equatable, Sendable {
    private var counts: UInt64
    private var sizes: UInt64
    private var overwrites: UInt64

    /// Whether there are none.
    package var isEmpty: Bool { counts & 0xFFFF == 0 }

    fileprivate init(_ slot: LiveSlot) {
        let header = UnsafeMutableRawPointer(slot.header)
        counts = header.loadWord(at: SpanHeader.countsOffset)
        sizes = header.loadWord(at: SpanHeader.sizesOffset)
        overwrites = slot.overwrites.pointee
    }
}

/// Changes attributes of a span while nobody else does.
package struct AttributeChanges {
    fileprivate let writer: PayloadWriter

    /// Sets an attribute.
    package func set(_ key: String, _ value: AttributeValue) {
        writer.set(key: key, value)
    }

    /// Takes an attribute away.
    package func remove(_ key: String) {
        writer.removeAttribute(key: key)
    }
}

extension SpanHandle {
    /// Nil for a span that has ended or is not recorded.
    package var attributeState: AttributeState? {
        guard let slot, traceFlags.contains(.sampled) else { return nil }
        let live = LiveSlot(slot)
        guard live.lock(openState) else { return nil }
        defer { live.unlock(openState) }
        return AttributeState(live)
    }

    /// Changes attributes, all at once. On a span that has ended it does nothing but count.
    /// - Returns: the state before and after; nil where nothing is kept.
    @discardableResult
    package func changeAttributes(
        _ body: (AttributeChanges) -> Void
    ) -> (before: AttributeState, after: AttributeState)? {
        var states: (AttributeState, AttributeState)?
        write { writer in
            let before = AttributeState(writer.slot)
            body(AttributeChanges(writer: writer))
            states = (before, AttributeState(writer.slot))
        }
        return states
    }
}
