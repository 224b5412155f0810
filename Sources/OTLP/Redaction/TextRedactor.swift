import SpanKitPlatform
import SpanKitRecording

/// Applies a plan to texts. Only one thread at a time may use it.
///
/// For a text that needs no redaction, it allocates nothing.
struct TextRedactor {
    let plan: RedactionPlan
    /// The replacement of the last text for which ``redact(_:key:action:)`` returned true.
    private(set) var replacement: [UInt8] = []
    private var matches: [RedactionMatch] = []
    private var matchers: [PatternMatcher]
    // Copies of properties that every text needs, because each access through the plan would retain it.
    private let scanner: DetectorScanner
    private let hasPatterns: Bool
    private let hasFunctions: Bool

    init(_ plan: RedactionPlan) {
        self.plan = plan
        scanner = plan.scanner
        hasPatterns = !plan.patterns.isEmpty
        hasFunctions = !plan.functions.isEmpty
        matchers = plan.patterns.map { PatternMatcher($0) }
    }

    /// Whether a text has to be replaced, and if so, sets ``replacement``.
    /// - Parameters:
    ///   - text: the text.
    ///   - key: the key of the attribute whose value the text is; empty for other texts.
    ///   - action: the number of the action for all values of the key, from ``RedactionPlan/action(forKey:)``.
    mutating func redact(_ text: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer = .empty, action: Int? = nil)
        -> Bool
    {
        if let action {
            replacement.removeAll(keepingCapacity: true)
            replace(text, by: plan.actions[action])
            return true
        }
        return hasFunctions ? redactWithFunctions(text, key) : redactParts(text)
    }

    private mutating func redactParts(_ text: UnsafeRawBufferPointer) -> Bool {
        if !matches.isEmpty { matches.removeAll(keepingCapacity: true) }
        scanner.scan(text, &matches)
        if hasPatterns {
            do { try findPatterns(text) } catch { return fail("pattern") }
        }
        guard !matches.isEmpty else { return false }
        build(text)
        return true
    }

    private mutating func findPatterns(_ text: UnsafeRawBufferPointer) throws(PatternMatcher.OverTime) {
        let began = ContinuousClock.now
        let limit = plan.timeLimit
        for number in matchers.indices {
            var position = 0
            while let range = try matchers[number].next(
                in: text,
                from: position,
                isOverTime: { began.duration(to: .now) > limit }
            ) {
                let start = Self.pastEscape(range.lowerBound, text)
                matches.append(
                    RedactionMatch(
                        start: min(start, range.upperBound),
                        end: range.upperBound,
                        rule: RedactionPlan.firstPattern + number
                    )
                )
                position = range.upperBound
            }
        }
    }

    private static func pastEscape(_ start: Int, _ text: UnsafeRawBufferPointer) -> Int {
        guard let base = text.baseAddress else { return start }
        return ScannedText(base.assumingMemoryBound(to: UInt8.self), text.count).pastEscape(start)
    }

    /// Sets the replacement. Of overlapping matches, the one that starts earlier is used, and of those the longer one.
    private mutating func build(_ text: UnsafeRawBufferPointer) {
        replacement.removeAll(keepingCapacity: true)
        matches.sort { ($0.start, $1.end) < ($1.start, $0.end) }
        var position = 0
        for match in matches {
            guard match.end > position else { continue }
            let start = max(match.start, position)
            replacement.append(contentsOf: text[position..<start])
            replace(UnsafeRawBufferPointer(rebasing: text[start..<match.end]), by: plan.actions[match.rule])
            position = match.end
        }
        replacement.append(contentsOf: text[position...])
    }

    private mutating func replace(_ part: UnsafeRawBufferPointer, by action: RedactionPlan.Action) {
        switch action.mode {
        case .drop: mark(action.name)
        case .hash:
            let hash = SHA256.authenticate(Array(part), key: plan.hashKey).prefix(8)
            mark(action.name, " " + hash.hexadecimalDigits)
        case .length: mark(action.name, " \(Self.characters(part)) characters")
        case .truncate(let count):
            let kept = Self.prefix(of: part, characters: max(0, count))
            guard kept < part.count else { return replacement.append(contentsOf: part) }
            replacement.append(contentsOf: part[..<kept])
            let rest = UnsafeRawBufferPointer(rebasing: part[kept...])
            mark(action.name, " \(Self.characters(rest)) characters")
        }
    }

    private mutating func mark(_ name: [UInt8], _ more: String = "") {
        replacement.append(contentsOf: "[redacted:".utf8)
        replacement.append(contentsOf: name)
        replacement.append(contentsOf: more.utf8)
        replacement.append(0x5D)
    }

    private mutating func fail(_ name: String) -> Bool {
        replacement.removeAll(keepingCapacity: true)
        mark(Array(name.utf8), " failed")
        return true
    }

    // MARK: Functions

    private mutating func redactWithFunctions(_ text: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer) -> Bool {
        var current = String(decoding: text, as: UTF8.self)
        let key = String(decoding: key, as: UTF8.self)
        var isChanged = false
        for function in plan.functions {
            do {
                guard let changed = try function(key, current, within: plan.timeLimit) else { continue }
                isChanged = true
                current = changed
            } catch {
                return fail(function.name)
            }
        }
        // The result of the functions is checked like any other text.
        let isFound = current.withUTF8 { redactParts(UnsafeRawBufferPointer($0)) }
        if isFound || !isChanged { return isFound }
        replacement = Array(current.utf8)
        return true
    }

    // MARK: Characters

    /// The number of Unicode scalars: all bytes except continuation bytes.
    private static func characters(_ text: UnsafeRawBufferPointer) -> Int { text.count { $0 & 0xC0 != 0x80 } }

    /// The number of bytes of the first characters.
    private static func prefix(of text: UnsafeRawBufferPointer, characters: Int) -> Int {
        var left = characters
        for (position, byte) in text.enumerated() where byte & 0xC0 != 0x80 {
            guard left > 0 else { return position }
            left -= 1
        }
        return text.count
    }
}
