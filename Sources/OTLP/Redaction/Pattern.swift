extension Redaction {
    /// A regular expression whose running time is bounded for any text.
    ///
    /// It simulates all states of the expression at once and never backtracks. It finds the leftmost match. If several
    /// matches start there, it takes the longest.
    ///
    /// The syntax has letters, `.`, `[a-z]`, `[^…]`, `\d \w \s \b` and their upper-case forms, `^` and `$` for the
    /// start and end of the text, groups, `|`, `*`, `+`, `?`, `{2,5}`, and `(?i)` at the start. `\w` and ranges are
    /// ASCII only. `.` and `[^…]` match whole characters of any alphabet. Back-references and lookaround are rejected,
    /// because they need backtracking.
    public struct Pattern: Sendable, Hashable {
        /// An error in a pattern.
        public struct Problem: Error, Equatable, CustomStringConvertible {
            /// One line with the pattern, the position of the error and the reason.
            public let description: String
        }

        /// The largest number of states, which the running time grows with.
        static let largestProgram = 2_000

        let program: [PatternInstruction]
        /// The bytes that a match can start with.
        let firstBytes: ByteSet

        /// Compiles a pattern.
        /// - Throws: ``Problem`` if the pattern is invalid, is too large, or matches the empty string.
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
            guard let firstBytes = Self.firstBytes(of: program) else {
                throw Problem(
                    description:
                        "'\(text)': matches the empty text, so it would match everywhere; require at least one character"
                )
            }
            self.firstBytes = firstBytes
        }

        /// The bytes that a match can start with; nil if the program matches the empty text.
        private static func firstBytes(of program: [PatternInstruction]) -> ByteSet? {
            var seen = Set<Int>()
            var stack = [0]
            var first = ByteSet()
            while let state = stack.popLast() {
                guard seen.insert(state).inserted else { continue }
                switch program[state] {
                case .bytes(let bytes): first = first.union(bytes)
                case .split(let one, let other): stack += [one, other]
                case .jump(let next): stack.append(next)
                case .assert: stack.append(state + 1)
                case .match: return nil
                }
            }
            return first
        }
    }
}

/// One state of a pattern. Except for `split` and `jump`, the next state is the one after it.
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

/// The syntax tree of a pattern.
indirect enum PatternTree {
    case empty
    case bytes(ByteSet)
    case assert(PatternInstruction.Assertion)
    case sequence([PatternTree])
    case choice([PatternTree])
    case repetition(PatternTree, minimum: Int, maximum: Int?)
}

/// Translates the syntax tree to states.
struct PatternCompiler {
    var program: [PatternInstruction] = []

    mutating func add(_ tree: PatternTree) {
        // A pattern beyond the limit is refused anyway.
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
