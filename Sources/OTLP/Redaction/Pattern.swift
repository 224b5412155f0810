extension Redaction {
    /// A regular expression whose time is bounded whatever the text: it is run by simulating all its states at once, so that
    /// nothing is ever tried again. The leftmost match is taken, the longest of those.
    ///
    /// Letters, `.`, `[a-z]`, `[^…]`, `\d \w \s \b` and their capitals, `^`, `$` (start and end of the text), groups, `|`, `*`, `+`,
    /// `?`, `{2,5}`, and `(?i)` at the start. `\w` and ranges are ASCII; `.` and `[^…]` take whole characters of any alphabet.
    /// What would need backtracking (references, look around) is refused.
    public struct Pattern: Sendable, Hashable {
        /// Why a pattern cannot be used.
        public struct Problem: Error, Equatable, CustomStringConvertible {
            /// One line: the pattern, the place, what is wrong.
            public let description: String
        }

        /// States at most. Time grows with them.
        static let largestProgram = 2_000

        let program: [PatternInstruction]
        /// The bytes a match may start with; nil where it may start with anything.
        let firstBytes: ByteSet?

        /// Prepares a pattern.
        public init(_ text: String) throws(Problem) {
            var parser = PatternParser(text)
            let tree = try parser.parse()
            var compiler = PatternCompiler()
            compiler.add(tree)
            compiler.program.append(.match)
            guard compiler.program.count <= Self.largestProgram else {
                throw Problem(
                    description:
                        "'\(text)': too large (\(compiler.program.count) states, \(Self.largestProgram) allowed); "
                        + "use smaller repetitions"
                )
            }
            program = compiler.program
            firstBytes = Self.firstBytes(of: program)
            guard !Self.matchesNothing(program) else {
                throw Problem(description: "'\(text)': matches the empty text, so it would match everywhere")
            }
        }

        /// Follows the program up to the first bytes.
        private static func closure(of program: [PatternInstruction]) -> (set: ByteSet, ends: Bool, asserts: Bool) {
            var seen = Set<Int>()
            var stack = [0]
            var set = ByteSet()
            var (ends, asserts) = (false, false)
            while let state = stack.popLast() {
                guard seen.insert(state).inserted else { continue }
                switch program[state] {
                case .bytes(let bytes): set = set.union(bytes)
                case .split(let one, let other): stack += [one, other]
                case .jump(let next): stack.append(next)
                case .assert:
                    asserts = true
                    stack.append(state + 1)
                case .match: ends = true
                }
            }
            return (set, ends, asserts)
        }

        private static func firstBytes(of program: [PatternInstruction]) -> ByteSet? {
            let first = closure(of: program)
            return first.ends ? nil : first.set
        }

        private static func matchesNothing(_ program: [PatternInstruction]) -> Bool { closure(of: program).ends }
    }
}

/// One state of a pattern. The next one follows it, but for `split` and `jump`.
enum PatternInstruction: Sendable, Hashable {
    case bytes(ByteSet)
    case split(Int, Int)
    case jump(Int)
    case assert(Assertion)
    case match

    enum Assertion: Sendable, Hashable {
        case start, end, wordBoundary, noWordBoundary
    }
}

/// A pattern as it was written.
indirect enum PatternTree {
    case empty
    case bytes(ByteSet)
    case assert(PatternInstruction.Assertion)
    case sequence([PatternTree])
    case choice([PatternTree])
    case repetition(PatternTree, minimum: Int, maximum: Int?)
}

/// Turns the tree into states.
struct PatternCompiler {
    var program: [PatternInstruction] = []

    mutating func add(_ tree: PatternTree) {
        // Beyond the limit the pattern is refused anyway.
        guard program.count <= Redaction.Pattern.largestProgram else { return }
        switch tree {
        case .empty: break
        case .bytes(let set): program.append(.bytes(set))
        case .assert(let assertion): program.append(.assert(assertion))
        case .sequence(let parts): for part in parts { add(part) }
        case .choice(let parts): addChoice(parts[...])
        case .repetition(let part, let minimum, let maximum):
            for _ in 0..<minimum { add(part) }
            guard let maximum else { return addLoop(part) }
            var skips: [Int] = []
            for _ in minimum..<max(minimum, maximum) {
                skips.append(program.count)
                program.append(.match)
                add(part)
            }
            for skip in skips { program[skip] = .split(skip + 1, program.count) }
        }
    }

    private mutating func addChoice(_ parts: ArraySlice<PatternTree>) {
        guard let first = parts.first else { return }
        guard parts.count > 1 else { return add(first) }
        let split = program.count
        program.append(.match)
        add(first)
        let jump = program.count
        program.append(.match)
        program[split] = .split(split + 1, program.count)
        addChoice(parts.dropFirst())
        program[jump] = .jump(program.count)
    }

    private mutating func addLoop(_ part: PatternTree) {
        let split = program.count
        program.append(.match)
        add(part)
        program.append(.jump(split))
        program[split] = .split(split + 1, program.count)
    }
}
