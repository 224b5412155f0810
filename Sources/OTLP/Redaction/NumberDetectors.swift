extension ScannedText {
    /// Finds a card number or a phone number that starts at a position.
    func number(_ position: Int, _ floor: Int, _ detectors: Redaction.Detectors) -> Found? {
        guard startsWord(position) else { return nil }
        // Digits after a digit and a dot belong to a fraction or a version, such as "0.4111…" and "1.2.3.4".
        if position >= 2, self[position - 1] == 0x2E, Self.isDigit(self[position - 2]) { return nil }
        let group = Self.isDigit(self[position]) ? endOfDigits(position) - position : 0
        // Card numbers are written without gaps, or start with a group of four digits.
        if group == 4 || group >= 13, detectors.contains(.paymentCards), let end = cardEnd(position) {
            return (position, end, .paymentCards)
        }
        guard detectors.contains(.phoneNumbers), let end = phoneEnd(position, group) else { return nil }
        // An opening parenthesis before the area code belongs to the number.
        let start = position > floor && self[position - 1] == 0x28 ? position - 1 : position
        return (start, end, .phoneNumbers)
    }

    /// The end of the longest card number that starts at a position. Single spaces or hyphens can separate groups of digits.
    private func cardEnd(_ position: Int) -> Int? {
        guard (0x32...0x36).contains(self[position]) else { return nil }
        var digits: (even: Int, odd: Int, evenDoubled: Int, oddDoubled: Int) = (0, 0, 0, 0)
        var count = 0
        var place = position
        var best: Int?
        while place < self.count, count <= 19 {
            let byte = self[place]
            if Self.isDigit(byte) {
                let digit = Int(byte - 0x30)
                let doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2
                // Luhn doubles every second digit from the end, which is not known yet. So both sums are kept.
                if count % 2 == 0 {
                    digits.even += digit
                    digits.evenDoubled += doubled
                } else {
                    digits.odd += digit
                    digits.oddDoubled += doubled
                }
                count += 1
                place += 1
                let endsGroup = place == self.count || !Self.isWord(self[place])
                if endsGroup, (13...19).contains(count) {
                    let sum = count % 2 == 0 ? digits.evenDoubled + digits.odd : digits.even + digits.oddDoubled
                    if sum % 10 == 0 { best = place }
                }
            } else if byte == 0x20 || byte == 0x2D, place + 1 < self.count, Self.isDigit(self[place + 1]) {
                place += 1
            } else {
                break
            }
        }
        return best
    }

    /// ` -./()`
    @inline(__always)
    private static func isPhoneSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x28, 0x29, 0x2D, 0x2E, 0x2F: true
        default: false
        }
    }

    /// The end of a phone number that starts at a position.
    /// - Parameter group: the number of digits before the first separator.
    private func phoneEnd(_ position: Int, _ group: Int) -> Int? {
        if self[position] == 0x2B { return internationalEnd(position + 1) }
        if has("00", at: position), position + 2 < count, (0x31...0x39).contains(self[position + 2]) {
            return internationalEnd(position + 2)
        }
        return group == 3 || group == 1 ? northAmericanEnd(position) : nil
    }

    /// The end of 8 to 15 digits with separators (E.164), of which the first is not 0.
    private func internationalEnd(_ position: Int) -> Int? {
        guard position < count, (0x31...0x39).contains(self[position]) else { return nil }
        var place = position
        var end = position
        var digits = 0
        var separators = 0
        while place < count, digits <= 15, separators <= 2 {
            if Self.isDigit(self[place]) {
                digits += 1
                separators = 0
                end = place + 1
            } else if Self.isPhoneSeparator(self[place]) {
                separators += 1
            } else {
                break
            }
            place += 1
        }
        let isWordBehind = end < count && Self.isWord(self[end])
        return (8...15).contains(digits) && !isWordBehind ? end : nil
    }

    /// The end of three, three and four digits with separators, with an optional 1 and optional parentheses at the start.
    private func northAmericanEnd(_ position: Int) -> Int? {
        func isGap(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x29 || byte == 0x2D || byte == 0x2E }
        var place = position
        if self[place] == 0x31, place + 1 < count, isGap(self[place + 1]) {
            place += 2
            if place < count, self[place] == 0x28 { place += 1 }
        }
        for _ in 0..<2 {
            let end = end(from: place, while: Self.isDigit)
            guard end - place == 3 else { return nil }
            place = self.end(from: end, atMost: 2, while: isGap)
            guard place > end else { return nil }
        }
        let end = end(from: place, while: Self.isDigit)
        return end - place == 4 && (end == count || !Self.isWord(self[end])) ? end : nil
    }
}
