/// Writes attributes, events and links into a live slot, within the limits.
///
/// Everything is measured before it is written, so that a write never stops half-way: what does not fit is
/// cut (text) or dropped and counted (all else). Use it only while holding the slot's lock.
struct PayloadWriter {
    let recorder: Recorder
    let slot: LiveSlot

    private var limits: SpanLimits { recorder.configuration.limits }

    // MARK: Attributes

    /// Appends an attribute of fixed size, in the common case: all attributes so far are of fixed size and lie in the slot
    /// itself, so that they are an array of sixteen-byte entries, and the key is none of theirs.
    /// - Returns: false in any other case; then nothing has happened.
    @inline(__always)
    func append(key: UInt32, type: UInt8, value: UInt64) -> Bool {
        let header = UnsafeMutableRawPointer(slot.header)
        let counts = header.loadWord(at: SpanHeader.countsOffset)
        let sizes = header.loadWord(at: SpanHeader.sizesOffset)
        let used = Int(sizes >> 32)
        guard used == Int(counts & 0xFFFF) &* EntryHeader.bytes, used < recorder.plainEntryBytes else { return false }
        let payload = slot.address + LiveSlot.payloadOffset
        var position = 0
        while position != used {
            if UInt32(truncatingIfNeeded: payload.loadWord(at: position)) == key { return false }
            position &+= EntryHeader.bytes
        }
        payload.storeWord(UInt64(key) | UInt64(type) << 32, at: used)
        payload.storeWord(value, at: used &+ 8)
        header.storeWord(counts &+ 1, at: SpanHeader.countsOffset)
        header.storeWord(sizes &+ UInt64(EntryHeader.bytes) << 32, at: SpanHeader.sizesOffset)
        return true
    }

    /// How many bytes of entries ``append(key:type:value:)`` may fill.
    static func plainEntryBytes(_ limits: SpanLimits) -> Int {
        min(max(0, limits.attributeCount) * EntryHeader.bytes, LiveSlot.bytes - LiveSlot.payloadOffset)
    }

    /// Sets an attribute of fixed size in any case.
    private func set(key: UInt32, type: UInt8, value: UInt64) {
        assert(key != 0 && EntryType.isFixedSize(type), "texts and inline keys take the other way")
        let header = slot.header
        if header.pointee.attributeCount > 0, let existing = find(key: key, text: nil) {
            if EntryType.isFixedSize(existing.pointee.type) {
                existing.pointee.type = type
                existing.pointee.value = value
                slot.overwrites.pointee &+= 1
                return
            }
            remove(existing)
        } else if Int(header.pointee.attributeCount) >= limits.attributeCount {
            header.pointee.droppedAttributes &+= 1
            return
        }
        guard makeRoom(EntryHeader.bytes) else { return drop() }
        var cursor = PayloadCursor(end: slot, in: recorder.region)
        cursor.next16().storeBytes(of: EntryHeader(key: key, type: type, value: value), as: EntryHeader.self)
        cursor.saveAsEnd(of: slot)
        header.pointee.payloadBytes += UInt32(EntryHeader.bytes)
        header.pointee.attributeCount += 1
    }

    /// Sets an attribute; the last value of a key wins.
    func set(key: String, _ value: AttributeValue) {
        set(key: recorder.strings.number(of: key), text: key, value)
    }

    /// Sets an attribute; the last value of a key wins.
    /// - Parameter key: a number of the string table, or 0: `text` is written instead.
    func set(key: UInt32, text: @autoclosure () -> String, _ value: AttributeValue) {
        if key == 0 {
            setSlowly(key: 0, text: text(), value)
        } else if let bits = value.fixedValue {
            if !append(key: key, type: value.entryType, value: bits) {
                set(key: key, type: value.entryType, value: bits)
            }
        } else {
            setSlowly(key: key, text: nil, value)
        }
    }

