/// Parses a regular expression (``Redaction/Pattern``).
struct PatternParser {
    typealias Problem = Redaction.Pattern.Problem

    private let text: String
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var ignoresCase = false
    private var depth = 0

    init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    mutating func parse() throws(Problem) -> PatternTree {
        if text.hasPrefix("(?i)") {
            ignoresCase = true
            position = 4
        }
        let tree = try choice()
        guard position == scalars.count else { throw problem("')' has no matching '('; write \\) for the character") }
        return tree
    }

    private mutating func choice() throws(Problem) -> PatternTree {
        var parts = [try sequence()]
        while next == "|" {
            position += 1
            parts.append(try sequence())
        }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func sequence() throws(Problem) -> PatternTree {
        var parts: [PatternTree] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let part = try atom()
            parts.append(try repeated(part))
        }
        return parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func repeated(_ part: PatternTree) throws(Problem) -> PatternTree {
        guard let scalar = next, "*+?{".unicodeScalars.contains(scalar) else { return part }
        position += 1
        let bounds: (minimum: Int, maximum: Int?)
        switch scalar {
        case "*": bounds = (0, nil)
        case "+": bounds = (1, nil)
        case "?": bounds = (0, 1)
        default: bounds = try counts()
        }
        if let scalar = next, "*+?{".unicodeScalars.contains(scalar) {
            throw problem("'\(scalar)' follows a repetition; remove it, because the longest match is always taken")
        }
        return .repetition(part, minimum: bounds.minimum, maximum: bounds.maximum)
    }

    private mutating func counts() throws(Problem) -> (minimum: Int, maximum: Int?) {
        let minimum = try number()
        guard next == "," else {
            try expect("}")
            return (minimum, minimum)
        }
        position += 1
        if next == "}" {
            position += 1
            return (minimum, nil)
        }
        let maximum = try number()
        try expect("}")
        guard minimum <= maximum else { throw problem("{\(minimum),\(maximum)} ends before it starts") }
        return (minimum, maximum)
    }

    private mutating func number() throws(Problem) -> Int {
        var digits = ""
        while let scalar = next, ("0"..."9").contains(scalar) {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        guard let number = Int(digits), number <= 1_000 else {
            throw problem("a number of repetitions from 0 to 1000 is expected; write \\{ for the character")
        }
        return number
    }

    private mutating func atom() throws(Problem) -> PatternTree {
        guard let scalar = next else { throw problem("the pattern ends too early") }
        position += 1
        switch scalar {
        case "(": return try group()
        case "[": return try set()
        case ".": return Self.anyCharacter(ByteSet("\n").asciiComplement)
        case "^": return .assert(.start)
        case "$": return .assert(.end)
        case "\\": return try escape()
        case "*", "+", "?", "{": throw problem("'\(scalar)' has nothing to repeat; write \\\(scalar) for the character")
        default: return literal(scalar)
        }
    }

    private mutating func group() throws(Problem) -> PatternTree {
        depth += 1
        guard depth <= 50 else { throw problem("groups are nested more than 50 deep") }
        defer { depth -= 1 }
        if next == "?" {
            position += 1
            guard next == ":" else { throw problem("only '(?:', and '(?i)' at the start, are supported") }
            position += 1
        }
        let tree = try choice()
        try expect(")")
        return tree
    }

    private mutating func escape() throws(Problem) -> PatternTree {
        guard let scalar = next else {
            throw problem("the pattern ends with a backslash; write \\\\ for the character")
        }
        position += 1
        if let set = Self.named(scalar) {
            return ("A"..."Z").contains(scalar) ? Self.anyCharacter(set) : .bytes(set)
        }
        switch scalar {
        case "b": return .assert(.wordBoundary)
        case "B": return .assert(.noWordBoundary)
        case "n": return .bytes(ByteSet("\n"))
        case "r": return .bytes(ByteSet("\r"))
        case "t": return .bytes(ByteSet("\t"))
        case "0"..."9": throw problem("\\\(scalar) is a back-reference, which is not supported")
        case "a"..."z", "A"..."Z": throw problem("\\\(scalar) is not supported")
        default: return literal(scalar)
        }
    }

    /// The set of `\d`, `\w` and `\s`; for their capitals, all other ASCII characters.
    private static func named(_ scalar: Unicode.Scalar) -> ByteSet? {
        let space = ByteSet(" \t\n\r\u{B}\u{C}")
        switch scalar {
        case "d": return .digits
        case "w": return .word
        case "s": return space
        case "D": return ByteSet.digits.asciiComplement
        case "W": return ByteSet.word.asciiComplement
        case "S": return space.asciiComplement
        default: return nil
        }
    }

    private mutating func set() throws(Problem) -> PatternTree {
        var set = ByteSet()
        let isNegated = next == "^"
        if isNegated { position += 1 }
        var isFirst = true
        while let scalar = next, scalar != "]" || isFirst {
            isFirst = false
            position += 1
            if scalar == "\\", let escaped = next, let named = Self.named(escaped) {
                position += 1
                set = set.union(named)
                continue
            }
            let low = try member(scalar)
            guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                set.insert(low)
                continue
            }
            position += 1
            let end = scalars[position]
            position += 1
            let high = try member(end)
            guard low <= high else { throw problem("the range \(scalar)-\(end) ends before it starts") }
            for byte in low...high { set.insert(byte) }
        }
        try expect("]")
        if ignoresCase { set = set.withBothCases }
        return isNegated ? Self.anyCharacter(set.asciiComplement) : .bytes(set)
    }

    private mutating func member(_ scalar: Unicode.Scalar) throws(Problem) -> UInt8 {
        var scalar = scalar
        if scalar == "\\" {
            guard let escaped = next else {
                throw problem("the pattern ends with a backslash; write \\\\ for the character")
            }
            position += 1
            switch escaped {
            case "n": scalar = "\n"
            case "r": scalar = "\r"
            case "t": scalar = "\t"
            case "a"..."z", "A"..."Z", "0"..."9": throw problem("\\\(escaped) is not supported in [ ]")
            default: scalar = escaped
            }
        }
        guard scalar.isASCII else { throw problem("'\(scalar)' in [ ] is not ASCII; write (?:\(scalar)|…)") }
        return UInt8(scalar.value)
    }

    private func literal(_ scalar: Unicode.Scalar) -> PatternTree {
        .sequence(
            String(scalar).utf8.map { byte in
                let set = ByteSet(byte...byte)
                return .bytes(ignoresCase ? set.withBothCases : set)
            }
        )
    }

    /// One of these ASCII characters, or a whole character that is not ASCII.
    private static func anyCharacter(_ ascii: ByteSet) -> PatternTree {
        let more = PatternTree.bytes(ByteSet(0x80...0xBF))
        return .choice([
            .bytes(ascii), .sequence([.bytes(ByteSet(0xC2...0xDF)), more]),
            .sequence([.bytes(ByteSet(0xE0...0xEF)), more, more]),
            .sequence([.bytes(ByteSet(0xF0...0xF4)), more, more, more]),
        ])
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(Problem) {
        guard next == scalar else { throw problem("'\(scalar)' is expected") }
        position += 1
    }

    private func problem(_ what: String) -> Problem {
        Problem(description: "'\(text)', character \(min(position + 1, scalars.count)): \(what)")
    }
}

extension ByteSet {
    fileprivate var withBothCases: ByteSet {
        var result = self
        for byte in UInt8(0x41)...0x5A where contains(byte) || contains(byte | 0x20) {
            result.insert(byte)
            result.insert(byte | 0x20)
        }
        return result
    }
}
