import SpanKitRecording

/// Redacts records of spans and log records: finds those that need no redaction, and rewrites the others.
///
/// It works on the entries of the log, so that it serves every encoder. Names and keys that have a number in the source's string
/// table are checked only once. Only one thread at a time may use it.
final class RecordRedactor {
    // Exclusivity checks would take as long as checking a short text, and only one thread uses a redactor.
    @exclusivity(unchecked) private var texts: TextRedactor
    @exclusivity(unchecked) private var facts = TextFacts()
    @exclusivity(unchecked) private var rewritten = EntryWriter()
    private let hasFunctions: Bool
    private let hasAttributes: Bool

    init(_ plan: RedactionPlan) {
        texts = TextRedactor(plan)
        hasFunctions = !plan.functions.isEmpty
        hasAttributes = !plan.attributes.isEmpty
    }

    /// Call this before redacting records from another source.
    func forgetTexts() { facts.removeAll() }

    /// Whether a record needs no redaction.
    @inline(__always)
    func isClean(_ record: SpanRecord, _ source: any RecordSource) -> Bool {
        let name = record.header.name
        guard name == 0 || facts[name] == .plain || !check(name, source).isFound else { return false }
        return !needsRedaction(record.payload, source, nil, depth: 0)
    }

    /// Whether a log record needs no redaction.
    func isClean(_ record: LogRecordView, _ source: any RecordSource) -> Bool {
        for field in Self.logTexts {
            let number = record.header[field]
            if number != 0, facts[number] != .plain, check(number, source).isFound { return false }
        }
        return !needsRedaction(record.payload, source, nil, depth: 0)
    }

    /// The texts of a log record that may contain any data. The source file and the function are not redacted, because
    /// they come from the source code.
    private static let logTexts = [LogRecordField.scope, .eventName, .severityText]

    // MARK: Checking

    private func check(_ number: UInt32, _ source: any RecordSource) -> TextFacts.Fact {
        let known = facts[number]
        guard known == .unknown else { return known }
        let text = source.text(of: number)
        let fact = TextFacts.Fact(isFound: texts.redact(text), action: texts.plan.action(forKey: text))
        facts.remember(fact, of: number)
        return fact
    }

    /// Whether any of the entries needs redaction.
    ///
    /// Typical attributes, a number or a text whose key has a number, are read in place: making an ``Entries/Entry`` for each would
    /// take as long as checking it (`Benchmarks`: "redaction, nothing found").
    /// - Parameter action: the action for all values here, if an enclosing key has one.
    private func needsRedaction(
        _ entries: UnsafeRawBufferPointer,
        _ source: any RecordSource,
        _ action: Int?,
        depth: Int
    )
        -> Bool
    {
        // Deeper values are not written either.
        guard depth < deepestValue else { return false }
        var rest = entries
        while rest.count >= EntryHeader.bytes, let start = rest.baseAddress {
            let word = start.loadUnaligned(as: UInt64.self)
            let number = UInt32(truncatingIfNeeded: word)
            let type = UInt8(truncatingIfNeeded: word >> 32)
            let isText = type == EntryType.string
            guard number != 0, isText || EntryType.isFixedSize(type), action == nil, !hasFunctions,
                facts[number] == .plain
            else {
                if firstNeedsRedaction(&rest, source, action, depth: depth) { return true }
                continue
            }
            let bytes = isText ? Int((start + 8).loadUnaligned(as: UInt32.self)) : 0
            guard EntryHeader.bytes + bytes <= rest.count else { return false }
            if isText, texts.redact(UnsafeRawBufferPointer(start: start + EntryHeader.bytes, count: bytes)) {
                return true
            }
            let total = min(rest.count, EntryHeader.bytes + EntryHeader.padded(bytes))
            rest = UnsafeRawBufferPointer(start: start + total, count: rest.count - total)
        }
        return false
    }