    /// Sets an attribute of any type.
    private func setSlowly(key: UInt32, text: String?, _ value: AttributeValue) {
        guard key != 0 || text?.isEmpty == false else { return drop() }
        let header = slot.header
        if let existing = find(key: key, text: text) {
            remove(existing)
        } else if Int(header.pointee.attributeCount) >= limits.attributeCount {
            return drop()
        }
        let overhead =
            EntryHeader.bytes + EntryHeader.padded(text.map { EntryHeader.keyBytes(of: $0, number: key) } ?? 0)
        var shaped = value.limited(to: limits)
        var original: Int?
        if case .string(let string) = shaped {
            let room = SpanLimits.payloadBytes - Int(header.pointee.payloadBytes) - overhead
            if string.utf8.count > room, let kept = cut(string, overhead: overhead) {
                original = string.utf8.count
                shaped = .string(kept)
            }
        }
        let dataBytes = shaped.encodedDataBytes
        guard makeRoom(overhead + EntryHeader.padded(dataBytes)) else { return drop() }
        append { $0.write(key: key, text: text, shaped, dataBytes: dataBytes) }
        header.pointee.attributeCount += 1
        if let original {
            let name = text ?? String(decoding: recorder.strings.bytes(of: key), as: UTF8.self)
            noteTruncation(of: name, bytes: original)
        }
    }

    /// Names a text that was cut, behind those that were cut before.
    @inline(never)
    private func noteTruncation(of name: String, bytes: Int) {
        let number = recorder.strings.number(of: TruncatedTexts.key)
        var texts = TruncatedTexts(text(ofKey: number, TruncatedTexts.key) ?? "")
        texts.add(name, bytes: bytes)
        set(key: number, text: TruncatedTexts.key, .string(texts.text))
    }

