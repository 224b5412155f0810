import SpanKitPlatform

/// Finds the messages in binary input that comes in pieces.
///
/// It needs memory for the largest message, not for the whole input.
struct ProtobufStream {
    enum Finding {
        /// A message and the offset of its first byte. If messages have no length prefix, it is one `ResourceSpans`.
        case message(ArraySlice<UInt8>, offset: Int)
        /// Bytes that are skipped, and their offset.
        case problem(String, offset: Int)
    }

    let framing: TraceForm.Framing
    private let maximumBytes: Int
    /// Bytes that were read but not passed on yet.
    private var bytes: [UInt8] = []
    /// The index of the first byte that was not passed on.
    private var place = 0
    /// The offset of `bytes[0]` in the input.
    private var base = 0
    /// The number of bytes that remain to be skipped of a message that is too long.
    private var passedOver = 0
    /// The offset of bytes that are not a message.
    private var damageOffset: Int?

    init(_ framing: TraceForm.Framing, maximumBytes: Int) {
        self.framing = framing
        self.maximumBytes = maximumBytes
    }

    /// Passes every message that ends in the next bytes to a closure. At the end of the input, also passes a truncated
    /// message.
    mutating func split<Stop: Error>(
        _ piece: UnsafeBufferPointer<UInt8>,
        isLast: Bool,
        _ body: (Finding) throws(Stop) -> Void
    ) throws(Stop) {
        bytes.append(contentsOf: piece)
        while try takesOne(isLast: isLast, body) {}
        bytes.removeFirst(place)
        base += place
        place = 0
        guard isLast, let start = damageOffset else { return }
        damageOffset = nil
        try body(
            .problem(
                "not an OTLP message; \(base - start == 1 ? "1 byte is" : "\(base - start) bytes are") left out",
                offset: start
            )
        )
    }

    /// - Returns: Whether there may be more.
    private mutating func takesOne<Stop: Error>(
        isLast: Bool,
        _ body: (Finding) throws(Stop) -> Void
    ) throws(Stop) -> Bool {
        if passedOver > 0 {
            let count = min(passedOver, bytes.count - place)
            passedOver -= count
            place += count
            return passedOver == 0 && place < bytes.count
        }
        guard place < bytes.count else { return false }
        let beginning = bytes[place...].prefix(TraceForm.mostBytes)
        switch TraceForm.message(beginning, framing) {
        case .undecided where !isLast: return false
        case .no, .undecided:
            if damageOffset == nil { damageOffset = base + place }
            place += 1
            return true
        case .yes: break
        }
        if let start = damageOffset {
            damageOffset = nil
            let count = base + place - start
            try body(
                .problem(
                    "not an OTLP message; \(count == 1 ? "1 byte is" : "\(count) bytes are") left out",
                    offset: start
                )
            )
        }
        let (start, count) = content()
        if count > maximumBytes {
            try body(.problem("the message is longer than \(maximumBytes) bytes; it is left out", offset: base + place))
            passedOver = start + count - place
            return true
        }
        let end = start + count
        guard end <= bytes.count || isLast else { return false }
        if end > bytes.count {
            let problem =
                "the message is cut off: \(end - bytes.count) of \(count) \(count == 1 ? "byte" : "bytes") \(end - bytes.count == 1 ? "is" : "are") missing"
            try body(.problem(problem, offset: base + bytes.count))
        }
        place = min(end, bytes.count)
        try body(.message(bytes[start..<place], offset: base + start))
        return true
    }

    /// Where the content of the message at `place` starts, and its length.
    private func content() -> (start: Int, count: Int) {
        var start = place
        switch framing {
        case .fourBytes:
            start += 4
            return (start, bytes[place..<start].reduce(0) { $0 << 8 | Int($1) })
        case .none: start += 1
        case .varint: break
        }
        let count = (try? Varint.read(bytes, at: &start)) ?? 0
        return (start, Int(count))
    }
}
