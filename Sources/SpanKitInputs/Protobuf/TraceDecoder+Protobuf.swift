import SpanKitOTLP
import SpanKitPlatform

extension TraceDecoder {
    /// Decodes bytes of input whose format is not known to be text.
    mutating func decodeUnknown<Stop: Error>(
        _ bytes: UnsafeBufferPointer<UInt8>,
        isLast: Bool,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        if binary != nil { return try decodeBinary(bytes, isLast: isLast, body) }
        let head = beginning + bytes.prefix(TraceForm.mostBytes)
        guard let form = TraceForm.of(head[...], isWhole: isLast) else {
            beginning += bytes
            return
        }
        let earlier = beginning
        beginning = []
        switch form {
        case .text:
            isText = true
            try decode(earlier, body)
            try decode(bytes, body)
        case .protobuf(let framing):
            binary = ProtobufStream(framing, maximumBytes: maximumObjectBytes)
            try earlier.withUnsafeBufferPointer { (bytes) throws(Stop) in
                try decodeBinary(bytes, isLast: false, body)
            }
            try decodeBinary(bytes, isLast: isLast, body)
        }
    }

    private mutating func decodeBinary<Stop: Error>(
        _ bytes: UnsafeBufferPointer<UInt8>,
        isLast: Bool,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        // Taken out of `self`, so that both can change at the same time without a copy.
        guard var stream = binary.take() else { return }
        defer { binary = stream }
        let framing = stream.framing
        try stream.split(bytes, isLast: isLast) { (finding) throws(Stop) in
            switch finding {
            case .problem(let reason, let offset): report(reason, byteOffset: offset)
            case .message(let message, let offset) where framing == .none:
                try readResourceSpans(message, from: message.startIndex, offset, body)
            case .message(let message, let offset): try readMessage(message, offset, body)
            }
        }
    }

    /// Reads a message that followed its length: protobuf or JSON, possibly compressed.
    private mutating func readMessage<Stop: Error>(
        _ message: ArraySlice<UInt8>,
        _ offset: Int,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        var message = message
        let isCompressed = message.starts(with: Zstandard.magic)
        if isCompressed {
            do throws(Zstandard.Failure) {
                message = try Zstandard.decompress(message, limit: maximumObjectBytes)[...]
            } catch {
                return report("\(error.reason); a message of \(message.count) bytes is left out", byteOffset: offset)
            }
        }
        if message.first == UInt8(ascii: "{") { return try readJSON(message, offset, body) }
        // For compressed messages, problems are at the offset of the message.
        let start = isCompressed ? nil : message.startIndex as Int?
        var reader = ProtobufFieldReader(message)
        while let field = reader.next() {
            if field.number == 1, field.wire == 2 {
                try readResourceSpans(field.content, from: start, offset, body)
            } else {
                unknownFieldCount += 1
            }
        }
        guard let damage = reader.damage else { return }
        let known = problemCount
        if let cut = reader.cut, cut.number == 1 { try readResourceSpans(cut.content, from: start, offset, body) }
        guard problemCount == known else { return }
        let place = start.map { offset + damage.place - $0 } ?? offset
        report("a message is damaged (\(damage.reason)); what was read before that is kept", byteOffset: place)
    }

    /// - Parameter start: The index of the byte at the offset; `nil` if all notes get this offset.
    private mutating func readResourceSpans<Stop: Error>(
        _ message: ArraySlice<UInt8>,
        from start: Int?,
        _ offset: Int,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        var reader = ProtobufTraceReader(
            noteLimit: Self.problemLimit - problems.count,
            forwards: forwards,
            reads: reads
        )
        defer {
            for note in reader.notes {
                report(note.reason, byteOffset: start.map { offset + note.place - $0 } ?? offset)
            }
            problemCount += reader.noteCount - reader.notes.count
            unknownFieldCount += reader.unknownFieldCount
            if reader.isOtherSignal { otherSignalCount += 1 }
            add(reader.metrics)
            add(reader.logs)
        }
        try reader.read(message) { (span) throws(Stop) in
            try body(span)
            spanCount += 1
        }
    }

    private mutating func readJSON<Stop: Error>(
        _ message: ArraySlice<UInt8>,
        _ offset: Int,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) {
        let known = problems.count
        defer { for index in known..<problems.count { problems[index].byteOffset = offset } }
        try message.withUnsafeBufferPointer { (bytes) throws(Stop) in
            try read(bytes, from: ObjectSplitter.Position(), isTorn: false, body)
        }
    }

    private mutating func report(_ reason: String, byteOffset: Int) {
        problemCount += 1
        guard problems.count < Self.problemLimit else { return }
        problems.append(DecodingProblem(line: 1, column: 1, byteOffset: byteOffset, reason: reason))
    }
}
