extension ExpositionReader {
    /// Reads a line that begins with `#`.
    mutating func readComment() throws(Failure) {
        let start = position
        position += 1
        skipBlanks()
        let keyword = word()
        let isHelp = isEqual(keyword, "HELP")
        guard isHelp || isEqual(keyword, "TYPE"), byte != Byte.lineFeed else {
            if isEqual(keyword, "EOF") || isEqual(keyword, "UNIT") {
                report(
                    Failure(
                        reason: "'# \(string(keyword))' belongs to OpenMetrics and means nothing here",
                        position: start,
                        outcome: .serves
                    )
                )
            }
            skipLine()
            return
        }
        skipBlanks()
        let name = name(allowsColon: true)
        // A line that ends after the name says nothing, which is no error.
        if byte == Byte.lineFeed {
            position += 1
            return
        }
        guard !name.isEmpty, Byte.isBlank(byte) else {
            throw Failure(reason: "not a metric name; use letters, digits, '_' and ':'", position: position)
        }
        let family = resolve(name).family
        skipBlanks()
        if byte == Byte.lineFeed {
            position += 1
        } else if isHelp {
            try readHelp(of: family, name)
        } else {
            try readType(of: family, name)
        }
    }

    private mutating func readHelp(of family: Int, _ name: Range<Int>) throws(Failure) {
        guard families[family].help == nil else {
            throw Failure(reason: "a second HELP line for \(string(name))", position: lineStart)
        }
        var help: [UInt8] = []
        let start = position
        while position < text.count, text[position] != Byte.lineFeed {
            if text[position] == Byte.backslash {
                position += 1
                switch byte {
                case Byte.backslash: help.append(Byte.backslash)
                case UInt8(ascii: "n"): help.append(Byte.lineFeed)
                default:
                    throw Failure(
                        reason: "a backslash in HELP that is followed by neither n nor a backslash; write two",
                        position: position - 1
                    )
                }
            } else {
                help.append(text[position])
            }
            position += 1
        }
        families[family].help = String(decoding: help, as: UTF8.self)
        if String(validating: help, as: UTF8.self) == nil {
            let reason = "HELP is not UTF-8; Prometheus then takes nothing at all from this node_exporter"
            report(Failure(reason: reason, position: start, outcome: .serves))
        }
        if help.last == Byte.carriageReturn {
            report(Failure(reason: Self.carriageReturnAdvice, position: position - 1, outcome: .serves))
        }
        position += 1
    }

    private mutating func readType(of family: Int, _ name: Range<Int>) throws(Failure) {
        guard families[family].type == nil, !families[family].isGaugeHistogram else {
            throw Failure(
                reason: "a second TYPE line for \(string(name)), or one after its samples",
                position: lineStart
            )
        }
        let start = position
        while position < text.count, text[position] != Byte.lineFeed { position += 1 }
        let word = string(start..<position)
        let type = word.lowercased()
        if let type = MetricType(rawValue: type) {
            families[family].type = type
        } else if type == "gauge_histogram" {
            families[family].isGaugeHistogram = true
        } else if text[position - 1] == Byte.carriageReturn {
            throw Failure(reason: Self.carriageReturnAdvice, position: position - 1)
        } else {
            throw Failure(
                reason: "the type '\(word)' is none of counter, gauge, histogram, summary, untyped",
                position: start
            )
        }
        position += 1
    }

    static let carriageReturnAdvice = "a carriage return before the line feed; end lines with a line feed only"
}
