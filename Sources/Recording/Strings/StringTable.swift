import SpanKitPercentiles
import SpanKitPlatform

/// Gives every span name and attribute key a number, so that a record holds four bytes instead of the text.
///
/// A `StaticString` is found by its address, without looking at its bytes; any other text by its content, byte by byte: `String`
/// holds "é" and "e\u{301}" for equal, and one would come back as the other. A lock is taken for new texts only. The texts themselves stand in chunks of the region, written once before their number is handed out,
/// so that whoever reads the region can read them too. Bounded: when ``capacity`` numbers are used, new texts get number
/// 0 and travel inside the span.
///
/// Threads: any; ``StaticTextCells`` and ``DynamicTextCells`` say how they do without a lock.
final class StringTable: @unchecked Sendable {
    /// Numbers that can be given.
    static let capacity = DynamicTextCells.capacity
    /// Longer texts are not worth keeping: they are data, not names.
    static let maximumBytes = 1_024
    /// In the region a text follows its number and its length, four bytes each; the next number is at a multiple of eight.
    static let lengthOffset = 4
    static let textOffset = 8

    private struct Text {
        var start: UnsafeRawPointer?
        var length: Int
    }

    private struct State {
        var count: UInt32 = 0
        var cellsUsed = 0
        var chunk: UnsafeMutablePointer<ChunkHeader>?
    }

    private let region: Region
    private let engine: PercentileEngine
    /// Where texts known at compile time are found.
    let cells = StaticTextCells()
    /// Where all texts are found.
    private let dynamicTexts = DynamicTextCells()
    private let textPages = TablePages(bytes: (StringTable.capacity + 1) * MemoryLayout<Text>.stride)
    private let operationPages = TablePages(bytes: (StringTable.capacity + 1) * 4)
    private let texts: UnsafeMutablePointer<Text>
    private let operations: UnsafeMutablePointer<UInt32>
    private let state = Locked(State())

    init(region: Region, engine: PercentileEngine) {
        self.region = region
        self.engine = engine
        // Zero bytes are empty texts.
        texts = textPages.base.bindMemory(to: Text.self, capacity: Self.capacity + 1)
        operations = operationPages.base.bindMemory(to: UInt32.self, capacity: Self.capacity + 1)
        operations.initialize(repeating: Self.unresolved, count: Self.capacity + 1)
    }

    private static let unresolved = UInt32.max

    /// The number of a text known at compile time. One probe when it was seen before.
    @inline(__always)
    func number(of text: StaticString) -> UInt32 {
        cells.number(of: text) ?? insert(text)
    }

    /// The number of any text; 0 when it is empty or too long, or the table full.
    func number(of text: String) -> UInt32 {
        text.withUTF8Bytes { number(of: $0) }
    }

    @inline(__always)
    private func number(of text: UnsafeRawBufferPointer) -> UInt32 {
        guard 1...Self.maximumBytes ~= text.count else { return 0 }
        let known = knownNumber(of: text)
        return known != 0 ? known : insert(text)
    }

    @inline(__always)
    private func knownNumber(of text: UnsafeRawBufferPointer) -> UInt32 {
        dynamicTexts.number(of: text) { number in
            // A number that is found is one that was given.
            let known = texts[Int(number)]
            return UnsafeRawBufferPointer(start: known.start, count: known.length)
        }
    }

    /// The bytes behind a number, valid for the life of the recorder. Number 0 and unknown numbers are empty.
    func bytes(of number: UInt32) -> UnsafeRawBufferPointer {
        guard Int(number) <= Self.capacity else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let text = texts[Int(number)]
        return UnsafeRawBufferPointer(start: text.start, count: text.start == nil ? 0 : text.length)
    }

    /// The text behind a number.
    func text(of number: UInt32) -> String {
        String(decoding: bytes(of: number), as: UTF8.self)
    }

    /// The operation that a name is counted under.
    func operation(of number: UInt32) -> OperationID {
        knownOperation(of: number) ?? resolveOperation(of: number)
    }

    /// The operation of a name that was counted before.
    @inline(__always)
    func knownOperation(of number: UInt32) -> OperationID? {
        let known = UnsafeMutableRawPointer(operations + Int(number)).atomicUInt32(at: 0).pointee.load(
            ordering: .relaxed
        )
        return known != Self.unresolved ? OperationID(rawValue: known) : nil
    }

    private func resolveOperation(of number: UInt32) -> OperationID {
        let operation = engine.operation(named: text(of: number))
        UnsafeMutableRawPointer(operations + Int(number)).atomicUInt32(at: 0).pointee
            .store(operation.rawValue, ordering: .relaxed)
        return operation
    }

    @inline(never)
    private func insert(_ text: StaticString) -> UInt32 {
        let number = number(of: text.description)
        guard text.hasPointerRepresentation, number != 0 else { return number }
        state.withLock { state in
            // Text beyond the bounds has no cell; finding that out again each time costs only whoever exceeds them.
            if state.cellsUsed < StaticTextCells.capacity, cells.insert(text, number) { state.cellsUsed += 1 }
        }
        return number
    }

    @inline(never)
    private func insert(_ text: UnsafeRawBufferPointer) -> UInt32 {
        state.withLock { state in
            let known = knownNumber(of: text)
            guard known == 0 else { return known }
            guard Int(state.count) < Self.capacity, let start = store(text, number: state.count + 1, &state)
            else { return 0 }
            state.count += 1
            texts[Int(state.count)] = Text(start: start, length: text.count)
            dynamicTexts.insert(text, state.count)
            return state.count
        }
    }

    /// Gives the memory of a closed recorder's table back, but for what is behind the numbers, which others may be reading. Texts are
    /// new again from now on, and their operation is the one for surplus names.
    func release() {
        state.withLock { _ in
            for pages in [cells.pages, dynamicTexts.pages, operationPages] { pages.release() }
        }
    }

    /// Texts known at compile time that were seen so far.
    var staticTextCount: Int { state.withLock { $0.cellsUsed } }

    /// Bytes of the table that are in memory now.
    var residentBytes: Int {
        [cells.pages, dynamicTexts.pages, operationPages, textPages].reduce(0) { $0 + $1.residentBytes }
    }

    func acquireForFork() { state.acquireForFork() }

    /// Writes number, length and bytes into a chunk, padded to eight; returns where the bytes start.
    private func store(_ text: UnsafeRawBufferPointer, number: UInt32, _ state: inout State) -> UnsafeRawPointer? {
        let bytes = (Self.textOffset + text.count + 7) & ~7
        var used = state.chunk.map { Int($0.committed.pointee.load(ordering: .relaxed)) } ?? Region.chunkBytes
        if used + bytes > Region.chunkBytes - ChunkHeader.bytes {
            guard let chunk = region.openChunk(.strings) else { return nil }
            state.chunk = chunk
            used = 0
        }
        guard let chunk = state.chunk else { return nil }
        let place = chunk.content + used
        place.storeBytes(of: number, as: UInt32.self)
        place.storeBytes(of: UInt32(text.count), toByteOffset: Self.lengthOffset, as: UInt32.self)
        UnsafeMutableRawBufferPointer(start: place + Self.textOffset, count: text.count).copyMemory(from: text)
        chunk.committed.pointee.store(UInt64(used + bytes), ordering: .releasing)
        return UnsafeRawPointer(place + Self.textOffset)
    }
}
