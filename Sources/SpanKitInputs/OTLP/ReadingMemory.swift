import SpanKitPlatform
import SpanKitRecording

/// What a decoder remembers of the objects it has read, to read similar objects faster: the order of their members, and
/// short strings. It does not change the result.
final class ReadingMemory {
    let members = MemberMemory()
    /// Names of spans, events and attributes.
    let names = TextMemory()
    /// String values of attributes. They are kept separately, so that values that never repeat do not displace names.
    let values = TextMemory()
    /// The probable maximum number of attributes of the next list.
    var attributeCount = 0
    let spans = KeptSpans()
}

/// Spans that are kept until their whole resource was read.
final class KeptSpans {
    /// The maximum number of spans and of their bytes in the input. If a resource has more, the rest is read in a
    /// second pass.
    static let most = 8_192
    static let mostBytes = 1 << 20
    private var byteCount = 0
    /// The first `count` are initialized.
    private let storage = UnsafeMutablePointer<RecordedSpan>.allocate(capacity: most)
    private(set) var count = 0

    deinit {
        removeAll()
        storage.deallocate()
    }

    var isFull: Bool { count == Self.most || byteCount >= Self.mostBytes }

    /// - Parameter bytes: The size of the span in the input.
    func append(_ span: consuming RecordedSpan, bytes: Int) {
        precondition(!isFull)
        (storage + count).initialize(to: span)
        count += 1
        byteCount += bytes
    }

    func removeAll() {
        storage.deinitialize(count: count)
        (count, byteCount) = (0, 0)
    }

    /// Removes all spans and passes each with its index to `body`.
    func take<Failure: Error>(_ body: (Int, consuming RecordedSpan) throws(Failure) -> Void) throws(Failure) {
        let last = count
        (count, byteCount) = (0, 0)
        for place in 0..<last {
            do { try body(place, (storage + place).move()) } catch {
                (storage + place + 1).deinitialize(count: last - place - 1)
                throw error
            }
        }
    }
}

/// Up to 32 bytes of JSON as four words, padded with zeros.
struct ShortBytes: Equatable {
    static let mostBytes = 32
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0

    /// The first `count` of 32 bytes that can be read.
    @inline(__always)
    init(_ bytes: UnsafePointer<UInt8>, count: Int) {
        first = Self.word(bytes, count)
        if count > 8 { second = Self.word(bytes + 8, count - 8) }
        if count > 16 { third = Self.word(bytes + 16, count - 16) }
        if count > 24 { fourth = Self.word(bytes + 24, count - 24) }
    }

    init() {}

    @inline(__always)
    private static func word(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        count >= 8 ? word(bytes) : word(bytes) & (1 << UInt64(count * 8) &- 1)
    }

    @inline(__always)
    private static func word(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
    }

    /// Whether 32 bytes that can be read begin with these. It has no branch that depends on their number.
    /// - Parameter mask: ``mask(count:)`` of their number.
    @inline(__always)
    func begin(_ bytes: UnsafePointer<UInt8>, mask: Self) -> Bool {
        (Self.word(bytes) & mask.first ^ first) | (Self.word(bytes + 8) & mask.second ^ second)
            | (Self.word(bytes + 16) & mask.third ^ third) | (Self.word(bytes + 24) & mask.fourth ^ fourth) == 0
    }

    /// All bits of the first `count` bytes.
    static func mask(count: Int) -> Self {
        let ones = [UInt8](repeating: 0xFF, count: mostBytes)
        return ones.withUnsafeBufferPointer { ones in
            ones.baseAddress.map { Self($0, count: count) } ?? Self()
        }
    }

    @inline(__always)
    static func == (left: Self, right: Self) -> Bool {
        (left.first ^ right.first) | (left.second ^ right.second) | (left.third ^ right.third)
            | (left.fourth ^ right.fourth) == 0
    }

    /// The highest 8 bits of a product are a good hash.
    @inline(__always)
    var hash: Int {
        let mixed = first ^ (second << 23 | second >> 41) ^ (third << 11 | third >> 53) ^ (fourth << 37 | fourth >> 27)
        return Int((mixed &* 0x9E37_79B9_7F4A_7C15) >> 56)
    }
}

/// The most recently read strings, each stored in one of two entries for the hash of its bytes.
final class TextMemory {
    private struct Entry {
        var bytes = ShortBytes()
        var text = ""
    }

    /// 256 entries, because ``ShortBytes/hash`` has 8 bits.
    private let entries: UnsafeMutablePointer<Entry>

    init() {
        entries = .allocate(capacity: 256)
        entries.initialize(repeating: Entry(), count: 256)
    }

    deinit {
        entries.deinitialize(count: 256)
        entries.deallocate()
    }

    /// The text of bytes without control characters; bytes that are not UTF-8 become U+FFFD.
    /// - Parameter start: The first of 32 bytes that can be read.
    @inline(__always)
    func text(_ start: UnsafePointer<UInt8>, count: Int) -> String {
        let bytes = ShortBytes(start, count: count)
        let place = bytes.hash
        if entries[place].bytes == bytes { return entries[place].text }
        return otherText(bytes, start, count, place)
    }

    /// The text in the second entry for its hash, or a new one. Two texts that alternate in a file may have the same hash.
    @inline(never)
    private func otherText(
        _ bytes: ShortBytes,
        _ start: UnsafePointer<UInt8>,
        _ count: Int,
        _ place: Int
    ) -> String {
        let second = place ^ 1
        if entries[second].bytes == bytes { return entries[second].text }
        let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
        swap(&entries[place], &entries[second])
        entries[place] = Entry(bytes: bytes, text: text)
        return text
    }
}
