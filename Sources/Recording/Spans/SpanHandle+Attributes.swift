// `@inlinable`, so that the caller's module sees which kind of value it is: one call is left of all this.
extension SpanHandle {
    /// Sets an attribute (OpenTelemetry `SetAttribute`): the last value of a key wins. Nil leaves the attribute as it is.
    ///
    /// Costs a few nanoseconds for a number or a boolean; nothing is allocated. Texts are copied.
    @inlinable
    @inline(__always)
    public func set<Value: AttributeValueConvertible>(_ key: StaticString, _ value: Value?) {
        guard let value else { return }
        switch value.attributeValue {
        case .bool(let value): setBoolean(key, value)
        case .int(let value): setInteger(key, value)
        case .double(let value): setDouble(key, value)
        case .string(let value): setText(key, value)
        case let value: setSlowly(key, value)
        }
    }

    /// Sets an attribute whose key is known at run time only: the last value of a key wins. Nil leaves the attribute as it is.
    ///
    /// Costs a look at each byte of the key. Disfavoured, so that a literal key takes the way for keys known at compile time.
    @_disfavoredOverload
    @inlinable
    public func set<Value: AttributeValueConvertible>(_ key: String, _ value: Value?) {
        guard let value else { return }
        set(key, value.attributeValue)
    }

    /// Sets an attribute to a value such as `.bytes(…)`, or a list of values of several types: the last value of a key wins.
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

    // One function for each type, because each argument more is paid for at every call.

    @usableFromInline
    func setInteger(_ key: StaticString, _ value: Int64) { setFixed(key, EntryType.int, UInt64(bitPattern: value)) }

    @usableFromInline
    func setDouble(_ key: StaticString, _ value: Double) { setFixed(key, EntryType.double, value.bitPattern) }

    @usableFromInline
    func setBoolean(_ key: StaticString, _ value: Bool) { setFixed(key, EntryType.bool, value ? 1 : 0) }

    @usableFromInline
    func setText(_ key: StaticString, _ value: String) {
        write { $0.set(key: $0.recorder.strings.number(of: key), text: key.description, .string(value)) }
    }

    /// Does the common case of a value of fixed size here, without a call and without saving a register; leaves every other to
    /// ``setSlowly(_:_:)`` (`Benchmarks`: "profile, 3 attributes").
    @inline(__always)
    private func setFixed(_ key: StaticString, _ type: UInt8, _ value: UInt64) {
        guard let slot, traceFlags.contains(.sampled) else { return }
        // A span with a slot has a recorder.
        recorder.unsafelyUnwrapped._withUnsafeGuaranteedRef { recorder in
            let live = LiveSlot(slot)
            guard let number = recorder.staticTexts.number(of: key), live.tryLock(openState) else {
                return setSlowly(key, AttributeValue(type: type, bits: value))
            }
            let isDone = PayloadWriter(recorder: recorder, slot: live).append(key: number, type: type, value: value)
            live.unlock(openState)
            if !isDone { setSlowly(key, AttributeValue(type: type, bits: value)) }
        }
    }

    @usableFromInline
    @inline(never)
    func setSlowly(_ key: StaticString, _ value: AttributeValue) {
        write { $0.set(key: $0.recorder.strings.number(of: key), text: key.description, value) }
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
