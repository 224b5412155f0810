import Recording

/// Redacts records of spans: hands a record out as it is when nothing in it is found, and a rewritten copy otherwise.
///
/// Works on the entries of the log, so that every encoder behind it sees the same, and none has to know. Names and keys that have
/// a number in the source's string table are looked at once. Belongs to one thread at a time.
final class RecordRedactor {
    // The checks would cost as much as looking at a short text, and a redactor belongs to one thread.
    @exclusivity(unchecked) private var texts: TextRedactor
    /// What is known of each number of the source's string table.
    @exclusivity(unchecked) private var known: [Known] = []
    @exclusivity(unchecked) private var rewritten = EntryWriter()
    private let hasFunctions: Bool
    private let hasAttributes: Bool

    private struct Known {
        var isSeen = false
        var isFound = false
        /// For the values under this key; -1 for none.
        var action = -1
    }

    /// Of numbers that are remembered; the string table gives no larger ones.
    private static let largestNumber = 65_535

    init(_ plan: RedactionPlan) {
        texts = TextRedactor(plan)
        hasFunctions = !plan.functions.isEmpty
        hasAttributes = !plan.attributes.isEmpty
    }

    /// To be called when another source's spans follow.
    func forgetTexts() { known.removeAll(keepingCapacity: true) }

    /// The record, or what may leave of it; good until the next call.
    func redact(_ record: SpanRecord, _ source: any SpanSource) -> SpanRecord {
        let name = record.header.name
        let isNameFound = name != 0 && know(name, source).isFound
        guard isNameFound || isFound(Entries(record.payload), source, nil, depth: 0) else { return record }
        return rewrite(record, isNameFound: isNameFound, source)
    }

    // MARK: Looking

    private func know(_ number: UInt32, _ source: any SpanSource) -> Known {
        let place = Int(number)
        if place < known.count, known[place].isSeen { return known[place] }
        let text = source.text(of: number)
        let fact = Known(isSeen: true, isFound: texts.redact(text), action: texts.plan.action(forKey: text) ?? -1)
        guard place <= Self.largestNumber else { return fact }
        while known.count <= place { known.append(Known()) }
        known[place] = fact
        return fact
    }

    /// - Parameter action: for all values in here, where they lie under a key that has one.
    private func isFound(_ entries: Entries, _ source: any SpanSource, _ action: Int?, depth: Int) -> Bool {
        // Deeper ones are not written either.
        guard depth < deepestValue else { return false }
        var entries = entries
        while let entry = entries.next() {
            guard entry.header.type != EntryType.removed else { continue }
            var action = action
            var key = entry.key
            if entry.header.key != 0 {
                let fact = know(entry.header.key, source)
                if fact.isFound { return true }
                if fact.action >= 0 { action = fact.action }
                if hasFunctions { key = source.text(of: entry.header.key) }
            } else if !key.isEmpty {
                if texts.redact(key) { return true }
                if hasAttributes { action = texts.plan.action(forKey: key) ?? action }
            }
            switch entry.header.type {
            case EntryType.string, EntryType.bytes, EntryType.name, EntryType.statusDescription, EntryType.traceState:
                if texts.redact(entry.data, key: key, action: action) { return true }
            case EntryType.bool, EntryType.int, EntryType.double: if action != nil { return true }
            case EntryType.array, EntryType.map:
                if isFound(Entries(entry.data), source, action, depth: depth + 1) { return true }
            case EntryType.event:
                if isFound(Self.inside(entry, EventHeader.bytes), source, nil, depth: depth + 1) { return true }
            case EntryType.link:
                if isFound(Self.inside(entry, LinkHeader.bytes), source, nil, depth: depth + 1) { return true }
            default: break
            }
        }
        return false
    }

    private static func inside(_ entry: Entries.Entry, _ headerBytes: Int) -> Entries {
        guard entry.data.count >= headerBytes else { return Entries(.empty) }
        return Entries(UnsafeRawBufferPointer(rebasing: entry.data[headerBytes...]))
    }

    // MARK: Rewriting

