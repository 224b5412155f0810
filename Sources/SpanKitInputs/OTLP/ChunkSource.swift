import SpanKitPlatform

/// Divides input into chunks that can be decoded independently of each other.
///
/// In text, a chunk begins at a `{` at the start of a line. ``ObjectSplitter`` always begins an object there, unless
/// the last byte before the line is `[`, `,` or `:`. A chunk without such a position continues the previous chunk, as
/// all chunks of binary input do.
///
/// An instance must be used by one thread at a time.
final class ChunkSource: @unchecked Sendable {
    struct Chunk: Sendable {
        var bytes: [UInt8]
        /// Whether the decoder of the previous chunk has to read this one.
        var continues: Bool
    }

    private let input: InputBytes
    private let chunkBytes: Int
    /// Bytes that were read but are in no chunk.
    private var pending: [UInt8] = []
    /// Whether `pending` continues the previous chunk.
    private var continues = false
    /// The last byte of the chunks so far that is not white space, and the last byte of any kind.
    private var lastVisibleByte: UInt8 = 0
    private var lastByte: UInt8 = 0
    /// Whether the input is text; `nil` if it is not known.
    private var isText: Bool?
    private var isAtEnd = false
    private var failure: InputBytes.Problem?

    init(_ input: InputBytes, chunkBytes: Int) {
        self.input = input
        self.chunkBytes = chunkBytes
    }

    /// The next chunk, or `nil` at the end, with the reason why the input could not be read further.
    func next() -> (Chunk?, InputBytes.Problem?) {
        // A slow writer's bytes are passed on without waiting for more.
        while !isAtEnd, pending.count < chunkBytes, pending.isEmpty || isText == nil || !input.wouldWait { readMore() }
        guard !pending.isEmpty else { return (nil, failure) }
        let size = min(pending.count, chunkBytes)
        if isText == true, continues, let start = starts(before: size).first {
            if start > 0 { return (cut(start, continuing: false), nil) }
            continues = false
        }
        if isText == true, size == chunkBytes, let start = starts(before: size).last, start > 0 {
            return (cut(start, continuing: false), nil)
        }
        return (cut(size, continuing: true), nil)
    }

    private func readMore() {
        do throws(InputBytes.Problem) {
            if let bytes = try input.next() { pending += bytes } else { isAtEnd = true }
        } catch {
            failure = error
            isAtEnd = true
        }
        if isText == nil {
            isText = TraceForm.of(pending.prefix(TraceForm.mostBytes), isWhole: isAtEnd).map { $0 == .text }
        }
    }

    /// - Parameter continuing: Whether the bytes after the chunk continue it.
    private func cut(_ end: Int, continuing: Bool) -> Chunk {
        let rest = Array(pending[end...])
        pending.removeLast(rest.count)
        let chunk = Chunk(bytes: pending, continues: continues)
        lastByte = pending.last ?? lastByte
        lastVisibleByte = pending.last { !ObjectSplitter.isSpace($0) } ?? lastVisibleByte
        continues = continuing
        pending = rest
        pending.reserveCapacity(chunkBytes + 64 * 1_024)
        return chunk
    }

    /// The first and the last position where an object begins, regardless of the bytes before it.
    private func starts(before end: Int) -> (first: Int?, last: Int?) {
        let brace = UInt8(ascii: "{")
        return pending.withUnsafeBufferPointer { bytes in
            func begins(_ place: Int) -> Bool {
                guard bytes[place] == brace, (place > 0 ? bytes[place - 1] : lastByte) == 0x0A else { return false }
                let before = bytes[..<place].last { !ObjectSplitter.isSpace($0) } ?? lastVisibleByte
                return ![UInt8(ascii: "["), UInt8(ascii: ","), UInt8(ascii: ":")].contains(before)
            }
            guard let first = (0..<end).first(where: begins) else { return (nil, nil) }
            return (first, (first..<end).last(where: begins))
        }
    }
}
