import SpanKitPrometheusText

/// Lines with a value.
extension ExpositionReader {
    /// The family that a name belongs to, and what its suffix says.
    struct SampleName {
        /// An index in `families`.
        var family: Int
        var role: Role
    }

    enum Role {
        case value, bucket, sum, count
    }

    mutating func readSample() throws(Failure) {
        let start = position
        if byte == UInt8(ascii: "{") {
            throw Failure("a quoted metric name; the textfile collector does not support them", at: start)
        }
        let name = name(allowsColon: true)
        guard !name.isEmpty else {
            let reason =
                byte == Byte.carriageReturn ? Self.carriageReturn : "the line does not start with a metric name"
            throw Failure(reason, at: start)
        }
        let sample = resolve(name)
        let type = families[sample.family].type
        if type == nil, !families[sample.family].isGaugeHistogram { families[sample.family].type = .unknown }
        skipBlanks()
        labels.removeAll(keepingCapacity: true)
        let bound = byte == UInt8(ascii: "{") ? try readLabels(reserved: type?.reservedLabel) : nil
        let value = try readValue()
        try endOfSample()
        add(value, at: bound, to: sample)
        if let previousFamily, previousFamily != sample.family, families[sample.family].hasSamples {
            report("\(string(name)): the lines of this metric are not next to each other", line: line, .serves)
        }
        previousFamily = sample.family
        families[sample.family].hasSamples = true
    }

    /// Finds the family of a name, or adds it. `x_count` belongs to `x` if `x` is a histogram or a summary.
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

    /// Reads the labels in braces.
    /// - Returns: The value of the reserved label, `le` or `quantile`, if the line has it.
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
                let isQuoted = byte == Byte.quote
                let reason = isQuoted ? "a quoted label name; the textfile collector does not support them" : nil
                throw Failure(reason ?? "not a label name; use letters, digits and '_'", at: start)
            }
            skipBlanks()
            guard byte == UInt8(ascii: "=") else {
                throw Failure("expected '=' after the label name \(string(name))", at: position)
            }
            position += 1
            if isEqual(name, "__name__") { throw Failure("the label name __name__ is reserved", at: start) }
            if text[name].starts(with: "__".utf8) {
                let reason = "the label name \(string(name)) begins with __, which is reserved"
                panics = panics ?? Failure(reason, at: start, .panics)
            }
            let isReserved = reserved.map { isEqual(name, $0) } ?? false
            if !isReserved, labels.contains(where: { text[$0.name].elementsEqual(text[name]) }) {
                throw Failure("the label \(string(name)) appears twice", at: start)
            }
            // The search for repetitions is quadratic; no real series has this many labels.
            guard labels.count < Self.maximumLabels else {
                throw Failure("more than \(Self.maximumLabels) labels", at: start, .serves)
            }
            skipBlanks()
            let value = try readLabelValue()
            if !isReserved {
                labels.append(LabelRange(name: name, value: value))
            } else if let number = number(value) {
                reservedNumber = number
            } else {
                throw Failure("\(string(name))=\"\(string(value))\" is not a number", at: value.lowerBound)
            }
            skipBlanks()
            if byte == UInt8(ascii: ",") {
                position += 1
            } else if byte != UInt8(ascii: "}") {
                throw Failure("expected ',' or '}' after a label value", at: position)
            }
        }
        position += 1
        if let panics { report(panics) }
        return reservedNumber
    }

    private static let maximumLabels = 1_000

    /// Reads a quoted label value.
    /// - Returns: The range between the quotes, still escaped.
    private mutating func readLabelValue() throws(Failure) -> Range<Int> {
        guard byte == Byte.quote else { throw Failure("expected '\"' before a label value", at: position) }
        position += 1
        let start = position
        while position < text.count, text[position] != Byte.quote {
            if byte == Byte.lineFeed {
                throw Failure("a line feed in a label value; write \\n, and \\\" for a quote", at: position)
            }
            if byte == Byte.backslash {
                position += 1
                guard [Byte.backslash, Byte.quote, UInt8(ascii: "n")].contains(byte) else {
                    let reason = "a label value has a backslash before a character other than \\, \" or n; write \\\\"
                    throw Failure(reason, at: position - 1)
                }
            }
            position += 1
        }
        let value = start..<min(position, text.count)
        position += 1
        if String(validating: text[value], as: UTF8.self) == nil {
            throw Failure("a label value is not UTF-8", at: start)
        }
        return value
    }

    private mutating func readValue() throws(Failure) -> Double {
        skipBlanks()
        let word = word()
        if let value = number(word) { return value }
        if word.isEmpty { throw Failure("the value is missing", at: word.lowerBound) }
        if text[word.upperBound - 1] == Byte.carriageReturn {
            throw Failure(Self.carriageReturn, at: word.upperBound - 1)
        }
        throw Failure("'\(string(word))' is not a number", at: word.lowerBound)
    }

    private mutating func endOfSample() throws(Failure) {
        let end = position
        skipBlanks()
        switch byte {
        case Byte.lineFeed where end == position: position += 1
        case Byte.lineFeed: throw Failure("a blank after the value", at: end)
        case UInt8(ascii: "#"): throw Failure("an exemplar, which only OpenMetrics supports", at: position)
        default: throw Failure("a timestamp, which the textfile collector does not support", at: position)
        }
    }

    /// Parses a number as Go does: decimal, or `inf`, `infinity` or `nan` in any case; no hexadecimal digits, no `_`.
    /// - Returns: `nil` if the text is not a number or no `Double` can represent it.
    private func number(_ range: Range<Int>) -> Double? {
        let word = string(range).lowercased()
        switch word {
        case "inf", "+inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        // Go accepts no sign here.
        case "nan": return .nan
        default:
            // Double accepts more than Go: hexadecimal numbers and signed or tagged NaN.
            guard word.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.e".contains($0)) }) else { return nil }
            guard let value = Double(word), value.isFinite else { return nil }
            return value
        }
    }
}
