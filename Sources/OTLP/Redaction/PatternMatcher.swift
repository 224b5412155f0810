/// Finds a pattern in texts: every state at most once for each byte, so the time is at most bytes × states.
///
/// Belongs to one thread.
struct PatternMatcher {
    private let pattern: Redaction.Pattern
    /// States with the start of their match, the earliest start first.
    private var now: [(state: Int, start: Int)] = []
    private var after: [(state: Int, start: Int)] = []
    /// For each state the round it was last added in.
    private var added: [Int]
    private var round = 0
    private var stack: [Int] = []

    init(_ pattern: Redaction.Pattern) {
        self.pattern = pattern
        added = Array(repeating: 0, count: pattern.program.count)
    }

    /// The first match at or behind `from`.
    /// - Parameter isOverTime: asked every few thousand bytes; the search is given up when it says so.
    /// - Throws: ``OverTime``.
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
            // What began earlier comes first, and a state is taken once.
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

    /// The time was up.
    struct OverTime: Error {}

    private mutating func begin(at position: Int, _ text: UnsafeRawBufferPointer) {
        if let firstBytes = pattern.firstBytes {
            guard position < text.count, firstBytes.contains(text[position]) else { return }
        }
        add(0, position, position, text)
    }

    /// Looks for the end among the states: the match that began first, as long as can be.
    private mutating func matched(_ best: Range<Int>?, _ position: Int) -> Range<Int>? {
        guard let place = now.firstIndex(where: { isMatch($0.state) }) else { return best }
        let start = now[place].start
        guard start < position, best == nil || start <= best?.lowerBound ?? 0 else { return best }
        // What began later can only be a later match.
        let left = now.filter { $0.start <= start && !isMatch($0.state) }
        now = left
        return start..<position
    }

    private func isMatch(_ state: Int) -> Bool {
        if case .match = pattern.program[state] { true } else { false }
    }

    /// Adds a state and all that follow it without a byte.
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
            place >= 0 && place < text.count && (ByteSet.word.contains(text[place]) || text[place] == 0x5F)
        }
        switch assertion {
        case .start: return position == 0
        case .end: return position == text.count
        case .wordBoundary: return isWord(position - 1) != isWord(position)
        case .noWordBoundary: return isWord(position - 1) == isWord(position)
        }
    }
}