    /// The value of an attribute that is a text; nil where there is none.
    private func text(ofKey number: UInt32, _ key: String) -> String? {
        let keyBytes = number == 0 ? key.utf8.count : 0
        var length = 0
        var bytes: [UInt8] = []
        let entry = find(
            where: { entry in
                length = entry.dataBytes
                return entry.type == EntryType.string && entry.key == number && Int(entry.keyBytes) == keyBytes
            },
            and: { cursor in
                var cursor = cursor
                guard number != 0 || key.withUTF8Bytes({ cursor.matches($0) }) else { return false }
                cursor.forEachPiece(of: length) { bytes.append(contentsOf: $0) }
                return true
            }
        )
        return entry == nil ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Takes an attribute away.
    func removeAttribute(key: String) {
        let number = recorder.strings.number(of: key)
        if let existing = find(key: number, text: number == 0 ? key : nil) { remove(existing) }
    }

    // MARK: Events, links, texts

    /// Adds an event. - Parameter unixNanoseconds: nil for now.
    func addEvent(_ name: String, _ attributes: Attributes, unixNanoseconds: Int64?) {
        let header = slot.header
        guard Int(header.pointee.eventCount) < limits.eventCount else {
            header.pointee.droppedEvents &+= 1
            return
        }
        let list = AttributeList(attributes, limit: limits.attributeCountPerEvent, limits, recorder.strings)
        let number = recorder.strings.number(of: name)
        let nameBytes = EntryHeader.padded(EntryHeader.keyBytes(of: name, number: number))
        guard makeRoom(EntryHeader.bytes + nameBytes + EventHeader.bytes + list.bytes) else {
            header.pointee.droppedEvents &+= 1
            return
        }
        let event = EventHeader(unixNanoseconds: unixNanoseconds, ticks: recorder.clock.now(), dropped: list.dropped)
        append { cursor in
            cursor.write(event, name: name, number: number, attributes: (list.elements.count, list.bytes))
            list.write(to: &cursor)
        }
        header.pointee.eventCount += 1
    }

    /// Adds a link. One with invalid ids is kept only if it says something else.
    func addLink(_ context: SpanContext, _ attributes: Attributes) {
        let header = slot.header
        guard context.isValid || !attributes.elements.isEmpty || !context.traceState.isEmpty else { return }
        guard Int(header.pointee.linkCount) < limits.linkCount else {
            header.pointee.droppedLinks &+= 1
            return
        }
        let list = AttributeList(attributes, limit: limits.attributeCountPerLink, limits, recorder.strings)
        var context = context
        // Cutting inside an entry would falsify it.
        if context.traceState.utf8.count > TraceStateTable.maximumBytes { context.traceState = "" }
        let bytes = EntryHeader.bytes + LinkHeader.bytes + LinkHeader.traceStateBytes(context) + list.bytes
        guard makeRoom(bytes) else {
            header.pointee.droppedLinks &+= 1
            return
        }
        append { cursor in
            cursor.write(linkTo: context, dropped: list.dropped, attributes: (list.elements.count, list.bytes))
            list.write(to: &cursor)
        }
        header.pointee.linkCount += 1
    }

    /// OpenTelemetry's order of statuses: Ok over Error over Unset.
    func setStatus(_ status: RecordedSpan.Status) {
        let header = slot.header
        guard header.pointee.status != .ok else { return }
        switch status {
        case .unset:
            return
        case .ok:
            header.pointee.status = .ok
            setText(.statusDescription, "")
        case .error(let description):
            header.pointee.status = .error
            setText(.statusDescription, description)
        }
    }

    /// Puts a text of which a span has at most one, in place of an earlier one.
    func setText(_ type: EntryType.Text, _ text: String) {
        if let existing = find(where: { $0.type == type.rawValue }) { remove(existing) }
        guard !text.isEmpty else { return }
        var text = text.prefix(utf8: 4_096)
        text.makeContiguousUTF8()
        guard makeRoom(EntryHeader.bytes + EntryHeader.padded(text.utf8.count)) else { return }
        append { $0.write(text: text, type: type) }
    }

    // MARK: Room

    private func drop() {
        slot.header.pointee.droppedAttributes &+= 1
    }

    /// What is kept of a text that is longer than the room that is left; nil where there is room for all of it without the gaps.
    @inline(never)
    private func cut(_ text: String, overhead: Int) -> String? {
        let bytes = overhead + EntryHeader.padded(text.utf8.count)
        let used = compacted(used: Int(slot.header.pointee.payloadBytes), for: bytes)
        let room = SpanLimits.payloadBytes - used - overhead
        guard text.utf8.count > room else { return nil }
        // Some room stays for what comes after: a long text must not cost the span everything else.
        return text.prefix(utf8: max(0, (room - SpanLimits.reservedBytes) & ~15))
    }

    /// Makes sure that `bytes` can be written; false when the span or the pool is full.
    @inline(__always)
    private func makeRoom(_ bytes: Int) -> Bool {
        let used = Int(slot.header.pointee.payloadBytes)
        return used + bytes <= LiveSlot.bytes - LiveSlot.payloadOffset || makeRoomInBlocks(bytes, used: used)
    }

    @inline(never)
    private func makeRoomInBlocks(_ bytes: Int, used: Int) -> Bool {
        let used = compacted(used: used, for: bytes)
        guard used + bytes <= SpanLimits.payloadBytes else { return false }
        let cursor = PayloadCursor(end: slot, in: recorder.region)
        var room = cursor.room
        while room < bytes {
            guard let block = recorder.thread().pointee.takeSlot(from: recorder.pool) else { return false }
            cursor.append(block: block)
            room += LiveSlot.bytes - LiveSlot.blockPayloadOffset
        }
        return true
    }

    /// Closes the gaps that overwritten attributes left, where they make up half of a payload that goes beyond its slot, or where
    /// `bytes` do not fit otherwise; returns what is used then.
    private func compacted(used: Int, for bytes: Int) -> Int {
        guard used + bytes > LiveSlot.bytes - LiveSlot.payloadOffset else { return used }
        let fits = used + bytes <= SpanLimits.payloadBytes
        var kept: [UInt8] = []
        var cursor = PayloadCursor(start: slot, in: recorder.region)
        var left = used
        while left > 0 {
            let entry = cursor.next16()
            let header = entry.load(as: EntryHeader.self)
            let total = header.totalBytes
            left -= total
            guard header.type != EntryType.removed else {
                cursor.skip(total - EntryHeader.bytes)
                continue
            }
            kept.append(contentsOf: UnsafeRawBufferPointer(start: entry, count: EntryHeader.bytes))
            cursor.forEachPiece(of: total - EntryHeader.bytes) { kept.append(contentsOf: $0) }
        }
        guard kept.count <= used / 2 || !fits && kept.count < used else { return used }
        var start = PayloadCursor(start: slot, in: recorder.region)
        kept.withUnsafeBytes { start.write($0) }
        start.saveAsEnd(of: slot)
        slot.header.pointee.payloadBytes = UInt32(kept.count)
        return kept.count
    }

    private func append(_ write: (inout PayloadCursor) -> Void) {
        let before = PayloadCursor(end: slot, in: recorder.region)
        var cursor = before
        write(&cursor)
        cursor.saveAsEnd(of: slot)
        slot.header.pointee.payloadBytes += UInt32(before.room - cursor.room)
    }

    // MARK: Search

    private func find(key: UInt32, text: String?) -> UnsafeMutablePointer<EntryHeader>? {
        guard key == 0, let text else {
            return find { $0.key == key && EntryType.isAttribute($0.type) }
        }
        return text.withUTF8Bytes { bytes in
            find(where: { EntryType.isAttribute($0.type) && $0.key == 0 && Int($0.keyBytes) == bytes.count }) {
                cursor in
                var cursor = cursor
                return cursor.matches(bytes)
            }
        }
    }

    private func find(
        where condition: (EntryHeader) -> Bool,
        and keyCondition: (PayloadCursor) -> Bool = { _ in true }
    ) -> UnsafeMutablePointer<EntryHeader>? {
        var cursor = PayloadCursor(start: slot, in: recorder.region)
        var left = Int(slot.header.pointee.payloadBytes)
        while left > 0 {
            let entry = cursor.next16().assumingMemoryBound(to: EntryHeader.self)
            if condition(entry.pointee), keyCondition(cursor) { return entry }
            let total = entry.pointee.totalBytes
            cursor.skip(total - EntryHeader.bytes)
            left -= total
        }
        return nil
    }

    /// Leaves the bytes in place and makes readers skip them.
    private func remove(_ entry: UnsafeMutablePointer<EntryHeader>) {
        if EntryType.isAttribute(entry.pointee.type) { slot.header.pointee.attributeCount -= 1 }
        if EntryType.isFixedSize(entry.pointee.type) { entry.pointee.value = 0 }
        entry.pointee.type = EntryType.removed
    }
}

/// Attributes of an event or a link: without duplicates, within the limits, measured.
private struct AttributeList {
    struct Element {
        var number: UInt32
        var key: String
        var value: AttributeValue
    }

    private(set) var elements: [Element] = []
    private(set) var dropped: UInt32 = 0
    private(set) var bytes = 0

    init(_ attributes: Attributes, limit: Int, _ limits: SpanLimits, _ strings: StringTable) {
        for attribute in attributes.elements {
            let value = attribute.value.limited(to: limits)
            if let same = elements.firstIndex(where: { $0.key == attribute.key }) {
                elements[same].value = value
            } else if elements.count < limit, !attribute.key.isEmpty {
                let number = strings.number(of: attribute.key)
                elements.append(Element(number: number, key: attribute.key, value: value))
            } else {
                dropped += 1
            }
        }
        bytes = elements.reduce(0) { sum, element in
            let key = EntryHeader.keyBytes(of: element.key, number: element.number)
            return sum + EntryHeader.bytes + EntryHeader.padded(key)
                + EntryHeader.padded(element.value.encodedDataBytes)
        }
    }

    func write(to cursor: inout PayloadCursor) {
        for element in elements {
            let dataBytes = element.value.encodedDataBytes
            cursor.write(key: element.number, text: element.key, element.value, dataBytes: dataBytes)
        }
    }
}