    /// Whether the first entry needs redaction. Removes it from the entries.
    @inline(never)
    private func firstNeedsRedaction(
        _ rest: inout UnsafeRawBufferPointer,
        _ source: any RecordSource,
        _ action: Int?,
        depth: Int
    ) -> Bool {
        var entries = Entries(rest)
        let next = entries.next()
        rest = entries.bytes
        guard let entry = next, entry.header.type != EntryType.removed else { return false }
        var action = action
        var key = entry.key
        if entry.header.key != 0 {
            let fact = check(entry.header.key, source)
            if fact.isFound { return true }
            action = fact.action ?? action
            if hasFunctions { key = source.text(of: entry.header.key) }
        } else if !key.isEmpty {
            if texts.redact(key) { return true }
            if hasAttributes { action = texts.plan.action(forKey: key) ?? action }
        }
        return switch entry.header.type {
        case EntryType.string, EntryType.bytes, EntryType.name, EntryType.statusDescription, EntryType.traceState,
            EntryType.scope, EntryType.eventName, EntryType.severityText:
            texts.redact(entry.data, key: key, action: action)
        case EntryType.bool, EntryType.int, EntryType.double: action != nil
        case EntryType.array, EntryType.map: needsRedaction(entry.data, source, action, depth: depth + 1)
        case EntryType.event: needsRedaction(Self.inside(entry, EventHeader.bytes), source, nil, depth: depth + 1)
        case EntryType.link: needsRedaction(Self.inside(entry, LinkHeader.bytes), source, nil, depth: depth + 1)
        default: false
        }
    }

    private static func inside(_ entry: Entries.Entry, _ headerBytes: Int) -> UnsafeRawBufferPointer {
        entry.data.count < headerBytes ? .empty : UnsafeRawBufferPointer(rebasing: entry.data[headerBytes...])
    }

    // MARK: Rewriting

    /// The redacted record; valid until the next call.
    func rewrite(_ record: SpanRecord, _ source: any RecordSource) -> SpanRecord {
        rewritten.removeAll()
        var header = record.header
        if header.name != 0, texts.redact(source.text(of: header.name)) {
            header.name = 0
            rewritten.begin(EntryType.name)
            rewritten.end(data: texts.replacement)
        }
        rewrite(Entries(record.payload), source, nil, depth: 0)
        // A trace state is removed instead of replaced, because the replacement would not be a valid one.
        if Entries(rewritten.bytes).text(EntryType.traceState) == nil { header.traceState = 0 }
        header.payloadBytes = UInt32(clamping: rewritten.bytes.count)
        return SpanRecord(header: header, payload: rewritten.bytes, anchor: record.anchor)
    }

    /// The redacted log record; valid until the next call.
    func rewrite(_ record: LogRecordView, _ source: any RecordSource) -> LogRecordView {
        rewritten.removeAll()
        var header = record.header
        // The body stays the first entry.
        rewrite(Entries(record.payload), source, nil, depth: 0)
        for field in Self.logTexts where header[field] != 0 && texts.redact(source.text(of: header[field])) {
            header[field] = 0
            rewritten.begin(field.entryType)
            rewritten.end(data: texts.replacement)
        }
        header.payloadBytes = UInt32(clamping: rewritten.bytes.count)
        return LogRecordView(header: header, payload: rewritten.bytes, anchor: record.anchor)
    }

    private func rewrite(_ entries: Entries, _ source: any RecordSource, _ action: Int?, depth: Int) {
        guard depth < deepestValue else { return }
        var entries = entries
        while let entry = entries.next() {
            guard entry.header.type != EntryType.removed else { continue }
            rewrite(entry, source, action, depth: depth)
        }
    }

    private func rewrite(_ entry: Entries.Entry, _ source: any RecordSource, _ inherited: Int?, depth: Int) {
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
        // The key comes first, because the redactor has only one replacement at a time.
        switch entry.header.type {
        case EntryType.string, EntryType.bytes, EntryType.name, EntryType.statusDescription, EntryType.scope,
            EntryType.eventName, EntryType.severityText:
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
        case EntryType.file, EntryType.function:
            begin(entry.header.type)
            rewritten.end(data: entry.data)
        // Other types are not written by any recorder. In a damaged file their content was not checked.
        default: break
        }
    }

    /// Rewrites an event or a link, which has a header of fixed size and then attributes.
    private func rewriteContainer(
        _ entry: Entries.Entry,
        _ headerBytes: Int,
        _ begin: (UInt8) -> Void,
        _ source: any RecordSource,
        _ depth: Int
    ) {
        guard entry.data.count >= headerBytes else { return }
        begin(entry.header.type)
        let place = rewritten.beginContainer()
        rewritten.append(UnsafeRawBufferPointer(rebasing: entry.data[..<headerBytes]))
        rewrite(Entries(Self.inside(entry, headerBytes)), source, nil, depth: depth + 1)
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
