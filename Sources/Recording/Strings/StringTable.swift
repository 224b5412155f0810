import Percentiles

/// Gives every span name and attribute key a number, so that a record holds four bytes instead of the text.
///
/// A `StaticString` is found by its address, without a lock and without looking at its bytes; any other text by its
/// content, under a lock. The texts themselves stand in chunks of the region, written once before their number is handed out,
/// so that whoever reads the region can read them too. Bounded: when ``capacity`` numbers are used, new texts get number
/// 0 and travel inside the span.
///
/// Threads: any; ``StaticTextCells`` says how the address table does without a lock.
final class StringTable: @unchecked Sendable {
    /// Numbers that can be given.
    static let capacity = 16_384
    /// Longer texts are not worth keeping: they are data, not names.
    static let maximumBytes = 1_024

    private struct Text {
        var start: UnsafeRawPointer?
        var length: Int
    }

    private struct State {
        var numbers: [ExactText: UInt32] = [:]
        var count: UInt32 = 0
        var cellsUsed = 0
        var chunk: UnsafeMutablePointer<ChunkHeader>?
    }

    private let region: Region
    private let engine: PercentileEngine
    /// Where texts known at compile time are found.
    let cells = StaticTextCells()
    private let texts: UnsafeMutablePointer<Text>
    private let operations: UnsafeMutablePointer<UInt32>
    private let state = Locked(State())

    init(region: Region, engine: PercentileEngine) {
        self.region = region
        self.engine = engine
        texts = .allocate(capacity: Self.capacity + 1)
        texts.initialize(repeating: Text(start: nil, length: 0), count: Self.capacity + 1)
        operations = .allocate(capacity: Self.capacity + 1)
        operations.initialize(repeating: Self.unresolved, count: Self.capacity + 1)
    }

    private static let unresolved = UInt32.max

    /// The number of a text known at compile time. One probe when it was seen before.
    @inline(__always)
    func number(of text: StaticString) -> UInt32 {
        let known = cells.number(of: text)
        return known != 0 ? known : insert(text)
    }

    /// The number of any text; 0 when it is empty or too long, or the table full.
    func number(of text: String) -> UInt32 {
        var text = text
        guard text.utf8.count <= Self.maximumBytes else { return 0 }
        text.makeContiguousUTF8()
        return state.withLock { number(of: text, &$0) }
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
        guard text.hasPointerRepresentation else { return number(of: text.description) }
        return state.withLock { state in
            let number = number(of: text.description, &state)
            // Text beyond the bounds has no number; finding that out again each time costs only whoever exceeds them.
            if number != 0, state.cellsUsed < StaticTextCells.capacity, cells.insert(text, number) {
                state.cellsUsed += 1
            }
            return number
        }
    }

    func acquireForFork() { state.acquireForFork() }
    func releaseAfterFork() { state.releaseAfterFork() }

    private func number(of text: String, _ state: inout State) -> UInt32 {
        if let known = state.numbers[ExactText(text)] { return known }
        guard !text.isEmpty, text.utf8.count <= Self.maximumBytes, Int(state.count) < Self.capacity,
            let start = store(text, number: state.count + 1, &state)
        else { return 0 }
        state.count += 1
        texts[Int(state.count)] = Text(start: start, length: text.utf8.count)
        state.numbers[ExactText(text)] = state.count
        return state.count
    }

    /// Writes number, length and bytes into a chunk, padded to eight; returns where the bytes start.
    private func store(_ text: String, number: UInt32, _ state: inout State) -> UnsafeRawPointer? {
        let bytes = (8 + text.utf8.count + 7) & ~7
        var used = state.chunk.map { Int($0.committed.pointee.load(ordering: .relaxed)) } ?? Region.chunkBytes
        if used + bytes > Region.chunkBytes - ChunkHeader.bytes {
            guard let chunk = region.openChunk(.strings) else { return nil }
            state.chunk = chunk
            used = 0
        }
        guard let chunk = state.chunk else { return nil }
        let place = chunk.content + used
        place.storeBytes(of: number, as: UInt32.self)
        place.storeBytes(of: UInt32(text.utf8.count), toByteOffset: 4, as: UInt32.self)
        _ = UnsafeMutableRawBufferPointer(start: place + 8, count: text.utf8.count).initializeMemory(
            as: UInt8.self,
            from: text.utf8
        )
        chunk.committed.pointee.store(UInt64(used + bytes), ordering: .releasing)
        return UnsafeRawPointer(place + 8)
    }
}

/// A text compared byte by byte: `String` holds "é" and "e\u{301}" for equal, and one would come back as the other.
private struct ExactText: Hashable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        text.withUTF8Bytes { hasher.combine(bytes: $0) }
    }
}
