import SpanKitPrometheusText

extension ExpositionReader {
    /// What the name of a sample means.
    struct SampleName {
        /// A place in `families`.
        var family: Int
        /// Whether the name is the family's with `_sum` or `_count` at its end.
        var role: Role
    }

    enum Role {
        case value, bucket, sum, count
    }

    mutating func readSample() throws(Failure) {
        let start = position
        previousBucket = nil
        if byte == UInt8(ascii: "{") {
            throw Failure(reason: "a quoted metric name; the textfile collector knows none", position: start)
        }
        let name = name(allowsColon: true)
        guard !name.isEmpty else {
            throw Failure(
                reason: byte == Byte.carriageReturn
                    ? Self.carriageReturnAdvice : "a sample has to begin with a metric name",
                position: start
            )
        }
        let sample = remembered(name)
        let type = families[sample.family].type
        if type == nil, !families[sample.family].isGaugeHistogram { families[sample.family].type = .unknown }
        skipBlanks()
        labels.removeAll(keepingCapacity: true)
        let bucket = byte == UInt8(ascii: "{") ? try readLabels(reserved: type?.reservedLabel) : nil
        let value = try readValue()
        try endOfSample()
        add(value, at: bucket, to: sample)
        if let previousFamily, previousFamily != sample.family, families[sample.family].lastLine > 0 {
            report("\(string(name)): its lines are not in one group", line: line, .serves)
        }
        previousFamily = sample.family
        families[sample.family].lastLine = line
        let end = reservedValue.upperBound
        if bucket != nil, sample.role == .bucket, type == .histogram, text[end...].starts(with: "\"}".utf8),
            let metric = families[sample.family].last
        {
            let prefix = start..<reservedValue.lowerBound
            previousBucket = BucketLine(prefix: prefix, family: sample.family, metric: metric)
        }
    }

    /// The same as ``resolve(_:)``, which costs a search, for the few names that stand on every metric of a family.
    private mutating func remembered(_ name: Range<Int>) -> SampleName {
        let slot = (name.count &+ Int(text[name.upperBound - 1])) & (Self.rememberedNames - 1)
        if let known = names[slot], isEqual(known.range, name) { return known.sample }
        let sample = resolve(name)
        names[slot] = (name, sample)
        return sample
    }

    static let rememberedNames = 16

    /// The family a name belongs to, made if it is new: `x_count` belongs to `x` if that is a histogram or a summary.
    mutating func resolve(_ name: Range<Int>) -> SampleName {
        let bytes = Array(text[name])
        if let family = familyPlaces[bytes] { return SampleName(family: family, role: .value) }
        for (suffix, role) in [("_count", Role.count), ("_sum", .sum), ("_bucket", .bucket)] {
            let base = bytes.count - suffix.utf8.count
            guard base > 0, bytes[base...].elementsEqual(suffix.utf8) else { continue }
            guard let family = familyPlaces[Array(bytes[..<base])] else { break }
            let type = families[family].type
            guard type == .histogram || type == .summary && role != .bucket else { break }
            return SampleName(family: family, role: role)
        }
        familyPlaces[bytes] = families.count
        families.append(FamilyReading(name: bytes, line: line))
        return SampleName(family: families.count - 1, role: .value)
    }

    private mutating func readLabels(reserved: String?) throws(Failure) -> Double? {
        var reservedNumber: Double?
        var panics: Failure?
        position += 1
        while true {
            skipBlanks()
            if byte == UInt8(ascii: "}") { break }
            let start = position
            let name = name(allowsColon: false)
            guard !name.isEmpty else {
                throw Failure(
                    reason: byte == Byte.quote
                        ? "a quoted label name; the textfile collector knows none" : "not a label name",
                    position: start
                )
            }
            skipBlanks()
            guard byte == UInt8(ascii: "=") else {
                throw Failure(reason: "'=' has to follow the label name \(string(name))", position: position)
            }
            position += 1
            if text[name].starts(with: "__".utf8) {
                if isEqual(name, "__name__") {
                    throw Failure(reason: "the label name __name__ is reserved", position: start)
                }
                let reason = "the label name \(string(name)) begins with __, which is reserved"
                panics = panics ?? Failure(reason: reason, position: start, outcome: .panics)
            }
            let isReserved = reserved.map { text[name].elementsEqual($0.utf8) } ?? false
            if !isReserved, labels.contains(where: { isEqual($0.name, name) }) {
                throw Failure(reason: "the label \(string(name)) stands here twice", position: start)
            }
            // Looking for repetitions takes the square of their number, and no real series comes near this.
            guard labels.count < Self.maximumLabels else {
                throw Failure(reason: "more than \(Self.maximumLabels) labels", position: start, outcome: .serves)
            }
            skipBlanks()
            let value = try readLabelValue()
            if !isReserved {
                labels.append(LabelRange(name: name, value: value))
            } else if let number = self.reservedNumber(value) {
                reservedNumber = number
                reservedValue = value
            } else {
                throw Failure(
                    reason: "\(string(name))=\"\(string(value))\" is not a number",
                    position: value.lowerBound
                )
            }
            skipBlanks()
            if byte == UInt8(ascii: ",") {
                position += 1
            } else if byte != UInt8(ascii: "}") {
                throw Failure(reason: "',' or '}' has to follow a label value", position: position)
            }
        }
        position += 1
        if let panics { report(panics) }
        return reservedNumber
    }

    private static let maximumLabels = 1_000

