import SpanKitRecording

/// Writes lists of attributes as protobuf, directly from the entries of the log.
struct ProtobufAttributeWriter: ~Copyable {
    private var keys = FragmentCache()

    /// Call this before writing attributes from another source.
    mutating func forgetTexts() { keys.removeAll() }

    /// Writes the attributes among the entries as elements of a repeated field.
    mutating func write(
        _ entries: Entries,
        tag: UInt8,
        _ source: any RecordSource,
        _ output: inout Output
    ) {
        var entries = entries
        while let entry = entries.next() {
            guard EntryType.isAttribute(entry.header.type) else { continue }
            let attribute = output.beginMessage(tag)
            let number = entry.header.key
            if number != 0 {
                let fragment = keys.fragment(of: number) { $0.field(0x0A, text: source.text(of: number)) }
                output.reserve(fragment.count + Output.padding)
                output.fragment(padded: fragment)
            } else {
                output.field(0x0A, text: entry.key)
            }
            output.protobuf(value: entry, tag: 0x12)
            output.endMessage(attribute)
        }
    }
}
