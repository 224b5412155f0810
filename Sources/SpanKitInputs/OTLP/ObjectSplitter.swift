/// Finds the JSON objects in bytes that come in pieces, and skips the bytes between them.
///
/// An object that was cut off ends where the next OTLP object begins: on the next line, or directly after the cut.
struct ObjectSplitter {
    /// A line and a column in the input, both counted from 1, columns in bytes.
    struct Position: Equatable {
        var line = 1
        var column = 1
    }

    enum Finding {
        /// The bytes from the opening to the closing brace, or to the point where the object is cut off.
        case object(UnsafeBufferPointer<UInt8>, Position, isTorn: Bool)
        /// An object above the size limit.
        case tooLong(Position)
        /// Bytes that are not part of an object; reported once a line.
        case garbage(Position)
    }

    private let maximumObjectBytes: Int
    /// The object's bytes in earlier pieces.
    private var object: [UInt8] = []
    private var start = Position()
    var depth = 0
    var isInText = false
    private var isEscaped = false
    private var isAtFirstKey = false
    /// Whether the object is above the size limit, so that its bytes are no longer kept.
    private var isTooLong = false

    /// The current line.
    private(set) var line = 1
    /// The number of bytes in all earlier pieces.
    private var consumed = 0
    private var lineStart = 0
    private var garbageLine: Int?
    /// The end of the previous piece, if it may be the beginning of an object's first key.
    private var carried: [UInt8] = []
    /// The last byte of the previous piece, and its last byte that is not white space.
    private var lastByte: UInt8 = 0x0A
    private var lastVisibleByte: UInt8 = 0
    private var byteOrderMarkBytes = 0

    init(maximumObjectBytes: Int) {
        self.maximumObjectBytes = maximumObjectBytes
    }

    /// Reads the next bytes and reports every object that ends in them.
    mutating func split<Stop: Error>(
        _ piece: UnsafeBufferPointer<UInt8>,
        _ body: (Finding) throws(Stop) -> Void
    ) throws(Stop) {
        guard !carried.isEmpty else { return try scan(piece, isLast: false, body) }
        let joined = carried + piece
        carried = []
        try joined.withUnsafeBufferPointer { (joined) throws(Stop) in try scan(joined, isLast: false, body) }
    }

    /// Ends the input. Bytes that are left are an object that was cut off.
    mutating func finish<Stop: Error>(_ body: (Finding) throws(Stop) -> Void) throws(Stop) {
        let rest = carried
        carried = []
        try rest.withUnsafeBufferPointer { (rest) throws(Stop) in try scan(rest, isLast: true, body) }
        if depth > 0 { try end(UnsafeBufferPointer(start: nil, count: 0)[...], isTorn: true, body) }
    }

