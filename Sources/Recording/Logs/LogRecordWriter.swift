import CSpanKit

/// Writes one log record to the end of the thread's chunk, within the limits (``Recorder/emit(_:body:_:)``).
///
/// Nothing is allocated for attributes that fit. Text that does not fit is cut, and the attribute ``TruncatedTexts/key`` lists its
/// key and its original length; anything else that does not fit is dropped and counted. The record itself is never dropped unless
/// the log is full.
///
/// Invariants: the bytes from `start` to the end of the payload belong to the thread until the record is committed, and no reader
/// sees them before. If computing a value's description makes another log record, that record is written to separate
/// memory (``isNested``). It is appended when this record is complete.
package struct LogRecordWriter: ~Copyable {
    /// How deep arrays and maps are nested here; 0 for the attributes of the record.
    private var depth = 0
    /// Where the entries of the innermost open container start in the payload, or the attributes of the record.
    private var containerStart = 0
    /// The number of elements of the innermost open container.
    private var elementCount: UInt32 = 0
    /// Whether an element of the outermost open container did not fit.
    private var hasOverflowed = false

    private unowned(unsafe) let recorder: Recorder
    private let thread: UnsafeMutablePointer<ThreadRecorder>
    /// The record; nil if the log is full.
    private var start: UnsafeMutableRawPointer?
    private var header: LogRecordHeader
    /// Bytes of the payload so far.
    private var used = 0
    private var truncated = TruncatedTexts()
    private let isNested: Bool
    private let limits: SpanLimits
    private let attributeLimit: Int

    /// Begins a record.
    init(_ header: LogRecordHeader, _ recorder: Recorder, _ thread: UnsafeMutablePointer<ThreadRecorder>) {
        self.recorder = recorder
        self.thread = thread
        self.header = header
        limits = recorder.logRecordLimits
        attributeLimit = limits.attributeCount
        isNested = thread.pointee.isWritingLogRecord
        if isNested {
            start = UnsafeMutableRawPointer.allocate(byteCount: ThreadRecorder.chunkBytes, alignment: 16)
        } else {
            thread.pointee.isWritingLogRecord = true
            start = thread.pointee.logRecords.reserve(LogRecordView.fixedBytes, in: recorder.inheritedLogRecords)
        }
    }

    // MARK: The record's own attributes

    /// Whether the record, or the innermost open map, has this key already.
    package func contains(_ key: String) -> Bool {
        find(key: depth == 0 ? recorder.strings.number(of: key) : 0, text: key) != nil
    }

    /// Sets an attribute of the record, or a member of the innermost open map; the last value of a key wins.
    package mutating func set(_ key: String, _ value: AttributeValue) {
        set(key: depth == 0 ? recorder.strings.number(of: key) : 0, text: key, value)
    }

    /// Sets an attribute unless the record, or the innermost open map, has its key already.
    /// - Parameter value: Evaluated only then.
    package mutating func setIfMissing(_ key: String, _ value: @autoclosure () -> AttributeValue) {
        let number = depth == 0 ? recorder.strings.number(of: key) : 0
        if find(key: number, text: key) == nil { append(key: number, text: key, value()) }
    }

    /// Sets an attribute to a map, whose members `body` sets. If `body` nests deeper than the limit, the value is null.
    package mutating func setMap(_ key: String, _ body: (inout LogRecordWriter) -> Void) {
        setContainer(key, EntryType.map, body)
    }

    /// Sets an attribute to an array, whose elements `body` appends.
    package mutating func setArray(_ key: String, _ body: (inout LogRecordWriter) -> Void) {
        setContainer(key, EntryType.array, body)
    }

    /// Appends an element to the innermost open array.
    package mutating func append(_ value: AttributeValue) {
        append(key: 0, text: "", value)
    }

    /// Appends a map to the innermost open array.
    package mutating func appendMap(_ body: (inout LogRecordWriter) -> Void) {
        writeContainer(key: 0, text: "", EntryType.map, body)
    }

    /// Appends an array to the innermost open array.
    package mutating func appendArray(_ body: (inout LogRecordWriter) -> Void) {
        writeContainer(key: 0, text: "", EntryType.array, body)
    }

    // MARK: Attributes

    private mutating func set(key: UInt32, text: String, _ value: AttributeValue) {
        if let existing = find(key: key, text: text) { remove(existing) }
        append(key: key, text: text, value)
    }

    private mutating func append(key: UInt32, text: String, _ value: AttributeValue) {
        guard admits(key: key, text: text) else { return drop() }
        let keyBytes = EntryHeader.keyBytes(of: text, number: key)
        switch value.entry {
        case (let type, let bits?):
            guard let entry = next(EntryHeader.bytes + EntryHeader.padded(keyBytes)) else { return drop() }
            var sink = LinearSink(entry)
            sink.write(key: key, text: keyBytes > 0 ? text : nil, type: type, value: bits)
        case (_, nil):
            let limited = value.limited(to: limits, depth: depth + 1)
            guard write(limited, key: key, text: keyBytes > 0 ? text : nil, name: text, keyBytes: keyBytes)
            else { return drop() }
        }
        count()
    }

    /// Whether another attribute is within the limit on their number.
    private func admits(key: UInt32, text: String) -> Bool {
        guard depth == 0 else { return true }
        return header.attributeCount < attributeLimit && (key != 0 || !text.isEmpty)
    }

    private mutating func count() {
        if depth == 0 { header.attributeCount += 1 } else { elementCount += 1 }
    }

    private mutating func drop() {
        if depth == 0 { header.droppedAttributes &+= 1 } else { hasOverflowed = true }
    }

    /// Writes a value of variable size; cuts a text of the record itself that does not fit.
    /// - Returns: false if it does not fit.
    private mutating func write(
        _ value: AttributeValue,
        key: UInt32,
        text: String?,
        name: @autoclosure () -> String,
        keyBytes: Int
    ) -> Bool {
        var value = value
        let overhead = EntryHeader.bytes + EntryHeader.padded(keyBytes)
        if depth == 0, case .string(let string) = value {
            let room = SpanLimits.payloadBytes - used - overhead
            if string.utf8.count > room {
                let known = key != 0 ? String(decoding: recorder.strings.bytes(of: key), as: UTF8.self) : name()
                truncated.add(known, bytes: string.utf8.count)
                // Leave some room, so that a long text does not displace everything that comes after it.
                value = .string(string.prefix(utf8: max(0, (room - SpanLimits.reservedBytes) & ~15)))
            }
        }
        let dataBytes = value.encodedDataBytes
        guard let entry = next(overhead + EntryHeader.padded(dataBytes)) else { return false }
        var sink = LinearSink(entry)
        sink.write(key: key, text: text, value, dataBytes: dataBytes)
        return true
    }

    // MARK: Arrays and maps

    private mutating func setContainer(_ key: String, _ type: UInt8, _ body: (inout LogRecordWriter) -> Void) {
        let number = depth == 0 ? recorder.strings.number(of: key) : 0
        if let existing = find(key: number, text: key) { remove(existing) }
        writeContainer(key: number, text: key, type, body)
    }

    private mutating func writeContainer(
        key: UInt32,
        text: String,
        _ type: UInt8,
        _ body: (inout LogRecordWriter) -> Void
    ) {
        guard depth < limits.attributeValueDepth else { return append(key: key, text: text, .null) }
        guard admits(key: key, text: text) else { return drop() }
        let keyBytes = EntryHeader.keyBytes(of: text, number: key)
        let place = used
        guard let entry = next(EntryHeader.bytes + EntryHeader.padded(keyBytes)) else { return drop() }
        var sink = LinearSink(entry)
        sink.write(EntryHeader(key: key, type, keyBytes: keyBytes, 0, elements: 0))
        if keyBytes > 0 { text.withUTF8Bytes { sink.write(UnsafeRawBufferPointer(rebasing: $0.prefix(keyBytes))) } }
        let outer = (containerStart, elementCount)
        containerStart = used
        elementCount = 0
        depth += 1
        body(&self)
        depth -= 1
        if let payload, !hasOverflowed {
            let dataBytes = used - containerStart
            (payload + place).storeBytes(
                of: UInt64(dataBytes) | UInt64(elementCount) << 32,
                toByteOffset: 8,
                as: UInt64.self
            )
        }
        (containerStart, elementCount) = outer
        guard hasOverflowed else { return count() }
        used = place
        if depth == 0 {
            hasOverflowed = false
            drop()
        }
    }

    // MARK: Body and texts

    /// Writes the body, before anything else. Text that does not fit is cut, and any other value that does not fit is left out; both
    /// are listed as `body` in ``TruncatedTexts/key``.
    mutating func write(body value: AttributeValue) {
        guard start != nil else { return }
        var unlimited = limits
        unlimited.attributeValueLength = nil
        let limited = if case .string = value { value } else { value.limited(to: unlimited) }
        if write(limited, key: 0, text: nil, name: Self.bodyName, keyBytes: 0) {
            header.bits.insert(.hasBody)
        } else {
            truncated.add(Self.bodyName, bytes: limited.encodedDataBytes)
        }
        containerStart = used
    }

    private static let bodyName = "body"
    /// The maximum length in UTF-8 of a text that has no number.
    private static let longestText = 4_096

    /// Writes a text of the record that has no number in the string table.
    mutating func write(_ text: String, _ field: LogRecordField) {
        guard start != nil, !text.isEmpty else { return }
        let kept = text.prefix(utf8: Self.longestText)
        if kept.utf8.count < text.utf8.count { truncated.add("\(field)", bytes: text.utf8.count) }
        let bytes = kept.utf8.count
        guard let entry = next(EntryHeader.bytes + EntryHeader.padded(bytes)) else { return }
        var sink = LinearSink(entry)
        sink.write(text: kept, type: field.entryType)
    }

    // MARK: The end

    /// Completes the record, counts it and makes it visible to readers.
    consuming func finish() {
        if !truncated.text.isEmpty { noteTruncation() }
        // A copy, as in ``next(_:limit:)``.
        let thread = thread
        let bytes = LogRecordView.fixedBytes + used
        if let start {
            header.payloadBytes = UInt32(used)
            RecordHeader.write(bytes, type: RecordHeader.logRecord, at: start)
            (start + RecordHeader.bytes).storeBytes(of: header, as: LogRecordHeader.self)
        }
        if isNested {
            guard let start else { return }
            thread.pointee.nestedLogRecords.append(contentsOf: UnsafeRawBufferPointer(start: start, count: bytes))
            start.deallocate()
            return
        }
        if start == nil {
            thread.pointee.counters.add(.logRecordsDroppedLogFull)
        } else {
            thread.pointee.logRecords.commit(bytes)
            thread.pointee.counters.add(.logRecordsWritten)
        }
        thread.pointee.isWritingLogRecord = false
        if !thread.pointee.nestedLogRecords.isEmpty { recorder.writeNestedLogRecords(thread) }
    }

    @inline(never)
    private mutating func noteTruncation() {
        let value = AttributeValue.string(truncated.text)
        let number = recorder.strings.number(of: TruncatedTexts.key)
        if let existing = find(key: number, text: TruncatedTexts.key) { remove(existing) }
        let keyBytes = EntryHeader.keyBytes(of: TruncatedTexts.key, number: number)
        let dataBytes = value.encodedDataBytes
        let bytes = EntryHeader.bytes + EntryHeader.padded(keyBytes) + EntryHeader.padded(dataBytes)
        // This entry may exceed the limit for other entries, because a chunk has room for it.
        guard let entry = next(bytes, limit: ThreadRecorder.chunkBytes - LogRecordView.fixedBytes) else { return }
        var sink = LinearSink(entry)
        sink.write(key: number, text: keyBytes > 0 ? TruncatedTexts.key : nil, value, dataBytes: dataBytes)
        header.attributeCount += 1
    }

    // MARK: Memory

    /// The first byte of the payload.
    private var payload: UnsafeMutableRawPointer? { start.map { $0 + LogRecordView.fixedBytes } }

    /// The address for the next bytes of the payload. The payload is moved to another chunk if the bytes do not fit
    /// into this one.
    /// - Parameter bytes: A multiple of 16.
    /// - Returns: nil if they do not fit, or if the log is full.
    @inline(__always)
    private mutating func next(
        _ bytes: Int,
        limit: Int = SpanLimits.payloadBytes
    ) -> UnsafeMutableRawPointer? {
        guard start != nil, used + bytes <= limit else { return nil }
        if !isNested {
            let begun = LogRecordView.fixedBytes + used
            // A copy, because ThreadSanitizer does not compile a change through a member of a noncopyable value (Swift 6.3.1).
            let thread = thread
            start = thread.pointee.logRecords.reserve(begun + bytes, begun: begun, in: recorder.inheritedLogRecords)
        }
        guard let payload else { return nil }
        defer { used += bytes }
        return payload + used
    }

    // MARK: Search

    /// The offset in the payload of the entry of a key in the innermost open container.
    /// - Parameters:
    ///   - key: The key's number. If it is 0, `text` is compared.
    ///   - text: The key.
    private func find(key: UInt32, text: String) -> Int? {
        guard let payload else { return nil }
        var position = containerStart
        while position < used {
            let entry = (payload + position).load(as: EntryHeader.self)
            if EntryType.isAttribute(entry.type), entry.key == key {
                guard key == 0 else { return position }
                let own = UnsafeRawBufferPointer(
                    start: payload + position + EntryHeader.bytes,
                    count: Int(entry.keyBytes)
                )
                if text.withUTF8Bytes({ own.elementsEqual($0) }) { return position }
            }
            position += entry.totalBytes
        }
        return nil
    }

    /// Removes an entry of the innermost open container and closes the gap.
    private mutating func remove(_ position: Int) {
        guard let payload else { return }
        let entry = payload + position
        let bytes = entry.load(as: EntryHeader.self).totalBytes
        used -= bytes
        memmove(entry, entry + bytes, used - position)
        if depth == 0 { header.attributeCount -= 1 } else { elementCount -= 1 }
    }
}

/// Writes entries to consecutive bytes, which the caller has reserved.
private struct LinearSink: EntrySink {
    private var address: UnsafeMutableRawPointer

    @inline(__always)
    init(_ address: UnsafeMutableRawPointer) {
        self.address = address
    }

    @inline(__always)
    mutating func write(_ header: EntryHeader) {
        address.storeBytes(of: header, as: EntryHeader.self)
        address += EntryHeader.bytes
    }

    @inline(__always)
    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        if let source = bytes.baseAddress { address.copyMemory(from: source, byteCount: bytes.count) }
        address += EntryHeader.padded(bytes.count)
    }

    /// Writes an attribute of fixed size.
    @inline(__always)
    mutating func write(key: UInt32, text: String?, type: UInt8, value: UInt64) {
        let keyBytes = text.map { EntryHeader.keyBytes(of: $0, number: key) } ?? 0
        write(EntryHeader(key: key, type: type, keyBytes: UInt16(keyBytes), value: value))
        text?.withUTF8Bytes { write(UnsafeRawBufferPointer(rebasing: $0.prefix(keyBytes))) }
    }
}
