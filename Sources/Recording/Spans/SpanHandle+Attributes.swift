// `@inlinable`, so that the compiler resolves the type of the value in the caller's module. One call remains.
extension SpanHandle {
    /// Sets an attribute, replacing the value of an existing key (OpenTelemetry `SetAttribute`). Nil leaves the attribute unchanged.
    ///
    /// Setting a number or a boolean takes a few nanoseconds and does not allocate. Strings are copied.
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

    /// Sets an attribute whose key is known only at run time. Nil leaves the attribute unchanged.
    ///
    /// Looking up the key takes time in proportion to its length. For string literals, the compiler chooses the faster
    /// overload with a `StaticString` key.
    @_disfavoredOverload
    @inlinable
    public func set<Value: AttributeValueConvertible>(_ key: String, _ value: Value?) {
        guard let value else { return }
        set(key, value.attributeValue)
    }

    /// Sets an attribute to an ``AttributeValue``, such as `.bytes(…)` or an array of values of several types.
    @_disfavoredOverload
    public func set(_ key: String, _ value: AttributeValue) {
        write { $0.set(key: key, value) }
    }

    /// Sets several attributes, replacing the values of existing keys.
    public func set(_ attributes: Attributes) {
        write { writer in
            for attribute in attributes.elements { writer.set(key: attribute.key, attribute.value) }
        }
    }

    // One function for each type, because a further argument would cost time in every call.

    @usableFromInline
    func setInteger(_ key: StaticString, _ value: Int64) { setFixed(key, EntryType.int, UInt64(bitPattern: value)) }

    @usableFromInline
    func setDouble(_ key: StaticString, _ value: Double) { setFixed(key, EntryType.double, value.bitPattern) }

    @usableFromInline
    func setBoolean(_ key: StaticString, _ value: Bool) { setFixed(key, EntryType.bool, value ? 1 : 0) }

    /// Sets a text. Short texts are copied to the end of the span's entries; all other cases call ``setSlowly(_:_:)``.
    @usableFromInline
    func setText(_ key: StaticString, _ value: String) {
        guard let slot, traceFlags.contains(.sampled) else { return }
        // A span with a slot has a recorder.
        recorder.unsafelyUnwrapped._withUnsafeGuaranteedRef { recorder in
            let live = LiveSlot(slot)
            let isDone = value.utf8.withContiguousStorageIfAvailable { bytes in
                guard bytes.count <= recorder.plainTextBytes, let number = recorder.staticTexts.number(of: key),
                    live.tryLock(openState)
                else { return false }
                let text = UnsafeRawBufferPointer(bytes)
                let isDone = PayloadWriter(recorder: recorder, slot: live).append(key: number, text: text)
                live.unlock(openState)
                return isDone
            }
            if isDone != true { setSlowly(key, .string(value)) }
        }
    }

    /// Sets a value of fixed size. The fast path makes no call and saves no register; all other cases call ``setSlowly(_:_:)``
    /// (`Benchmarks`: "profile, 3 attributes").
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

    /// Runs `body` with the slot locked if the span is sampled. If the span has ended, counts the call instead.
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