    private mutating func scan<Stop: Error>(
        _ piece: UnsafeBufferPointer<UInt8>,
        isLast: Bool,
        _ body: (Finding) throws(Stop) -> Void
    ) throws(Stop) {
        var place = 0
        /// The start of the object's bytes that are not in `object` yet.
        var kept = 0
        var scanned = piece.count
        while place < piece.count {
            if depth > 0, !isAtFirstKey, !isEscaped {
                place = endOfPlainBytes(piece, from: place)
                if place == piece.count { break }
            }
            let byte = piece[place]
            if depth == 0 {
                if try begins(byte, at: place, body) { kept = place }
            } else if isInText {
                switch byte {
                case UInt8(ascii: "\\"): isEscaped.toggle()
                case UInt8(ascii: "\"") where !isEscaped:
                    switch nameBehind(piece, place, isLast) {
                    case .no: isInText = false
                    case .undecided: scanned = place
                    case .yes: kept = try breakOff(piece, kept, place, body)
                    }
                case 0x0A:
                    // A JSON string cannot contain a line feed, so the line was cut off within one.
                    try end(piece[kept..<place], isTorn: true, body)
                    newLine(behind: place)
                default: isEscaped = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""):
                    switch nameBehind(piece, place, isLast) {
                    case .no: isInText = true
                    case .undecided: scanned = place
                    case .yes where isWrapped(piece[kept..<place]): isInText = true
                    case .yes: kept = try breakOff(piece, kept, place, body)
                    }
                case UInt8(ascii: "{"):
                    if beginsLineOfItsOwn(piece, place) {
                        try end(piece[kept..<place], isTorn: true, body)
                        _ = try begins(byte, at: place, body)
                        kept = place
                    } else {
                        depth += 1
                    }
                case UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth == 0 {
                        depth = 1
                        try end(piece[kept...place], isTorn: false, body)
                    }
                case 0x0A: newLine(behind: place)
                default: break
                }
            }
            if scanned < piece.count { break }
            place += 1
        }
        if depth > 0 { keep(piece[kept..<scanned]) }
        carried = Array(piece[scanned...])
        remember(piece[..<scanned])
    }

    private mutating func remember(_ piece: Slice<UnsafeBufferPointer<UInt8>>) {
        consumed += piece.count
        lastVisibleByte = piece.last { !Self.isSpace($0) } ?? lastVisibleByte
        lastByte = piece.last ?? lastByte
    }

    private mutating func newLine(behind place: Int) {
        line += 1
        lineStart = consumed + place + 1
    }

    // MARK: Objects

    /// Reads a byte between objects and returns whether it begins an object.
    private mutating func begins<Stop: Error>(
        _ byte: UInt8,
        at place: Int,
        _ body: (Finding) throws(Stop) -> Void
    ) throws(Stop) -> Bool {
        let position = Position(line: line, column: consumed + place - lineStart + 1)
        if isByteOrderMark(byte, at: consumed + place) { return false }
        switch byte {
        case 0x0A: newLine(behind: place)
        // Requests may also be elements of a list.
        case 0x20, 0x09, 0x0D, UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"): break
        case UInt8(ascii: "{"):
            begin(at: position)
            return true
        default:
            if garbageLine != line {
                garbageLine = line
                try body(.garbage(position))
            }
        }
        return false
    }

    /// Whether the byte is part of the byte order mark at the start of the input.
    private mutating func isByteOrderMark(_ byte: UInt8, at offset: Int) -> Bool {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        guard offset < mark.count, offset == byteOrderMarkBytes, byte == mark[offset] else { return false }
        byteOrderMarkBytes += 1
        return true
    }

    private mutating func begin(at position: Position) {
        object.removeAll(keepingCapacity: true)
        start = position
        depth = 1
        isInText = false
        isEscaped = false
        isAtFirstKey = true
        isTooLong = false
    }

    private mutating func keep(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        guard !isTooLong, !bytes.isEmpty else { return }
        if object.count + bytes.count > maximumObjectBytes {
            isTooLong = true
            object = []
        } else {
            object.append(contentsOf: bytes)
        }
    }

    private mutating func end<Stop: Error>(
        _ bytes: Slice<UnsafeBufferPointer<UInt8>>,
        isTorn: Bool,
        _ body: (Finding) throws(Stop) -> Void
    ) throws(Stop) {
        depth = 0
        isInText = false
        isEscaped = false
        if !isTooLong, object.isEmpty, bytes.count <= maximumObjectBytes {
            return try body(.object(UnsafeBufferPointer(rebasing: bytes), start, isTorn: isTorn))
        }
        keep(bytes)
        if isTooLong { return try body(.tooLong(start)) }
        let object = object
        try object.withUnsafeBufferPointer { (bytes) throws(Stop) in try body(.object(bytes, start, isTorn: isTorn)) }
    }

    // MARK: Cut lines

    private enum Answer {
        case yes, no, undecided
    }

    /// The first keys of OTLP objects, each with its closing quotation mark.
    private static let names = [
        "resourceSpans\"", "resource_spans\"", "resourceMetrics\"", "resource_metrics\"", "resourceLogs\"",
        "resource_logs\"",
    ].map { Array($0.utf8) }

    /// Whether the quotation mark opens the first key of a new object although the current one has not ended.
    ///
    /// Within a string the quotation mark would be escaped, so these bytes are unambiguous.
    private mutating func nameBehind(_ piece: UnsafeBufferPointer<UInt8>, _ place: Int, _ isLast: Bool) -> Answer {
        guard visibleByte(before: place, in: piece) == UInt8(ascii: "{") else { return .no }
        if isAtFirstKey {
            isAtFirstKey = false
            return .no
        }
        let behind = piece[(place + 1)...]
        for name in Self.names {
            if behind.starts(with: name) { return .yes }
            if !isLast, behind.count < name.count, name.starts(with: behind) { return .undecided }
        }
        return .no
    }

    /// Whether the brace opens the value of a key that only wraps OTLP: Tempo's `trace` and `result`.
    private func isWrapped(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let before = (object.suffix(64) + bytes.suffix(64)).filter { !Self.isSpace($0) }
        return ["\"trace\":{", "\"result\":{"].contains { before.suffix($0.utf8.count).elementsEqual($0.utf8) }
    }

    /// Ends the current object, which was cut off, and begins another at the brace before the quotation mark at `place`.
    /// - Returns: The start of the new object's bytes.
    private mutating func breakOff<Stop: Error>(
        _ piece: UnsafeBufferPointer<UInt8>,
        _ kept: Int,
        _ place: Int,
        _ body: (Finding) throws(Stop) -> Void
    ) throws(Stop) -> Int {
        let brace = piece[kept..<place].lastIndex { !Self.isSpace($0) }
        if brace == nil, !isTooLong {
            // The brace is at the end of an earlier piece.
            object.removeLast(object.count - (object.lastIndex(of: UInt8(ascii: "{")) ?? object.count))
        }
        try end(piece[kept..<(brace ?? kept)], isTorn: true, body)
        begin(at: Position(line: line, column: max(1, consumed + (brace ?? place - 1) - lineStart + 1)))
        if brace == nil { object.append(UInt8(ascii: "{")) }
        isInText = true
        isAtFirstKey = false
        return brace ?? place
    }

    /// Whether the brace begins a line because the previous line was cut off.
    ///
    /// Within an object, a brace follows `[`, `,` or `:`. A line that was cut off after one of these is found by its first key.
    private func beginsLineOfItsOwn(_ piece: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
        guard (place > 0 ? piece[place - 1] : lastByte) == 0x0A else { return false }
        switch visibleByte(before: place, in: piece) {
        case UInt8(ascii: "["), UInt8(ascii: ","), UInt8(ascii: ":"): return false
        default: return true
        }
    }

    private func visibleByte(before place: Int, in piece: UnsafeBufferPointer<UInt8>) -> UInt8 {
        var place = place - 1
        while place >= 0 {
            if !Self.isSpace(piece[place]) { return piece[place] }
            place -= 1
        }
        return lastVisibleByte
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
