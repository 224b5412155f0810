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
        labels.removeAll(keepingCapacity: true)
        var sample: SampleName?
        if byte != UInt8(ascii: "{") {
            let name = try readName(allowsColon: true)
            guard !name.isEmpty else {
                let reason =
                    byte == Byte.carriageReturn ? Self.carriageReturn : "the line does not start with a metric name"
                throw Failure(reason, at: start)
            }
            sample = try resolveSample(name, at: start)
            skipBlanks()
        } else if !version.rules.readsQuotedNames {
            throw Failure("a metric name in braces, which \(version) does not support", at: start)
        }
        if let namedFamily, hasParts(namedFamily) { hasLabelTable = true }
        let bound = byte == UInt8(ascii: "{") ? try readLabels(of: &sample) : nil
        if sample == nil { try checkNameless(at: start) }
        let value = try readValue()
        try endOfSample()
        previousLabels = (sample == nil ? previousLabels ?? [] : []) + labels.map(\.name)
        guard let sample else { return }
        add(value, at: bound, to: sample)
        if let previousFamily, previousFamily != sample.family, families[sample.family].hasSamples {
            let name = families[sample.family].nameText
            report("\(name): the lines of this metric are not next to each other", line: line, .serves)
        }
        previousFamily = sample.family
        families[sample.family].hasSamples = true
    }

    private mutating func resolveSample(_ name: [UInt8], at place: Int) throws(Failure) -> SampleName {
        try checkName(name, at: place)
        let sample = resolve(name)
        let family = families[sample.family]
        if family.type == nil, !family.isGaugeHistogram { families[sample.family].type = .unknown }
        return sample
    }

    /// Reports or throws a failure if Prometheus did not allow a quoted name before version 3.
    mutating func checkName(_ name: [UInt8], at place: Int) throws(Failure) {
        guard MetricName.isDigit(name.first ?? 0) || !name.allSatisfy({ MetricName.isNameByte($0) || $0 == 0x3A })
        else { return }
        let reason = "the metric name \(string(name).quoted) contains more than letters, digits, '_' and ':'"
        let failure = Failure(reason, at: place, version.rules.invalidName)
        guard failure.outcome == .panics else { throw failure }
        report(failure)
    }

    /// Checks a line with labels but without a name, which node_exporter reads as part of the previous metric.
    private mutating func checkNameless(at start: Int) throws(Failure) {
        let reason = "the line has no metric name"
        guard let namedFamily else {
            let outcome = hasOpenLabels ? version.rules.namelessStart : .losesFile
            throw Failure(reason, at: start, outcome, isImmediate: true)
        }
        guard let previousLabels else { throw Failure(reason, at: start, .panics, isImmediate: true) }
        try checkName(families[namedFamily].name, at: start)
        let isRepeated = labels.contains { previousLabels.contains($0.name) }
        report(
            Failure(
                "\(reason), so it is read as part of the metric in the lines above; add the name",
                at: start,
                isRepeated || families[namedFamily].isGaugeHistogram ? .panics : .misreads
            )
        )
    }

    /// Finds the family of a name, or adds it. `x_count` belongs to `x` if `x` is a histogram or a summary.
    mutating func resolve(_ bytes: [UInt8]) -> SampleName {
        let sample = find(bytes)
        namedFamily = sample.family
        return sample
    }

    private mutating func find(_ bytes: [UInt8]) -> SampleName {
        if let family = familyPlaces[bytes] { return SampleName(family: family, role: .value) }
        for (suffix, role) in [("_count", Role.count), ("_sum", .sum), ("_bucket", .bucket)] {
            let base = bytes.count - suffix.utf8.count
            guard base > 0, bytes[base...].elementsEqual(suffix.utf8) else { continue }
            guard let family = familyPlaces[Array(bytes[..<base])] else { break }
            guard hasParts(family), families[family].type != .summary || role != .bucket else {
                break
            }
            return SampleName(family: family, role: role)
        }
        familyPlaces[bytes] = families.count
        families.append(FamilyReading(name: bytes, line: line))
        return SampleName(family: families.count - 1, role: .value)
    }

    /// Whether a family's samples are parts of histograms or summaries.
    private func hasParts(_ family: Int) -> Bool {
        families[family].type == .histogram || families[family].type == .summary || isKnownGaugeHistogram(family)
    }

    private func typeText(_ family: Int) -> String { families[family].type?.typeText ?? "gauge histogram" }

    private func isKnownGaugeHistogram(_ family: Int) -> Bool {
        version.rules.readsGaugeHistograms && families[family].isGaugeHistogram
    }

    /// Reads the labels in braces, and the name of the metric if it is among them.
    /// - Returns: The value of the reserved label, `le` or `quantile`, if the line has it.
    private mutating func readLabels(of sample: inout SampleName?) throws(Failure) -> Double? {
        var reservedNumber: Double?
        var panics: Failure?
        let isNamed = sample != nil
        hasOpenLabels = true
        position += 1
        while true {
            skipBlanks()
            if byte == UInt8(ascii: "}") { break }
            hasOpenLabels = false
            let start = position
            let name = try readName(allowsColon: false)
            guard !name.isEmpty else {
                let isQuoted = byte == Byte.quote
                let reason = isQuoted ? "a quoted label name, which \(version) does not support" : nil
                throw Failure(reason ?? "not a label name; use letters, digits and '_'", at: start)
            }
            skipBlanks()
            if !isNamed, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") {
                guard sample == nil else { throw Failure("a second metric name", at: start) }
                sample = try resolveSample(name, at: start)
                if byte == UInt8(ascii: ",") { position += 1 }
                continue
            }
            guard byte == UInt8(ascii: "=") else {
                throw Failure("expected '=' after the label name \(string(name))", at: position)
            }
            position += 1
            panics = try labelProblem(name, at: start) ?? panics
            let isReserved = reservedLabel(of: sample).map { name.elementsEqual($0.utf8) } ?? false
            if !isReserved, labels.contains(where: { $0.name == name }) {
                throw Failure("the label \(string(name)) appears twice", at: start)
            }
            // The search for repetitions is quadratic; no real series has this many labels.
            guard labels.count < Self.maximumLabels else {
                throw Failure("the sample has more than \(Self.maximumLabels) labels", at: start, .serves)
            }
            skipBlanks()
            let value = try readLabelValue()
            if !isReserved {
                if !isNamed, !hasLabelTable, let sample, hasParts(sample.family) {
                    let reason = "the name of a \(typeText(sample.family)) is in the braces; write it before them"
                    throw Failure(reason, at: start, .panics, isImmediate: true)
                }
                labels.append(LabelRange(name: name, value: value))
            } else if let number = number(value) {
                reservedNumber = number
            } else {
                throw Failure("\(string(name))=\"\(string(value))\" is not a number", at: value.lowerBound)
            }
            skipBlanks()
            if byte == UInt8(ascii: ",") {
                position += 1
                hasOpenLabels = true
            } else if byte != UInt8(ascii: "}") {
                throw Failure("expected ',' or '}' after a label value", at: position)
            }
        }
        position += 1
        if let panics { report(panics) }
        return reservedNumber
    }

    private static let maximumLabels = 1_000

    /// The label that is not part of the series: `le` or `quantile`.
    private func reservedLabel(of sample: SampleName?) -> String? {
        guard let family = sample?.family ?? namedFamily else { return nil }
        return isKnownGaugeHistogram(family) ? "le" : families[family].type?.reservedLabel
    }

    /// What a label name causes when node_exporter serves the file; `nil` for a valid name.
    private func labelProblem(_ name: [UInt8], at place: Int) throws(Failure) -> Failure? {
        if name.elementsEqual("__name__".utf8) { throw Failure("the label name __name__ is reserved", at: place) }
        guard MetricName.isDigit(name[0]) || !name.allSatisfy(MetricName.isNameByte) else {
            let reason = "the label name \(string(name)) begins with __, which is reserved"
            return name.starts(with: "__".utf8) ? Failure(reason, at: place, .panics) : nil
        }
        let reason = "the label name \(string(name).quoted) contains more than letters, digits and '_'"
        let failure = Failure(reason, at: place, version.rules.invalidName)
        guard failure.outcome == .panics else { throw failure }
        return failure
    }

    /// Reads a metric or label name; empty if no name is at the position.
    mutating func readName(allowsColon: Bool) throws(Failure) -> [UInt8] {
        func isNameByte(_ byte: UInt8) -> Bool {
            MetricName.isNameByte(byte) || allowsColon && byte == UInt8(ascii: ":")
        }
        let mayQuote = version.rules.readsQuotedNames
        var name: [UInt8] = []
        guard !MetricName.isDigit(byte), isNameByte(byte) || mayQuote && byte == Byte.quote else { return name }
        guard mayQuote else { return Array(text[take(while: isNameByte)]) }
        // A quotation mark may come anywhere in a name; the name ends at the second one.
        var (isQuoted, isEscaped) = (false, false)
        repeat {
            switch byte {
            case Byte.backslash where isEscaped, Byte.quote where isEscaped: name.append(byte)
            case UInt8(ascii: "n") where isEscaped: name.append(Byte.lineFeed)
            case _ where isEscaped:
                throw Failure("a name has a backslash before a character other than \\, \" or n", at: position - 1)
            case Byte.backslash:
                isEscaped = true
                position += 1
                continue
            case Byte.quote where isQuoted:
                position += 1
                return name
            case Byte.quote: isQuoted = true
            case Byte.lineFeed: throw Failure("a line feed in a quoted name", at: position)
            default: name.append(byte)
            }
            isEscaped = false
            position += 1
        } while isQuoted || isNameByte(byte) || byte == Byte.quote
        return name
    }

    /// Reads a quoted label value.
    /// - Returns: The range between the quotes, still escaped.
    private mutating func readLabelValue() throws(Failure) -> Range<Int> {
        guard byte == Byte.quote else { throw Failure("expected '\"' before a label value", at: position) }
        position += 1
        let start = position
        while position < text.count, text[position] != Byte.quote {
            if byte == Byte.lineFeed {
                throw Failure(
                    "a label value contains a line feed; write \\n for it, or close the quotation mark",
                    at: position
                )
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
        case Byte.lineFeed: throw Failure("there is a blank after the value; remove it", at: end)
        case UInt8(ascii: "#"):
            throw Failure("there is an exemplar, which only OpenMetrics supports; remove it", at: position)
        default:
            throw Failure(
                "there is a timestamp, which the textfile collector does not support; remove it",
                at: position
            )
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
