import SpanKitRecording

/// Writes lists of attributes as OTLP/JSON, directly from the entries of the log.
struct JSONAttributeWriter: ~Copyable {
    private var keys = FragmentCache()
    /// Where the body has bytes that occur often.
    var hints: RepeatHints

    /// - Parameter givesHints: whether ``hints`` are wanted.
    init(givesHints: Bool) {
        hints = RepeatHints(areWanted: givesHints)
    }

    /// Call this before writing attributes from another source.
    mutating func forgetTexts() { keys.removeAll() }

    /// Writes `,"attributes":[…]`, or nothing if there is no attribute among the entries.
    mutating func writeMember(_ entries: Entries, _ source: any RecordSource, _ output: inout Output) {
        let before = output.count
        output.reserve(64)
        output.fragment(",\"attributes\":[")
        var place = Place(text: 0, end: before)
        write(entries, source, &place, &output)
        if place.isFirst { return output.truncate(to: before) }
        hints.add(after: place.text, before: 0, at: place.end)
        output.reserve(8)
        output.byte(0x5D)
    }

    /// A place in a list of attributes.
    struct Place {
        /// The number of the previous attribute's key or, for the first attribute, of the text before the list, such as
        /// the span's name.
        var text: UInt32
        /// The position at which the previous value ends or, for the first attribute, at which the span's times end.
        var end: Int
        /// Whether there is no attribute yet.
        var isFirst = true
    }

    /// Writes the attributes among the entries.
    ///
    /// Typical attributes, a number or a text whose key has a number, are read in place: making an ``Entries/Entry`` for each would
    /// take as long as writing it.
    /// - Parameter isStrict: See ``Output/json(value:depth:isStrict:)``.
    @inline(__always)
    mutating func write(
        _ entries: Entries,
        _ source: any RecordSource,
        _ place: inout Place,
        _ output: inout Output,
        isStrict: Bool = false
    ) {
        var rest = entries.bytes
        while rest.count >= EntryHeader.bytes, let start = rest.baseAddress {
            let word = start.loadUnaligned(as: UInt64.self)
            let number = UInt32(truncatingIfNeeded: word)
            let type = UInt8(truncatingIfNeeded: word >> 32)
            let isText = type == EntryType.string
            let value = start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            let isRefused = isStrict && type == EntryType.double && !Double(bitPattern: value).isFinite
            guard number != 0, isText || type >= EntryType.bool && type <= EntryType.double, !isRefused else {
                rest = writeOther(rest, source, &place, &output, isStrict: isStrict)
                continue
            }
            let text = isText ? Int(UInt32(truncatingIfNeeded: value)) : 0
            guard EntryHeader.bytes + text <= rest.count else { break }
            let fragment = keys.fragment(of: number) { $0.json(key: source.text(of: number)) }
            output.reserve(fragment.count + Output.padding + 64)
            hints.add(after: place.text, before: number, at: place.end)
            if !place.isFirst { output.byte(0x2C) }
            output.fragment(padded: fragment)
            let data = UnsafeRawBufferPointer(start: start + EntryHeader.bytes, count: text)
            // The text begins after `{"stringValue":"`.
            if isText, text >= 8 {
                hints.add(value: data.loadUnaligned(as: UInt64.self) &+ UInt64(text), at: output.count &+ 16)
            }
            output.json(type, value, data, endsAttribute: true)
            // A text or an integer ends with `"}}`, a floating-point number with `}}`.
            let end = output.count &- (type == EntryType.double ? 2 : 3)
            place = Place(text: number, end: end, isFirst: false)
            let total = min(rest.count, EntryHeader.bytes + EntryHeader.padded(text))
            rest = UnsafeRawBufferPointer(start: start + total, count: rest.count - total)
        }
    }

    /// Writes the first entry if it is an attribute.
    /// - Returns: the entries after it.
    @inline(never)
    private mutating func writeOther(
        _ rest: UnsafeRawBufferPointer,
        _ source: any RecordSource,
        _ place: inout Place,
        _ output: inout Output,
        isStrict: Bool
    ) -> UnsafeRawBufferPointer {
        var entries = Entries(rest)
        guard let entry = entries.next() else { return .empty }
        guard EntryType.isAttribute(entry.header.type) else { return entries.bytes }
        output.reserve(8)
        hints.add(after: place.text, before: entry.header.key, at: place.end)
        if !place.isFirst { output.byte(0x2C) }
        hints.add(RepeatHints.Slot.otherKey, at: output.count)
        let key = entry.header.key != 0 ? source.text(of: entry.header.key) : entry.key
        if isStrict, entry.header.type == EntryType.null {
            output.json(keyWithoutValue: key)
            place = Place(text: entry.header.key, end: output.count, isFirst: false)
            return entries.bytes
        }
        output.json(key: key)
        output.json(value: entry, isStrict: isStrict)
        output.reserve(8)
        place = Place(text: entry.header.key, end: output.count, isFirst: false)
        output.byte(0x7D)
        return entries.bytes
    }
}
