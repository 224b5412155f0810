/// Reads server-sent events from a stream of bytes that may be cut anywhere (WHATWG HTML, "Server-sent events", §9.2.6).
struct ServerSentEvents {
    /// The maximum length of a line and of an event in bytes.
    static let longestEvent = 4 * 1_024 * 1_024

    /// The error for a line or an event that exceeds the limit.
    struct TooLong: Error {}

    /// A complete event.
    struct Event {
        /// The value of its `event` field, or nil if it has none.
        var name: String?
        /// The values of its `data` fields, joined by line feeds.
        var data: [UInt8]
    }

    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var name: String?
    private var hasData = false
    private var lastWasCarriageReturn = false
    private var isFirstLine = true

    /// Reads bytes and calls `body` with each event that they complete, until `body` returns false.
    mutating func add(_ bytes: UnsafeRawBufferPointer, _ body: (Event) -> Bool) throws(TooLong) {
        var start = 0
        for position in bytes.indices {
            let byte = bytes[position]
            defer { lastWasCarriageReturn = byte == 0x0D }
            guard byte == 0x0A || byte == 0x0D else { continue }
            let piece = bytes[start..<position]
            start = position + 1
            // The line feed of a CR LF may arrive in a later piece than the CR.
            if byte == 0x0A, lastWasCarriageReturn, piece.isEmpty { continue }
            try append(piece)
            guard endLine(body) else { return }
        }
        try append(bytes[start...])
    }

    private mutating func append(_ piece: Slice<UnsafeRawBufferPointer>) throws(TooLong) {
        guard line.count + data.count + piece.count <= Self.longestEvent else { throw TooLong() }
        line.append(contentsOf: piece)
    }

    private mutating func endLine(_ body: (Event) -> Bool) -> Bool {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isFirstLine = false
        guard !line.isEmpty else {
            defer {
                data.removeAll(keepingCapacity: true)
                hasData = false
                name = nil
            }
            return hasData ? body(Event(name: name, data: data)) : true
        }
        if let value = value(of: "event") { name = String(decoding: value, as: UTF8.self) }
        guard let value = value(of: "data") else { return true }
        if hasData { data.append(0x0A) }
        data.append(contentsOf: value)
        hasData = true
        return true
    }

    /// The value after a field's name and colon, or nil if the line is another field.
    private func value(of field: String) -> ArraySlice<UInt8>? {
        guard line.starts(with: field.utf8) else { return nil }
        var value = line.dropFirst(field.utf8.count)
        guard value.isEmpty || value.first == 0x3A else { return nil }
        value = value.dropFirst()
        return value.first == 0x20 ? value.dropFirst() : value
    }
}
