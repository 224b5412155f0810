import SpanKitPercentiles
import SpanKitPlatform
import Synchronization

/// Assigns numbers to span names and attribute keys, so that a record contains four bytes instead of the text.
///
/// A `StaticString` is looked up by its address. Any other text is looked up by its bytes, because `String` treats "é" and
/// "e\u{301}" as equal, and one would be replaced by the other. Only new texts take a lock. The texts are stored in chunks of the
/// region, before their numbers are used, so that other processes can read them. Once ``capacity`` numbers are in use, new texts
/// get the number 0, and the span contains the text.
///
/// Use it from any thread; ``StaticTextCells`` and ``DynamicTextCells`` are read without a lock.
final class StringTable: @unchecked Sendable {
    /// The maximum number of texts.
    static let capacity = DynamicTextCells.capacity
    /// The maximum length of a text in UTF-8. Longer texts are data rather than names.
    static let maximumBytes = 1_024

    private struct Text {
        var start: UnsafeRawPointer?
        var length: Int
    }

    private struct State {
        var count: UInt32 = 0
        var cellsUsed = 0
        var stored = NumberedBytes(.strings)
    }

    private let region: Region
    private let engine: PercentileEngine
    /// The numbers of texts known at compile time.
    let cells = StaticTextCells()
    /// The numbers of all texts.
    let dynamicTexts = DynamicTextCells()
    let textPages = TablePages(bytes: (StringTable.capacity + 1) * MemoryLayout<Text>.stride)
    let operationPages = TablePages(bytes: (StringTable.capacity + 1) * 4)
    private let texts: UnsafeMutablePointer<Text>
    private let operations: UnsafeMutablePointer<Atomic<UInt32>>
    private let state = Locked(State())

    init(region: Region, engine: PercentileEngine) {
        self.region = region
        self.engine = engine
        // Zero bytes are empty texts.
        texts = textPages.base.bindMemory(to: Text.self, capacity: Self.capacity + 1)
        let numbers = operationPages.base.bindMemory(to: UInt32.self, capacity: Self.capacity + 1)
        numbers.initialize(repeating: Self.unresolved, count: Self.capacity + 1)
        // `Atomic<UInt32>` has the layout of a `UInt32`.
        operations = UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    private static let unresolved = UInt32.max

    /// The number of a text known at compile time.
    @inline(__always)
    func number(of text: StaticString) -> UInt32 {
        cells.number(of: text) ?? insert(text)
    }

    /// The number of any text; 0 if it is empty or too long, or the table is full.
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
            // The number is in use, so its text is set.
            let known = texts[Int(number)]
            return UnsafeRawBufferPointer(start: known.start, count: known.length)
        }
    }

    /// The text for a number, valid for the life of the recorder; empty for 0 and unknown numbers.
    func bytes(of number: UInt32) -> UnsafeRawBufferPointer {
        guard Int(number) <= Self.capacity else { return .empty }
        let text = texts[Int(number)]
        return UnsafeRawBufferPointer(start: text.start, count: text.start == nil ? 0 : text.length)
    }

    /// The operation that spans with this name count for.
    func operation(of number: UInt32) -> OperationID {
        if let known = knownOperation(of: number) { return known }
        let operation = engine.operation(named: String(decoding: bytes(of: number), as: UTF8.self))
        operations[Int(number)].store(operation.rawValue, ordering: .relaxed)
        return operation
    }

    /// The operation for a name; nil if it was not looked up before.
    @inline(__always)
    func knownOperation(of number: UInt32) -> OperationID? {
        let known = operations[Int(number)].load(ordering: .relaxed)
        return known != Self.unresolved ? OperationID(rawValue: known) : nil
    }

    @inline(never)
    private func insert(_ text: StaticString) -> UInt32 {
        let number = number(of: text.description)
        guard text.hasPointerRepresentation, number != 0 else { return number }
        state.withLock { state in
            // If there are too many texts, those without a cell take this slow path each time.
            if state.cellsUsed < StaticTextCells.capacity, cells.insert(text, number) { state.cellsUsed += 1 }
        }
        return number
    }

    @inline(never)
    private func insert(_ text: UnsafeRawBufferPointer) -> UInt32 {
        state.withLock { state in
            let known = knownNumber(of: text)
            guard known == 0 else { return known }
            guard Int(state.count) < Self.capacity,
                let start = state.stored.store(text, number: state.count + 1, in: region)
            else { return 0 }
            state.count += 1
            texts[Int(state.count)] = Text(start: start, length: text.count)
            dynamicTexts.insert(text, state.count)
            return state.count
        }
    }

    /// Releases the memory of a closed recorder's table, except the texts for numbers, which other threads may be
    /// reading. Afterwards the table knows no text, and spans count for the operation `__overflow__`.
    func release() {
        state.withLock { _ in
            for pages in [cells.pages, dynamicTexts.pages, operationPages] { pages.release() }
        }
    }

    /// The number of texts known at compile time that have a cell.
    var staticTextCount: Int { state.withLock { $0.cellsUsed } }

    func acquireForFork() { state.acquireForFork() }
}