    private func rewrite(_ record: SpanRecord, isNameFound: Bool, _ source: any SpanSource) -> SpanRecord {
        rewritten.removeAll()
        var header = record.header
        if isNameFound {
            _ = texts.redact(source.text(of: header.name))
            header.name = 0
            rewritten.begin(EntryType.name)
            rewritten.end(data: texts.replacement)
        }
        rewrite(Entries(record.payload), source, nil, depth: 0)
        // A trace state with something in its place would be none.
        if Entries(rewritten.bytes).text(EntryType.traceState) == nil { header.traceState = 0 }
        header.payloadBytes = UInt32(clamping: rewritten.bytes.count)
        return SpanRecord(header: header, payload: rewritten.bytes, anchor: record.anchor)
    }

    private func rewrite(_ entries: Entries, _ source: any SpanSource, _ action: Int?, depth: Int) {
        guard depth < deepestValue else { return }
        var entries = entries
        while let entry = entries.next() {
            guard entry.header.type != EntryType.removed else { continue }
            rewrite(entry, source, action, depth: depth)
        }
    }

    private func rewrite(_ entry: Entries.Entry, _ source: any SpanSource, _ inherited: Int?, depth: Int) {
        let keyText = entry.header.key != 0 ? source.text(of: entry.header.key) : entry.key
        let isKeyFound = !keyText.isEmpty && texts.redact(keyText)
        let action = texts.plan.action(forKey: keyText) ?? inherited
        func begin(_ type: UInt8) {
            if isKeyFound {
                rewritten.begin(type, key: texts.replacement)
            } else {
                rewritten.begin(type, like: entry)
            }
        }
        // The key first: the redactor has one replacement at a time.
        switch entry.header.type {
        case EntryType.string, EntryType.bytes, EntryType.name, EntryType.statusDescription:
            begin(entry.header.type)
            let isFound = texts.redact(entry.data, key: keyText, action: action)
            if isFound { rewritten.end(data: texts.replacement) } else { rewritten.end(data: entry.data) }
        case EntryType.traceState:
            guard !texts.redact(entry.data) else { return }
            begin(entry.header.type)
            rewritten.end(data: entry.data)
        case EntryType.bool, EntryType.int, EntryType.double:
            guard let action else {
                begin(entry.header.type)
                return rewritten.end(value: entry.header.value)
            }
            begin(EntryType.string)
            var digits = Self.text(of: entry.header)
            digits.withUTF8 { _ = texts.redact(UnsafeRawBufferPointer($0), key: keyText, action: action) }
            rewritten.end(data: texts.replacement)
        case EntryType.array, EntryType.map:
            begin(entry.header.type)
            let place = rewritten.beginContainer()
            rewrite(Entries(entry.data), source, action, depth: depth + 1)
            rewritten.endContainer(place, elements: entry.header.elementCount)
        case EntryType.event: rewriteContainer(entry, EventHeader.bytes, begin, source, depth)
        case EntryType.link: rewriteContainer(entry, LinkHeader.bytes, begin, source, depth)
        case EntryType.null:
            begin(entry.header.type)
            rewritten.end(value: 0)
        // Nobody writes others; what a damaged file holds in one has not been looked at.
        default: break
        }
    }

    /// An event or a link: a header of fixed size, then attributes.
    private func rewriteContainer(
        _ entry: Entries.Entry,
        _ headerBytes: Int,
        _ begin: (UInt8) -> Void,
        _ source: any SpanSource,
        _ depth: Int
    ) {
        guard entry.data.count >= headerBytes else { return }
        begin(entry.header.type)
        let place = rewritten.beginContainer()
        rewritten.append(UnsafeRawBufferPointer(rebasing: entry.data[..<headerBytes]))
        rewrite(Self.inside(entry, headerBytes), source, nil, depth: depth + 1)
        rewritten.endContainer(place, elements: entry.header.elementCount)
    }

    private static func text(of header: EntryHeader) -> String {
        switch header.type {
        case EntryType.bool: header.value != 0 ? "true" : "false"
        case EntryType.double: "\(Double(bitPattern: header.value))"
        default: "\(Int64(bitPattern: header.value))"
        }
    }
}
