extension ScannedText {
    typealias Found = (range: Range<Int>, detector: Redaction.Detectors)

    /// What keys begin with, and how many bytes follow at least. Each ends with one of the separators `-_.`.
    private static let prefixes: [(text: StaticString, minimum: Int)] = [
        ("sk-", 16), ("pk-", 24), ("glpat-", 16), ("xoxb-", 10), ("xoxp-", 10), ("xoxa-", 10), ("xoxr-", 10),
        ("xoxs-", 10), ("xoxe-", 10), ("xapp-", 10), ("pypi-", 16), ("xai-", 20), ("key-", 32),
        ("AGE-SECRET-KEY-", 20),
        ("sk_live_", 10), ("sk_test_", 10), ("pk_live_", 10), ("rk_live_", 10), ("rk_test_", 10), ("whsec_", 16),
        ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20), ("github_pat_", 20), ("hf_", 20),
        ("npm_", 20), ("gsk_", 20), ("dop_v1_", 20), ("shpat_", 20), ("shpss_", 20), ("ya29.", 20), ("SG.", 20),
    ]

    /// The same by the byte before the separator, which tells most separators from a key's.
    private static let prefixesByLastByte: [[(text: StaticString, minimum: Int)]] = {
        var table = Array(repeating: [(text: StaticString, minimum: Int)](), count: 256)
        for prefix in prefixes { table[Int(prefix.text.utf8Start[prefix.text.utf8CodeUnitCount - 2])].append(prefix) }
        return table
    }()

    private static let tokenWithDots = ByteSet.token.union(ByteSet("."))

    /// A key whose prefix ends at a position.
    func prefixedKey(_ position: Int, _ floor: Int, _ detectors: Redaction.Detectors) -> Found? {
        guard position > floor, detectors.contains(.apiKeys) else { return nil }
        for (text, minimum) in Self.prefixesByLastByte[Int(self[position - 1])] {
            let start = position + 1 - text.utf8CodeUnitCount
            guard start >= floor, has(text, at: start), startsWord(start) else { continue }
            let end = end(of: self[position] == 0x2E ? Self.tokenWithDots : .token, from: position + 1)
            if end - position - 1 >= minimum { return (start..<end, .apiKeys) }
        }
        return nil
    }

    /// `AKIA…` and its relatives of AWS, `AIza…` of Google.
    func cloudKey(_ position: Int) -> Found? {
        guard position + 20 <= count, startsWord(position) else { return nil }
        if has("AIza", at: position) {
            let end = end(of: .token, from: position + 4)
            return end - position >= 34 ? (position..<end, .apiKeys) : nil
        }
        guard has("AKIA", at: position) || has("ASIA", at: position) || has("ABIA", at: position) || has("ACCA", at: position)
        else { return nil }
        let end = end(of: ByteSet.digits.union(ByteSet(0x41...0x5A)), from: position)
        return end - position >= 20 ? (position..<end, .apiKeys) : nil
    }

    /// A JSON web token: `eyJ…`, a dot, the claims, a dot, the signature; cut ones too.
    func webToken(_ position: Int, _ floor: Int) -> Found? {
        let start = position - 2
        guard start >= floor, has("ey", at: start), startsWord(start) else { return nil }
        let head = end(of: .token, from: start)
        guard head - start >= 10, head + 10 < count, self[head] == 0x2E else { return nil }
        let end = end(of: Self.tokenWithDots, from: head + 1)
        return end - head > 10 ? (start..<end, .bearerTokens) : nil
    }

    private static let authorizationToken = ByteSet.token.union(ByteSet(".~+/="))

    /// What stands behind `Bearer ` or `Basic `.
    func authorization(_ position: Int) -> Found? {
        func isWord(_ lower: StaticString) -> Bool {
            let length = lower.utf8CodeUnitCount
            guard position + length < count else { return false }
            for offset in 0..<length where self[position + offset] | 0x20 != lower.utf8Start[offset] { return false }
            return startsWord(position)
        }
        let isBearer = isWord("bearer ")
        guard isBearer || isWord("basic ") else { return nil }
        let start = end(of: ByteSet(" "), from: position + (isBearer ? 7 : 6), atMost: 8)
        let end = end(of: Self.authorizationToken, from: start)
        let length = end - start
        var (hasDigit, hasCapital) = (false, false)
        for place in start..<end {
            hasDigit = hasDigit || ByteSet.digits.contains(self[place])
            hasCapital = hasCapital || (0x41...0x5A).contains(self[place])
        }
        // "Basic knowledge" and "bearer authentication" are words.
        let isToken =
            isBearer
            ? length >= 20 || length >= 8 && hasDigit
            : length >= 8 && (self[end - 1] == 0x3D || hasDigit && hasCapital)
        return isToken ? (start..<end, .bearerTokens) : nil
    }

    /// `-----BEGIN … PRIVATE KEY-----` up to its end, or to the end of the text where it was cut.
    func privateKey(_ position: Int, _ detectors: Redaction.Detectors) -> Found? {
        guard position >= 4, self[position] == 0x2D, self[position - 1] == 0x2D, detectors.contains(.privateKeys),
            has("-----BEGIN ", at: position - 4)
        else { return nil }
        let title = end(of: ByteSet(0x41...0x5A).union(ByteSet(" ")), from: position + 1, atMost: 64)
        guard title - position > 17, has("PRIVATE KEY", at: title - 11) || has("PRIVATE KEY BLOCK", at: title - 17) else {
            return nil
        }
        var end = title
        while end < count {
            guard self[end] == 0x2D, has("-----END ", at: end) else {
                end += 1
                continue
            }
            end = self.end(of: ByteSet(0x41...0x5A).union(ByteSet(" ")), from: end + 9, atMost: 64)
            end = self.end(of: ByteSet("-"), from: end, atMost: 5)
            break
        }
        return (position - 4..<end, .privateKeys)
    }
}
