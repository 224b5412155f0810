import SpanKitPlatform

/// A part of a text that matches a rule.
struct RedactionMatch {
    var start: Int
    var end: Int
    /// The number of the rule's action in the plan.
    var rule: Int
}

/// Searches the bytes of a text for what ``Redaction/Detectors`` describe.
///
/// It needs one pass. Every kind of match contains a byte that is rare in other texts, such as `@`, `+`, a digit at the start of a
/// number, or the separator after a key's prefix. Detectors only run at such a byte, and each reads a bounded number of bytes,
/// except for the end of a key. Nothing is allocated unless something is found (`Benchmarks`: "redaction, nothing found").
struct DetectorScanner: Sendable {
    let detectors: Redaction.Detectors
    private let tables: Tables

    enum Anchor {
        static let at: UInt8 = 1
        static let percent: UInt8 = 2
        static let plus: UInt8 = 3
        static let digit: UInt8 = 4
        static let separator: UInt8 = 5
        static let capitalA: UInt8 = 6
        static let capitalJ: UInt8 = 7
        static let letterB: UInt8 = 8
    }

    // Sendable because tables are never changed or freed. There are at most 128 different ones of 768 bytes. Arrays would be
    // retained and released for every text.
    private struct Tables: @unchecked Sendable {
        /// For each of the 256 byte values: its ``Anchor``, or 0.
        let anchors: UnsafePointer<UInt8>
        /// The pairs of bytes that come before the separator of a key's prefix, hashed: a bit for each of 4,096.
        let pairs: UnsafePointer<UInt64>
    }

    private static let known = Locked<[UInt8: Tables]>([:])

    init(_ detectors: Redaction.Detectors) {
        let detectors = detectors.intersection(.all)
        self.detectors = detectors
        tables = Self.known.withLock { known in
            if let tables = known[detectors.rawValue] { return tables }
            let made = Self.makeTables(detectors)
            known[detectors.rawValue] = made
            return made
        }
    }

    private static func makeTables(_ detectors: Redaction.Detectors) -> Tables {
        let anchors = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        anchors.initialize(repeating: 0, count: 256)
        func set(_ text: StaticString, _ anchor: UInt8, for any: Redaction.Detectors) {
            guard !detectors.isDisjoint(with: any) else { return }
            for offset in 0..<text.utf8CodeUnitCount { anchors[Int(text.utf8Start[offset])] = anchor }
        }
        set("@", Anchor.at, for: [.emails, .urlCredentials])
        set("%", Anchor.percent, for: .emails)
        set("+", Anchor.plus, for: .phoneNumbers)
        set("0123456789", Anchor.digit, for: [.phoneNumbers, .paymentCards])
        set("-_.", Anchor.separator, for: [.apiKeys, .privateKeys])
        set("A", Anchor.capitalA, for: .apiKeys)
        set("J", Anchor.capitalJ, for: .bearerTokens)
        set("Bb", Anchor.letterB, for: .bearerTokens)
        let pairs = UnsafeMutablePointer<UInt64>.allocate(capacity: 64)
        pairs.initialize(repeating: 0, count: 64)
        for ending in ScannedText.prefixEndings {
            let hash = hash(ending.0, ending.1, ending.2)
            pairs[hash >> 6] |= 1 << UInt64(hash & 63)
        }
        return Tables(anchors: UnsafePointer(anchors), pairs: UnsafePointer(pairs))
    }

    @inline(__always)
    private static func hash(_ first: UInt8, _ second: UInt8, _ separator: UInt8) -> Int {
        (Int(first) &* 37 &+ Int(second) &* 5 &+ Int(separator)) & 0xFFF
    }

    /// The length of the shortest text with a match: `://a@`.
    private static let shortest = 5

    /// Appends all matches, in order and without overlaps.
    @inline(__always)
    func scan(_ bytes: UnsafeRawBufferPointer, _ matches: inout [RedactionMatch]) {
        guard bytes.count >= Self.shortest, let base = bytes.baseAddress else { return }
        scan(ScannedText(base.assumingMemoryBound(to: UInt8.self), bytes.count), &matches)
    }

    private func scan(_ text: ScannedText, _ matches: inout [RedactionMatch]) {
        let anchors = tables.anchors
        var position = 0
        /// The end of the last match. The next one does not start before it.
        var floor = 0
        while position < text.count {
            // Most bytes are no anchors. They are skipped eight at a time.
            while position &+ 8 <= text.count, text.hasNoAnchor(position, anchors) { position &+= 8 }
            while position < text.count, anchors[Int(text[position])] == 0 { position &+= 1 }
            guard position < text.count else { return }
            let anchor = anchors[Int(text[position])]
            guard mayMatch(position, anchor, text) else {
                position &+= 1
                continue
            }
            guard let found = match(at: position, anchor, text, floor) else {
                position = anchor == Anchor.digit ? text.endOfDigits(position) : position &+ 1
                continue
            }
            matches.append(found)
            floor = found.end
            position = max(found.end, position &+ 1)
        }
    }

    /// Whether a detector should run, judged from the neighboring bytes without a function call.
    @inline(__always)
    private func mayMatch(
        _ position: Int,
        _ anchor: UInt8,
        _ text: ScannedText
    ) -> Bool {
        switch anchor {
        case Anchor.separator:
            guard position >= 2 else { return false }
            let hash = Self.hash(text[position &- 2], text[position &- 1], text[position])
            return tables.pairs[hash >> 6] & 1 << UInt64(hash & 63) != 0
        case Anchor.digit:
            // A single digit only matters in a number that starts with "1-".
            guard position &+ 1 < text.count, text.mayStartWord(position) else { return false }
            return text[position] == 0x31 || ScannedText.isDigit(text[position &+ 1])
        case Anchor.capitalA: return position &+ 20 <= text.count && text[position &+ 1] &- 0x42 < 18
        case Anchor.capitalJ: return position >= 2 && text[position &- 1] == 0x79
        case Anchor.letterB:
            guard position &+ 8 < text.count else { return false }
            // "bea" and "bas".
            switch (text[position &+ 1] | 0x20, text[position &+ 2] | 0x20) {
            case (0x65, 0x61), (0x61, 0x73): return true
            default: return false
            }
        case Anchor.percent: return position &+ 3 < text.count && text[position &+ 1] == 0x34
        default: return true
        }
    }

    @inline(never)
    private func match(at position: Int, _ anchor: UInt8, _ text: ScannedText, _ floor: Int) -> RedactionMatch? {
        var found: ScannedText.Found?
        switch anchor {
        case Anchor.at:
            found = text.credentials(position, floor, detectors) ?? text.email(position, 1, floor, detectors)
        case Anchor.percent:
            if text.has("%40", at: position) { found = text.email(position, 3, floor, detectors) }
        case Anchor.plus, Anchor.digit: found = text.number(position, floor, detectors)
        case Anchor.separator:
            found = text.privateKey(position, detectors) ?? text.prefixedKey(position, floor, detectors)
        case Anchor.capitalA: found = text.cloudKey(position)
        case Anchor.capitalJ: found = text.webToken(position, floor)
        default: found = text.authorization(position)
        }
        guard let found, found.start >= floor else { return nil }
        let start = text.pastEscape(found.start)
        guard start < found.end else { return nil }
        return RedactionMatch(start: start, end: found.end, rule: found.detector.rawValue.trailingZeroBitCount)
    }
}
