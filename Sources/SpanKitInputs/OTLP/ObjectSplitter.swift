/// Finds the JSON objects in bytes that come in pieces, whatever stands between them.
///
/// An object that was torn ends where the next one of OTLP begins: at the end of its line, or right behind the tear.
struct ObjectSplitter {
    /// A place in the input, counted from 1, columns in bytes.
    struct Position: Equatable {
        var line = 1
        var column = 1
    }

    enum Finding {
        /// Bytes from one brace to the other, or to where they break off.
        case object(UnsafeBufferPointer<UInt8>, Position, isTorn: Bool)
        /// An object beyond the limit.
        case tooLong(Position)
        /// Something else; named once a line.
        case garbage(Position)
    }

    private let maximumObjectBytes: Int
    /// What earlier pieces had of the object.
    private var object: [UInt8] = []
    private var start = Position()
    private var depth = 0
    private var isInText = false
    private var isEscaped = false
    private var isAtFirstKey = false
    /// The end of an object that is too long is looked for, its bytes are not kept.
    private var isTooLong = false

    /// The line that was begun last.
    private(set) var line = 1
    /// Bytes of all pieces before this one.
    private var consumed = 0
    private var lineStart = 0
    private var garbageLine: Int?
    /// What could become the name of a new object, with the bytes to come.
    private var carried: [UInt8] = []
    /// Of the piece before: the last byte, and the last that was no white space.
    private var lastByte: UInt8 = 0x0A
    private var lastVisibleByte: UInt8 = 0
    private var byteOrderMarkBytes = 0

    init(maximumObjectBytes: Int) {
        self.maximumObjectBytes = maximumObjectBytes
    }

    /// Takes the next bytes; hands out every object that ends in them.
    mutating func split<Stop: Error>(
        _ piece: UnsafeBufferPointer<UInt8>,
        _ body: (Finding) throws(Stop) -> Void
    ) throws(Stop) {
        guard !carried.isEmpty else { return try scan(piece, isLast: false, body) }
        let joined = carried + piece
        carried = []
        try joined.withUnsafeBufferPointer { (joined) throws(Stop) in try scan(joined, isLast: false, body) }
    }

    /// Says that there is nothing more: what is left is a torn object.
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
        /// Where the object's bytes begin that `object` does not have.
        var kept = 0
        var scanned = piece.count
        while place < piece.count {
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
                    // No JSON text holds a line end: a line that ends within one was torn.
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

    /// Takes a byte that stands between objects; true where it begins one.
    private mutating func begins<Stop: Error>(
        _ byte: UInt8,
        at place: Int,
        _ body: (Finding) throws(Stop) -> Void
    ) throws(Stop) -> Bool {
        let position = Position(line: line, column: consumed + place - lineStart + 1)
        if isByteOrderMark(byte, at: consumed + place) { return false }
        switch byte {
        case 0x0A: newLine(behind: place)
        // Requests may stand in a list, too.
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

    /// The mark of three bytes at the very start.
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

    // MARK: Tears

    private enum Answer {
        case yes, no, undecided
    }

    /// The first keys by which an object of OTLP is known, each with its closing quotation mark.
    private static let names = [
        "resourceSpans\"", "resource_spans\"", "resourceMetrics\"", "resource_metrics\"", "resourceLogs\"",
        "resource_logs\"",
    ].map { Array($0.utf8) }

    /// Whether the quotation mark opens the first key of a new object, though another has not ended.
    ///
    /// Those bytes stand nowhere else: within a text the mark would be escaped.
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

    /// Whether the brace opens the value of a key that only wraps OTLP: Tempo's `trace`, `result`.
    private func isWrapped(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let before = (object.suffix(64) + bytes.suffix(64)).filter { !Self.isSpace($0) }
        return ["\"trace\":{", "\"result\":{"].contains { before.suffix($0.utf8.count).elementsEqual($0.utf8) }
    }

    /// Ends the torn object before the brace whose first key the quotation mark at the place opens, and begins another there.
    ///
    /// Returns where the bytes of the new object begin.
    private mutating func breakOff<Stop: Error>(
        _ piece: UnsafeBufferPointer<UInt8>,
        _ kept: Int,
        _ place: Int,
        _ body: (Finding) throws(Stop) -> Void
    ) throws(Stop) -> Int {
        let brace = piece[kept..<place].lastIndex { !Self.isSpace($0) }
        if brace == nil, !isTooLong {
            // An earlier piece ended behind it.
            object.removeLast(object.count - (object.lastIndex(of: UInt8(ascii: "{")) ?? object.count))
        }
        try end(piece[kept..<(brace ?? kept)], isTorn: true, body)
        begin(at: Position(line: line, column: max(1, consumed + (brace ?? place - 1) - lineStart + 1)))
        if brace == nil { object.append(UInt8(ascii: "{")) }
        isInText = true
        isAtFirstKey = false
        return brace ?? place
    }

    /// Whether the brace begins a line because the line before was torn.
    ///
    /// Within an object a brace stands behind `[`, `,` or `:`; a line that was torn behind one of those is found by its name.
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

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
