/// A part of a text that a rule found.
struct RedactionMatch {
    var start: Int
    var end: Int
    /// The number of the rule, as the plan has it.
    var rule: Int
}

/// Looks through the bytes of a text for what ``Redaction/Detectors`` name.
///
/// One pass: every shape has a byte that is rare in other texts (`@`, `+`, a digit at the start of a number, the separator behind
/// a key's prefix), and only there is looked closer. Every look is bounded, but for the end of a key itself. Nothing is
/// allocated unless something is found.
struct DetectorScanner: Sendable {
    let detectors: Redaction.Detectors
    /// What to do at each byte, an ``Anchor`` or 0.
    private let anchors: [UInt8]

    enum Anchor: UInt8 {
        case at = 1, percent, plus, digit, separator, capitalA, capitalJ, letterB
    }

    init(_ detectors: Redaction.Detectors) {
        self.detectors = detectors
        var anchors = [UInt8](repeating: 0, count: 256)
        func set(_ text: StaticString, _ anchor: Anchor, for any: Redaction.Detectors) {
            guard !detectors.isDisjoint(with: any) else { return }
            for offset in 0..<text.utf8CodeUnitCount { anchors[Int(text.utf8Start[offset])] = anchor.rawValue }
        }
        set("@", .at, for: [.emails, .urlCredentials])
        set("%", .percent, for: .emails)
        set("+", .plus, for: .phoneNumbers)
        set("0123456789", .digit, for: [.phoneNumbers, .paymentCards])
        set("-_.", .separator, for: [.apiKeys, .privateKeys])
        set("A", .capitalA, for: .apiKeys)
        set("J", .capitalJ, for: .bearerTokens)
        set("Bb", .letterB, for: .bearerTokens)
        self.anchors = anchors
    }

    /// Adds what is found to `matches`, in the order of the starts, without overlaps.
    func scan(_ text: UnsafeRawBufferPointer, _ matches: inout [RedactionMatch]) {
        guard !detectors.isEmpty, let base = text.baseAddress else { return }
        let bytes = ScannedText(base.assumingMemoryBound(to: UInt8.self), text.count)
        anchors.withUnsafeBufferPointer { anchors in
            var position = 0
            /// Where the last match ended: none starts before it.
            var floor = 0
            while position < bytes.count {
                let anchor = anchors[Int(bytes[position])]
                guard anchor != 0 else {
                    position += 1
                    continue
                }
                guard let found = look(at: position, Anchor(rawValue: anchor) ?? .at, bytes, floor) else {
                    position = anchor == Anchor.digit.rawValue ? bytes.endOfDigits(position) : position + 1
                    continue
                }
                matches.append(found)
                floor = found.end
                position = max(found.end, position + 1)
            }
        }
    }

    @inline(never)
    private func look(at position: Int, _ anchor: Anchor, _ text: ScannedText, _ floor: Int) -> RedactionMatch? {
        var found: (range: Range<Int>, detector: Redaction.Detectors)?
        switch anchor {
        case .at: found = text.credentials(position, floor, detectors) ?? text.email(position, 1, floor, detectors)
        case .percent:
            if text.has("%40", at: position) { found = text.email(position, 3, floor, detectors) }
        case .plus, .digit: found = text.number(position, floor, detectors)
        case .separator: found = text.privateKey(position, detectors) ?? text.prefixedKey(position, floor, detectors)
        case .capitalA: found = text.cloudKey(position)
        case .capitalJ: found = text.webToken(position, floor)
        case .letterB: found = text.authorization(position)
        }
        guard let found, found.range.lowerBound >= floor else { return nil }
        let start = text.behindEscape(found.range.lowerBound)
        guard start < found.range.upperBound else { return nil }
        return RedactionMatch(
            start: start,
            end: found.range.upperBound,
            rule: found.detector.rawValue.trailingZeroBitCount
        )
    }
}