    private mutating func readLabelValue() throws(Failure) -> Range<Int> {
        guard byte == Byte.quote else {
            throw Failure(reason: "a label value has to begin with a double quote", position: position)
        }
        position += 1
        let start = position
        var isASCII = true
        while position < text.count {
            let byte = text[position]
            if byte == Byte.quote { break }
            if byte == Byte.lineFeed {
                throw Failure(
                    reason: "a line feed in a label value; write \\n, and \\\" for a quote",
                    position: position
                )
            }
            if byte == Byte.backslash {
                position += 1
                guard [Byte.backslash, Byte.quote, UInt8(ascii: "n")].contains(self.byte) else {
                    throw Failure(
                        reason: "a backslash in a label value goes before \\, \" or n only; write two for one",
                        position: position - 1
                    )
                }
            }
            isASCII = isASCII && byte < 0x80
            position += 1
        }
        let value = start..<min(position, text.count)
        position += 1
        if !isASCII, String(validating: text[value], as: UTF8.self) == nil {
            throw Failure(reason: "a label value is not UTF-8", position: start)
        }
        return value
    }

    mutating func readValue() throws(Failure) -> Double {
        skipBlanks()
        let word = word()
        guard let value = number(word) else {
            let text = string(word)
            if word.isEmpty { throw Failure(reason: "a value is missing", position: word.lowerBound) }
            let isEnded = self.text[word.upperBound - 1] == Byte.carriageReturn
            throw Failure(
                reason: isEnded ? Self.carriageReturnAdvice : "'\(text)' is not a number",
                position: isEnded ? word.upperBound - 1 : word.lowerBound
            )
        }
        return value
    }

    mutating func endOfSample() throws(Failure) {
        if byte == Byte.lineFeed {
            position += 1
            return
        }
        let end = position
        skipBlanks()
        let reason =
            switch byte {
            case Byte.lineFeed: "a blank after the value"
            case UInt8(ascii: "#"): "an exemplar, which belongs to OpenMetrics"
            default: "a timestamp, which the textfile collector does not take"
            }
        throw Failure(reason: reason, position: byte == Byte.lineFeed ? end : position)
    }
}

/// Buckets take most lines of a file, and differ from the line before only in `le` and count.
extension ExpositionReader {
    /// What a bucket's line begins with, up to the value of `le`, which is its last label.
    struct BucketLine {
        var prefix: Range<Int>
        /// A place in `families`.
        var family: Int
        /// A place in the family's metrics.
        var metric: Int
    }

    /// Reads a line that says another bucket of the same metric; false, with nothing read, where it does not.
    mutating func readAnotherBucket() throws(Failure) -> Bool {
        guard let bucket = previousBucket else { return false }
        let start = position + bucket.prefix.count
        guard start < text.count, isEqual(position..<start, bucket.prefix) else { return false }
        var end = start
        while end < text.count, text[end] != Byte.quote, text[end] != Byte.backslash, text[end] != Byte.lineFeed {
            end += 1
        }
        guard text[end...].starts(with: "\"} ".utf8), let edge = reservedNumber(start..<end), !edge.isNaN else {
            return false
        }
        position = end + 2
        let value = try readValue()
        try endOfSample()
        reportUnlessWhole(value)
        families[bucket.family].metrics[bucket.metric].points.append(.init(position: edge, value: value, line: line))
        families[bucket.family].lastLine = line
        return true
    }
}

extension ExpositionReader {
    /// A number as Go reads it: decimal, `inf`, `infinity`, `nan` in any case, nothing hexadecimal, no `_`.
    ///
    /// Nil for what is no number, and for one that no `Double` can hold.
    func number(_ range: Range<Int>) -> Double? {
        if range.count <= 15, let whole = wholeNumber(range) { return Double(whole) }
        let word = string(range)
        if isDecimal(range) {
            guard let value = Double(word), value.isFinite else { return nil }
            return value
        }
        let lower = word.lowercased()
        switch lower.first == "+" || lower.first == "-" ? String(lower.dropFirst()) : lower {
        case "inf", "infinity": return lower.first == "-" ? -.infinity : .infinity
        // Go takes no sign here.
        case "nan": return lower == "nan" ? .nan : nil
        default: return nil
        }
    }

    /// The value of `le` or `quantile`. The few values there are stand on every metric, so the last ones are
    /// remembered.
    mutating func reservedNumber(_ range: Range<Int>) -> Double? {
        var hash = range.count
        for place in range.suffix(4) { hash = hash &* 31 &+ Int(text[place]) }
        let slot = hash & (Self.rememberedNumbers - 1)
        if let known = numbers[slot], isEqual(known.range, range) { return known.value }
        guard let value = number(range) else { return nil }
        numbers[slot] = (range, value)
        return value
    }

    static let rememberedNumbers = 128

    private func wholeNumber(_ range: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for place in range {
            guard MetricName.isDigit(text[place]) else { return nil }
            value = value * 10 + UInt64(text[place] - UInt8(ascii: "0"))
        }
        return range.isEmpty ? nil : value
    }

    /// `[+-] digits [. digits] [e [+-] digits]`, a digit before or after the point.
    private func isDecimal(_ range: Range<Int>) -> Bool {
        var place = range.lowerBound
        func next() -> UInt8 { place < range.upperBound ? text[place] : 0 }
        func skipSign() {
            if next() == UInt8(ascii: "+") || next() == UInt8(ascii: "-") { place += 1 }
        }
        func skipDigits() -> Int {
            let start = place
            while MetricName.isDigit(next()) { place += 1 }
            return place - start
        }
        skipSign()
        var digits = skipDigits()
        if next() == UInt8(ascii: ".") {
            place += 1
            digits += skipDigits()
        }
        guard digits > 0 else { return false }
        if next() | 0x20 == UInt8(ascii: "e") {
            place += 1
            skipSign()
            guard skipDigits() > 0 else { return false }
        }
        return place == range.upperBound
    }
}
