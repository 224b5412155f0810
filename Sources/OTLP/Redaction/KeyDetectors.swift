extension ScannedText {
    /// The prefixes of API keys, and the smallest number of bytes after each. Every prefix ends with `-`, `_` or `.`.
    private static let prefixes: [(text: StaticString, minimum: Int)] = [
        ("sk-", 16), ("pk-", 24), ("glpat-", 16), ("xoxb-", 10), ("xoxp-", 10), ("xoxa-", 10), ("xoxr-", 10),
        ("xoxs-", 10), ("xoxe-", 10), ("xapp-", 10), ("pypi-", 16), ("xai-", 20), ("key-", 32),
        ("AGE-SECRET-KEY-", 20),
        ("sk_live_", 10), ("sk_test_", 10), ("pk_live_", 10), ("rk_live_", 10), ("rk_test_", 10), ("whsec_", 16),
        ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20), ("github_pat_", 20), ("hf_", 20),
        ("npm_", 20), ("gsk_", 20), ("dop_v1_", 20), ("shpat_", 20), ("shpss_", 20), ("ya29.", 20), ("SG.", 20),
    ]

    /// The last three bytes of each prefix, and those of `-----`, which starts a private key.
    static let prefixEndings: [(UInt8, UInt8, UInt8)] =
        prefixes.map { prefix in
            let end = prefix.text.utf8Start + prefix.text.utf8CodeUnitCount
            return (end[-3], end[-2], end[-1])
        } + [(0x2D, 0x2D, 0x2D)]

    /// Finds a key whose prefix ends at a position.
    func prefixedKey(_ position: Int, _ floor: Int, _ detectors: Redaction.Detectors) -> Found? {
        guard position > floor, detectors.contains(.apiKeys) else { return nil }
        for (text, minimum) in Self.prefixes {
            let start = position + 1 - text.utf8CodeUnitCount
            guard start >= floor, has(text, at: start), startsWord(start) else { continue }
            let mayHaveDots = self[position] == 0x2E
            let end = end(from: position + 1) { Self.isToken($0) || mayHaveDots && $0 == 0x2E }
            if end - position - 1 >= minimum { return (start, end, .apiKeys) }
        }
        return nil
    }

    /// Finds `AKIA…` and similar keys of AWS, and `AIza…` of Google.
    func cloudKey(_ position: Int) -> Found? {
        guard position + 20 <= count, startsWord(position) else { return nil }
        if has("AIza", at: position) {
            let end = end(from: position + 4, while: Self.isToken)
            return end - position >= 34 ? (position, end, .apiKeys) : nil
        }
        guard
            has("AKIA", at: position) || has("ASIA", at: position) || has("ABIA", at: position)
                || has("ACCA", at: position)
        else { return nil }
        let end = end(from: position) { Self.isDigit($0) || $0 &- 0x41 < 26 }
        return end - position >= 20 ? (position, end, .apiKeys) : nil
    }

    /// Finds a JSON web token, complete or truncated: `eyJ…`, a dot, the claims, a dot, the signature.
    func webToken(_ position: Int, _ floor: Int) -> Found? {
        let start = position - 2
        guard start >= floor, has("ey", at: start), startsWord(start) else { return nil }
        let head = end(from: start, while: Self.isToken)
        guard head - start >= 10, head + 10 < count, self[head] == 0x2E else { return nil }
        let end = end(from: head + 1) { Self.isToken($0) || $0 == 0x2E }
        return end - head > 10 ? (start, end, .bearerTokens) : nil
    }

    /// Finds the credentials after `Bearer ` or `Basic `.
    func authorization(_ position: Int) -> Found? {
        func isWord(_ lower: StaticString) -> Bool {
            let length = lower.utf8CodeUnitCount
            guard position + length < count else { return false }
            for offset in 0..<length where self[position + offset] | 0x20 != lower.utf8Start[offset] { return false }
            return startsWord(position)
        }
        let isBearer = isWord("bearer ")
        guard isBearer || isWord("basic ") else { return nil }
        let start = end(from: position + (isBearer ? 7 : 6), atMost: 8) { $0 == 0x20 }
        let end = end(from: start) { byte in
            switch byte {
            case 0x2E, 0x7E, 0x2B, 0x2F, 0x3D: true
            default: Self.isToken(byte)
            }
        }
        let length = end - start
        var (hasDigit, hasCapital) = (false, false)
        for place in start..<end {
            hasDigit = hasDigit || Self.isDigit(self[place])
            hasCapital = hasCapital || self[place] &- 0x41 < 26
        }
        // Plain words such as "basic knowledge" and "bearer authentication" are not credentials.
        let isToken =
            isBearer
            ? length >= 20 || length >= 8 && hasDigit
            : length >= 8 && (self[end - 1] == 0x3D || hasDigit && hasCapital)
        return isToken ? (start, end, .bearerTokens) : nil
    }

    /// Finds `-----BEGIN … PRIVATE KEY-----` up to its end, or to the end of a truncated text.
    func privateKey(_ position: Int, _ detectors: Redaction.Detectors) -> Found? {
        guard position >= 4, self[position] == 0x2D, self[position - 1] == 0x2D, detectors.contains(.privateKeys),
            has("-----BEGIN ", at: position - 4)
        else { return nil }
        let title = end(from: position + 1, atMost: 64, while: Self.isTitle)
        guard title - position > 17, has("PRIVATE KEY", at: title - 11) || has("PRIVATE KEY BLOCK", at: title - 17)
        else {
            return nil
        }
        var end = title
        while end < count {
            guard self[end] == 0x2D, has("-----END ", at: end) else {
                end += 1
                continue
            }
            end = self.end(from: end + 9, atMost: 64, while: Self.isTitle)
            end = self.end(from: end, atMost: 5) { $0 == 0x2D }
            break
        }
        return (position - 4, end, .privateKeys)
    }

    private static func isTitle(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 || byte == 0x20 }
}
