import Recording

/// Reads spans from OTLP JSON: lines of a file exporter, requests, pretty-printed or not, from anybody.
///
/// ```swift
/// var decoder = TraceDecoder()
/// while let bytes = try input.next() { decoder.decode(bytes) { print($0.span.name) } }
/// decoder.finish { print($0.span.name) }
/// ```
///
/// Bytes may come in any pieces. Needs memory for the largest object, never for the whole input. What cannot be read is
/// passed over and named in ``problems``; everything around it is kept: a torn last line, a byte order mark, `\r\n`, blank
/// lines, texts that are not UTF-8, numbers as texts, names of enums, keys in snake_case, spans without ids.
public struct TraceDecoder {
    /// What was wrong, the first hundred.
    public private(set) var problems: [DecodingProblem] = []
    /// All that was wrong.
    public private(set) var problemCount = 0
    /// Spans that were delivered.
    public private(set) var spanCount = 0
    /// Objects that carry metrics or logs instead of spans.
    public private(set) var otherSignalCount = 0

    private let maximumObjectBytes: Int
    private var object: [UInt8] = []
    private var depth = 0
    private var isInText = false
    private var isEscaped = false
    /// The object is longer than the limit; its end is looked for, its bytes are not kept.
    private var isTooLong = false
    private var line = 1
    private var firstLine = 1
    /// Bytes of the mark that have been seen; nil once the input has begun otherwise.
    private var byteOrderMark: Int? = 0

    /// - Parameter maximumObjectBytes: an object that is longer is passed over; 64 MiB by default, what receivers take.
    public init(maximumObjectBytes: Int = 64 * 1_024 * 1_024) {
        self.maximumObjectBytes = maximumObjectBytes
    }

    /// Takes the next bytes; hands out the spans of every object that ends in them.
    public mutating func decode(_ bytes: [UInt8], _ body: (DecodedSpan) -> Void) {
        bytes.withUnsafeBufferPointer { decode($0, body) }
    }

    /// Takes the next bytes; hands out the spans of every object that ends in them.
    public mutating func decode(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (DecodedSpan) -> Void) {
        var kept = 0
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            if byteOrderMark != nil, skipsByteOrderMark(byte) {
                place += 1
                kept = place
                continue
            }
            if depth == 0 {
                begin(byte, body)
                if depth == 0 { kept = place + 1 } else { kept = place }
                place += 1
                continue
            }
            place += 1
            switch byte {
            case 0x0A:
                line += 1
                // No JSON text holds a line end: a line that ends within one was torn.
                if isInText {
                    keep(bytes[kept..<place - 1])
                    endTorn(body)
                    kept = place
                }
            case _ where isInText:
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInText = false
                }
            case UInt8(ascii: "\""): isInText = true
            case UInt8(ascii: "{"):
                if isNewObject(bytes, place - 1) {
                    keep(bytes[kept..<place - 1])
                    endTorn(body)
                    kept = place - 1
                    begin(byte, body)
                } else {
                    depth += 1
                }
            case UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 {
                    keep(bytes[kept..<place])
                    end(body)
                    kept = place
                }
            default: break
            }
        }
        if depth > 0 { keep(bytes[kept..<bytes.count]) }
    }

    /// Says that there is nothing more: what is left is a torn object.
    public mutating func finish(_ body: (DecodedSpan) -> Void) {
        if depth > 0 { endTorn(body) }
    }

    // MARK: Objects

    private mutating func begin(_ byte: UInt8, _ body: (DecodedSpan) -> Void) {
        switch byte {
        case 0x0A: line += 1
        case 0x20, 0x09, 0x0D, UInt8(ascii: ","): break
        case UInt8(ascii: "{"):
            object.removeAll(keepingCapacity: true)
            firstLine = line
            depth = 1
            isInText = false
            isEscaped = false
            isTooLong = false
            garbageLine = nil
        default:
            if garbageLine != line {
                garbageLine = line
                report("is not an object of OTLP JSON", line)
            }
        }
    }

    /// The line that was last reported to hold something else, so that it is reported once.
    private var garbageLine: Int?

    private mutating func keep(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        guard !isTooLong, !bytes.isEmpty else { return }
        if object.count + bytes.count > maximumObjectBytes {
            isTooLong = true
            object.removeAll()
        } else {
            object.append(contentsOf: bytes)
        }
    }

    private mutating func end(_ body: (DecodedSpan) -> Void) {
        if isTooLong {
            report("is longer than \(maximumObjectBytes) bytes; it is passed over", firstLine)
        } else {
            read(body, isTorn: false)
        }
        depth = 0
    }

    private mutating func endTorn(_ body: (DecodedSpan) -> Void) {
        if isTooLong {
            report("is longer than \(maximumObjectBytes) bytes; it is passed over", firstLine)
        } else {
            read(body, isTorn: true)
        }
        depth = 0
        isInText = false
        isEscaped = false
    }

    private mutating func read(_ body: (DecodedSpan) -> Void, isTorn: Bool) {
        var delivered = 0
        let object = object
        withoutActuallyEscaping(body) { body in
            var reader = TraceReader { span in
                delivered += 1
                body(span)
            }
            object.withUnsafeBufferPointer { bytes in
                var cursor = JSONCursor(bytes)
                do throws(JSONCursor.Failure) {
                    try reader.read(&cursor)
                } catch {
                    let kept = delivered == 0 ? "" : "; \(delivered) spans before that are kept"
                    report((isTorn ? "breaks off" : error.reason) + kept, firstLine)
                }
            }
            for problem in reader.problems { report(problem, firstLine) }
            if reader.isOtherSignal { otherSignalCount += 1 }
        }
        spanCount += delivered
    }

    private mutating func report(_ reason: String, _ line: Int) {
        problemCount += 1
        if problems.count < 100 { problems.append(DecodingProblem(line: line, reason: reason)) }
    }

    // MARK: Edges

    /// The mark of three bytes at the very start.
    private mutating func skipsByteOrderMark(_ byte: UInt8) -> Bool {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        guard let seen = byteOrderMark, byte == mark[seen] else {
            byteOrderMark = nil
            return false
        }
        byteOrderMark = seen == 2 ? nil : seen + 1
        return true
    }

    /// Whether the brace at a place begins a line of its own because the line before was torn.
    ///
    /// Within an object a brace stands behind `[`, `,` or `:`. A line may also be torn behind one of those; then the key tells.
    private func isNewObject(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
        guard place > 0, bytes[place - 1] == 0x0A else { return false }
        let before = bytes[..<place].last { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard let before, [UInt8(ascii: "["), UInt8(ascii: ","), UInt8(ascii: ":")].contains(before) else {
            return true
        }
        return bytes[(place + 1)...].starts(with: "\"resourceSpans\"".utf8)
    }
}
