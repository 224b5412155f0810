extension Span {
    /// Sets an attribute (OpenTelemetry `SetAttribute`): the last value of a key wins.
    ///
    /// Costs a few nanoseconds with a key known at compile time; nothing is allocated.
    public func set(_ key: StaticString, _ value: Int) {
        set(key, EntryType.int, UInt64(bitPattern: Int64(value)))
    }

    /// Sets an attribute: the last value of a key wins.
    public func set(_ key: StaticString, _ value: Double) {
        set(key, EntryType.double, value.bitPattern)
    }

    /// Sets an attribute: the last value of a key wins.
    public func set(_ key: StaticString, _ value: Bool) {
        set(key, EntryType.bool, value ? 1 : 0)
    }

    /// Sets an attribute: the last value of a key wins. The text is copied.
    public func set(_ key: StaticString, _ value: String) {
        write { writer in
            let number = writer.recorder.strings.number(of: key)
            writer.set(key: number, text: number == 0 ? key.description : nil, .string(value))
        }
    }

    /// Sets an attribute of any type: the last value of a key wins.
    ///
    /// Disfavoured, so that a literal key takes the way for keys known at compile time.
    @_disfavoredOverload
    public func set(_ key: String, _ value: AttributeValue) {
        write { $0.set(key: key, value) }
    }

    /// Sets several attributes: the last value of a key wins.
    public func set(_ attributes: Attributes) {
        write { writer in
            for attribute in attributes.elements { writer.set(key: attribute.key, attribute.value) }
        }
    }

    /// Does the common case here, without a call and without saving a register; leaves every other to
    /// ``setSlowly(_:_:_:)`` (`Benchmarks`: "profile, 3 attributes").
    @inline(__always)
    private func set(_ key: StaticString, _ type: UInt8, _ value: UInt64) {
        guard let slot, traceFlags.contains(.sampled) else { return }
        // Whoever has a slot has a recorder.
        recorder.unsafelyUnwrapped._withUnsafeGuaranteedRef { recorder in
            let live = LiveSlot(slot)
            guard let number = recorder.staticTexts.number(of: key), live.tryLock(openState) else {
                return setSlowly(key, type, value)
            }
            let isDone = PayloadWriter(recorder: recorder, slot: live).append(key: number, type: type, value: value)
            live.unlock(openState)
            if !isDone { setSlowly(key, type, value) }
        }
    }

    @inline(never)
    private func setSlowly(_ key: StaticString, _ type: UInt8, _ value: UInt64) {
        write { writer in
            let number = writer.recorder.strings.number(of: key)
            if number != 0 {
                writer.set(key: number, type: type, value: value)
            } else {
                writer.set(key: 0, text: key.description, AttributeValue(type: type, bits: value))
            }
        }
    }

    /// Runs `body` with the slot locked, if the span is live and sampled.
    @inline(__always)
    func write(_ body: (PayloadWriter) -> Void) {
        guard let recorder else { return }
        recorder._withUnsafeGuaranteedRef { recorder in
            guard let slot, traceFlags.contains(.sampled) else { return }
            let live = LiveSlot(slot)
            guard live.lock(openState) else { return recorder.ignoreCall(on: self) }
            body(PayloadWriter(recorder: recorder, slot: live))
            live.unlock(openState)
        }
    }
}

extension AttributeValue {
    fileprivate init(type: UInt8, bits: UInt64) {
        switch type {
        case EntryType.bool: self = .bool(bits != 0)
        case EntryType.double: self = .double(Double(bitPattern: bits))
        default: self = .int(Int64(bitPattern: bits))
        }
    }
}
