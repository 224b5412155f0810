/// Finds a pattern in texts. Each state is visited at most once for each byte, so the time is at most bytes × states.
///
/// Only one thread at a time may use it.
struct PatternMatcher {
    private let pattern: Redaction.Pattern
    /// The current states, each with the start of its match. The earliest start comes first.
    private var now: [(state: Int, start: Int)] = []
    private var after: [(state: Int, start: Int)] = []
    /// For each state, the last round in which it was added.
    private var added: [Int]
    private var round = 0
    private var stack: [Int] = []

    init(_ pattern: Redaction.Pattern) {
        self.pattern = pattern
        added = Array(repeating: 0, count: pattern.program.count)
    }

    /// The first match at or after `from`.
    /// - Parameter isOverTime: called every 2,048 bytes. The search ends when it returns true.
    /// - Throws: ``OverTime`` if the search was ended.
    mutating func next(
        in text: UnsafeRawBufferPointer,
        from: Int,
        isOverTime: () -> Bool
    ) throws(OverTime) -> Range<Int>? {
        now.removeAll(keepingCapacity: true)
        var best: Range<Int>?
        var position = from
        while position <= text.count {
            if position & 0x7FF == 0x7FF, isOverTime() { throw OverTime() }
            round += 1
            after.removeAll(keepingCapacity: true)
            // Earlier matches come first, because each state is only added once.
            swap(&now, &after)
            for (state, start) in after { add(state, start, position, text) }
            if best == nil { begin(at: position, text) }
            best = matched(best, position)
            guard position < text.count else { break }
            if now.isEmpty {
                if best != nil { break }
                position += 1
                continue
            }
            let byte = text[position]
            after.removeAll(keepingCapacity: true)
            for (state, start) in now {
                if case .bytes(let set) = pattern.program[state], set.contains(byte) {
                    after.append((state + 1, start))
                }
            }
            swap(&now, &after)
            position += 1
        }
        return best
    }

    /// The search took too long.
    struct OverTime: Error {}

    private mutating func begin(at position: Int, _ text: UnsafeRawBufferPointer) {
        guard position < text.count, pattern.firstBytes.contains(text[position]) else { return }
        add(0, position, position, text)
    }

    /// The longest match that starts first, if one ends at this position.
    private mutating func matched(_ best: Range<Int>?, _ position: Int) -> Range<Int>? {
        guard let place = now.firstIndex(where: { isMatch($0.state) }) else { return best }
        let start = now[place].start
        guard start < position, best == nil || start <= best?.lowerBound ?? 0 else { return best }
        // Drop the matches that started later.
        let left = now.filter { $0.start <= start && !isMatch($0.state) }
        now = left
        return start..<position
    }

    private func isMatch(_ state: Int) -> Bool {
        if case .match = pattern.program[state] { true } else { false }
    }

    /// Adds a state and all states that follow it without reading a byte.
    private mutating func add(_ state: Int, _ start: Int, _ position: Int, _ text: UnsafeRawBufferPointer) {
        stack.append(state)
        while let state = stack.popLast() {
            guard added[state] != round else { continue }
            added[state] = round
            switch pattern.program[state] {
            case .split(let one, let other):
                stack.append(other)
                stack.append(one)
            case .jump(let next): stack.append(next)
            case .assert(let assertion):
                if Self.holds(assertion, position, text) { stack.append(state + 1) }
            case .bytes, .match: now.append((state, start))
            }
        }
    }

    private static func holds(
        _ assertion: PatternInstruction.Assertion,
        _ position: Int,
        _ text: UnsafeRawBufferPointer
    ) -> Bool {
        func isWord(_ place: Int) -> Bool {
            text.indices.contains(place) && ByteSet.word.contains(text[place])
        }
        switch assertion {
        case .start: return position == 0
        case .end: return position == text.count
        case .wordBoundary: return isWord(position - 1) != isWord(position)
        case .noWordBoundary: return isWord(position - 1) == isWord(position)
        }
    }
}
