/// Writes attributes, events and links into a live slot, within the limits.
///
/// Sizes are checked before anything is written. Text that does not fit is truncated; anything else that does not fit is dropped
/// and counted. Use it only while holding the slot's lock.
package struct PayloadWriter {
    let recorder: Recorder
    let slot: LiveSlot

    private var limits: SpanLimits { recorder.configuration.limits }

    // MARK: Attributes

    /// Appends an attribute of fixed size in the common case: it fits into the slot itself, all keys so far have numbers, and
    /// none of them is this key.
    /// - Returns: false in any other case; nothing was changed then.
    @inline(__always)
    func append(key: UInt32, type: UInt8, value: UInt64) -> Bool {
        let header = UnsafeMutableRawPointer(slot.header)
        let counts = header.loadWord(at: SpanHeader.countsOffset)
        let sizes = header.loadWord(at: SpanHeader.sizesOffset)
        let used = Int(sizes >> 32)
        guard hasRoom(EntryHeader.bytes, used: used, counts: counts), isNew(key, used: used) else { return false }
        let entry = slot.address + LiveSlot.payloadOffset + used
        entry.storeWord(UInt64(key) | UInt64(type) << 32, at: 0)
        entry.storeWord(value, at: 8)
        header.storeWord(counts &+ 1, at: SpanHeader.countsOffset)
        header.storeWord(sizes &+ UInt64(EntryHeader.bytes) << 32, at: SpanHeader.sizesOffset)
        return true
    }

    /// Appends a text in the common case, as ``append(key:type:value:)`` does for a value of fixed size.
    /// - Parameter text: UTF-8 within the limit on the length of a text.
    @inline(__always)
    func append(key: UInt32, text: UnsafeRawBufferPointer) -> Bool {
        let header = UnsafeMutableRawPointer(slot.header)
        let counts = header.loadWord(at: SpanHeader.countsOffset)
        let sizes = header.loadWord(at: SpanHeader.sizesOffset)
        let used = Int(sizes >> 32)
        let bytes = EntryHeader.bytes &+ EntryHeader.padded(text.count)
        guard hasRoom(bytes, used: used, counts: counts), isNew(key, used: used) else { return false }
        let entry = slot.address + LiveSlot.payloadOffset + used
        entry.storeWord(UInt64(key) | UInt64(EntryType.string) << 32, at: 0)
        entry.storeWord(UInt64(truncatingIfNeeded: text.count), at: 8)
        if let start = text.baseAddress { (entry + EntryHeader.bytes).copyMemory(from: start, byteCount: text.count) }
        header.storeWord(counts &+ 1, at: SpanHeader.countsOffset)
        header.storeWord(sizes &+ UInt64(truncatingIfNeeded: bytes) << 32, at: SpanHeader.sizesOffset)
        return true
    }

    /// Whether an attribute of `bytes` fits into the slot itself and into the limit on their number.
    @inline(__always)
    private func hasRoom(_ bytes: Int, used: Int, counts: UInt64) -> Bool {
        used &+ bytes <= LiveSlot.bytes - LiveSlot.payloadOffset && counts & 0xFFFF < recorder.attributeLimit
    }

    /// Whether no entry has this key. Also false if a key has no number, because such keys are not compared here.
    ///
    /// All entries have to be in the slot itself, one after the other.
    @inline(__always)
    private func isNew(_ key: UInt32, used: Int) -> Bool {
        let payload = slot.address + LiveSlot.payloadOffset
        var position = 0
        while position != used {
            let word = payload.loadWord(at: position)
            // The upper bits are the length of a key without a number.
            if UInt32(truncatingIfNeeded: word) == key || word >> 48 != 0 { return false }
            if !EntryType.isFixedSize(UInt8(truncatingIfNeeded: word >> 32)) {
                position &+= EntryHeader.padded(Int(payload.loadWord(at: position &+ 8) & 0xFFFF_FFFF))
            }
            position &+= EntryHeader.bytes
        }
        return true
    }

    /// Sets an attribute of fixed size.
    private func set(key: UInt32, type: UInt8, value: UInt64) {
        assert(key != 0 && EntryType.isFixedSize(type), "texts and keys without a number are set by setSlowly")
        let header = slot.header
        if header.pointee.attributeCount > 0, let (existing, _) = find(key: key, text: nil) {
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

    /// Sets an attribute to a count, replacing an earlier value of the key.
    /// - Parameter number: The key's number in the string table, which is not 0.
    func set(number: UInt32, _ count: UInt64) {
        let value = min(count, UInt64(Int64.max))
        if !append(key: number, type: EntryType.int, value: value) {
            set(key: number, type: EntryType.int, value: value)
        }
    }

    /// Sets an attribute, replacing an earlier value of the key.
    package func set(key: String, _ value: AttributeValue) {
        set(key: recorder.strings.number(of: key), text: key, value)
    }

    /// Sets an attribute, replacing an earlier value of the key.
    /// - Parameter key: The key's number in the string table. If it is 0, `text` is the key.
    func set(key: UInt32, text: @autoclosure () -> String, _ value: AttributeValue) {
        if key == 0 {
            setSlowly(key: 0, text: text(), value)
        } else if case (let type, let bits?) = value.entry {
            if !append(key: key, type: type, value: bits) { set(key: key, type: type, value: bits) }
        } else if !appendText(key: key, value) {
            setSlowly(key: key, text: nil, value)
        }
    }

    @inline(__always)
    private func appendText(key: UInt32, _ value: AttributeValue) -> Bool {
        guard case .string(let text) = value else { return false }
        return text.withUTF8Bytes { $0.count <= recorder.plainTextBytes && append(key: key, text: $0) }
    }

    /// Sets an attribute of any type.
    private func setSlowly(key: UInt32, text: String?, _ value: AttributeValue) {
        guard key != 0 || text?.isEmpty == false else { return drop() }
        let header = slot.header
        if let (existing, _) = find(key: key, text: text) {
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

    /// Adds the name of a text that was cut to the attribute that lists them.
    @inline(never)
    private func noteTruncation(of name: String, bytes: Int) {
        let number = recorder.strings.number(of: TruncatedTexts.key)
        var known: [UInt8] = []
        if let (entry, data) = find(key: number, text: TruncatedTexts.key), entry.pointee.type == EntryType.string {
            var data = data
            data.forEachPiece(of: entry.pointee.dataBytes) { known.append(contentsOf: $0) }
        }
        var texts = TruncatedTexts(String(decoding: known, as: UTF8.self))
        texts.add(name, bytes: bytes)
        set(key: number, text: TruncatedTexts.key, .string(texts.text))
    }

    /// Removes an attribute.
    package func removeAttribute(key: String) {
        if let (existing, _) = find(key: recorder.strings.number(of: key), text: key) { remove(existing) }
    }

    // MARK: Events, links, texts

    /// Adds an event.
    /// - Parameter unixNanoseconds: The time in nanoseconds since 1970-01-01 UTC; nil for now.
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
        append { $0.write(event, name: name, number: number, list) }
        header.pointee.eventCount += 1
    }

    /// Adds a link. A link with invalid ids is ignored unless it has attributes or a trace state.
    func addLink(_ context: SpanContext, _ attributes: Attributes) {
        let header = slot.header
        guard context.isValid || !attributes.elements.isEmpty || !context.traceState.isEmpty else { return }
        guard Int(header.pointee.linkCount) < limits.linkCount else {
            header.pointee.droppedLinks &+= 1
            return
        }
        let list = AttributeList(attributes, limit: limits.attributeCountPerLink, limits, recorder.strings)
        var context = context
        // A trace state cut in the middle would be wrong.
        if context.traceState.utf8.count > TraceStateTable.maximumBytes { context.traceState = "" }
        let bytes = EntryHeader.bytes + LinkHeader.bytes + LinkHeader.traceStateBytes(context) + list.bytes
        guard makeRoom(bytes) else {
            header.pointee.droppedLinks &+= 1
            return
        }
        append { $0.write(linkTo: context, list) }
        header.pointee.linkCount += 1
    }

    /// Sets the status in OpenTelemetry's order: Ok overrides Error, which overrides Unset.
    func setStatus(_ status: RecordedSpan.Status) {
        let header = slot.header
        guard header.pointee.status != .ok else { return }
        switch status {
        case .unset:
            return
        case .ok:
            header.pointee.status = .ok
            setText(EntryType.statusDescription, "")
        case .error(let description):
            header.pointee.status = .error
            setText(EntryType.statusDescription, description)
        }
    }

    /// Sets a text that a span has at most once, such as its status description. An empty text removes it.
    func setText(_ type: UInt8, _ text: String) {
        if let (existing, _) = find({ entry, _ in entry.type == type }) { remove(existing) }
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

    /// The part of a text that is kept if the text does not fit; nil if closing the gaps makes room for the whole text.
    @inline(never)
    private func cut(_ text: String, overhead: Int) -> String? {
        let bytes = overhead + EntryHeader.padded(text.utf8.count)
        let used = compacted(used: Int(slot.header.pointee.payloadBytes), for: bytes)
        let room = SpanLimits.payloadBytes - used - overhead
        guard text.utf8.count > room else { return nil }
        // Leave some room, so that a long text does not displace everything that comes after it.
        return text.prefix(utf8: max(0, (room - SpanLimits.reservedBytes) & ~15))
    }

    /// Makes room for `bytes`; returns false if the span or the pool is full.
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

    /// Closes the gaps that overwritten attributes left if `bytes` do not fit otherwise, or if the payload outgrows its slot
    /// and half of it is gaps.
    /// - Returns: The bytes in use afterwards.
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

    /// An entry, and the position of what follows its header and, if it was compared, its key.
    private typealias Found = (entry: UnsafeMutablePointer<EntryHeader>, data: PayloadCursor)

    /// Finds an attribute.
    /// - Parameter text: The key; ignored if it has a number.
    private func find(key: UInt32, text: String?) -> Found? {
        guard key == 0, let text else {
            return find { entry, _ in entry.key == key && EntryType.isAttribute(entry.type) }
        }
        return text.withUTF8Bytes { bytes in
            find { entry, cursor in
                EntryType.isAttribute(entry.type) && entry.key == 0 && Int(entry.keyBytes) == bytes.count
                    && cursor.matches(bytes)
            }
        }
    }

    private func find(_ isWanted: (EntryHeader, inout PayloadCursor) -> Bool) -> Found? {
        var cursor = PayloadCursor(start: slot, in: recorder.region)
        var left = Int(slot.header.pointee.payloadBytes)
        while left > 0 {
            let entry = cursor.next16().assumingMemoryBound(to: EntryHeader.self)
            var data = cursor
            if isWanted(entry.pointee, &data) { return (entry, data) }
            let total = entry.pointee.totalBytes
            cursor.skip(total - EntryHeader.bytes)
            left -= total
        }
        return nil
    }

    /// Marks an entry as removed: readers skip its bytes.
    private func remove(_ entry: UnsafeMutablePointer<EntryHeader>) {
        if EntryType.isAttribute(entry.pointee.type) { slot.header.pointee.attributeCount -= 1 }
        if EntryType.isFixedSize(entry.pointee.type) { entry.pointee.value = 0 }
        entry.pointee.type = EntryType.removed
    }
}
