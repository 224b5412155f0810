import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText

extension ExpositionText {
    /// The families in a text.
    ///
    /// - Throws: the first ``ExpositionProblem``, also one that node_exporter would serve.
    package static func parse(_ text: [UInt8]) throws(ExpositionProblem) -> [Metric] {
        var reader = ExpositionReader(text, maximumProblems: 1)
        reader.read()
        if let problem = reader.problems.first { throw problem }
        return reader.makeFamilies()
    }

    /// What can be read of a text, whatever else is wrong with it; `problems(in:)` tells what that is.
    package static func readableFamilies(in text: [UInt8]) -> [Metric] {
        var reader = ExpositionReader(text, maximumProblems: 100)
        reader.read()
        return reader.makeFamilies()
    }

    /// Everything that is wrong with a text, by line; empty when node_exporter serves all of it unchanged.
    ///
    /// After a line that cannot be read, reading goes on with the next, which node_exporter would not do.
    /// - Parameter maximumProblems: where to stop, so that a file of something else does not become a book.
    package static func problems(in text: [UInt8], maximumProblems: Int = 100) -> [ExpositionProblem] {
        var reader = ExpositionReader(text, maximumProblems: max(1, maximumProblems))
        reader.read()
        return reader.problems
    }
}

/// Reads a text as node_exporter's parser does, and collects what it would do wrong.
///
/// Names and label values stay ranges of the text until somebody asks for the families: checking a file before it is
/// put in place allocates next to nothing for each line.
struct ExpositionReader {
    let text: [UInt8]
    let maximumProblems: Int
    private(set) var problems: [ExpositionProblem] = []
    var families: [FamilyReading] = []
    var familyPlaces: [[UInt8]: Int] = [:]
    /// Names of samples and what they resolved to, which never changes.
    var names: [(range: Range<Int>, sample: SampleName)?] = Array(repeating: nil, count: rememberedNames)
    /// The labels of the line being read, without `le` or `quantile`.
    var labels: [LabelRange] = []
    /// Values of `le` and `quantile` where they were met last.
    var numbers: [(range: Range<Int>, value: Double)?] = Array(repeating: nil, count: rememberedNumbers)
    /// The bucket on the line before: those of one metric are alike up to their `le`.
    var previousBucket: BucketLine?
    /// Where the value of `le` or `quantile` stood that was read last.
    var reservedValue = 0..<0
    /// The next byte to be read.
    var position = 0
    var line = 1
    var lineStart = 0
    /// The family of the line before.
    var previousFamily: Int?

    init(_ text: [UInt8], maximumProblems: Int) {
        self.text = text
        self.maximumProblems = maximumProblems
    }

    /// Why the rest of a line is not read.
    struct Failure: Error {
        var reason: String
        var position: Int
        var outcome = NodeExporterOutcome.losesFile
    }

    mutating func read() {
        if text.starts(with: [0xEF, 0xBB, 0xBF]) {
            report(Failure(reason: "a byte order mark; write the text without one", position: 0))
            position = 3
        }
        while position < text.count, problems.count < maximumProblems {
            lineStart = position
            do {
                try readLine()
            } catch {
                report(error)
                skipLine()
            }
            line += 1
        }
        if let last = text.last, last != Byte.lineFeed, problems.count < maximumProblems {
            line -= 1
            report(
                Failure(
                    reason: "the last line has no line feed at its end; was the file cut off?",
                    position: text.count
                )
            )
        }
        if problems.count < maximumProblems { checkFamilies() }
        // Families are judged when all lines are read, lines as they come.
        problems = Array(problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }.prefix(maximumProblems))
    }

    // MARK: Problems

    mutating func report(_ failure: Failure) {
        var column = 1
        for place in lineStart..<max(lineStart, min(failure.position, text.count)) where text[place] & 0xC0 != 0x80 {
            column += 1
        }
        report(failure.reason, line: line, column: column, failure.outcome)
    }

    mutating func report(_ reason: String, line: Int, column: Int = 1, _ outcome: NodeExporterOutcome) {
        problems.append(ExpositionProblem(line: line, column: column, reason: reason, outcome: outcome))
    }

    // MARK: Bytes

    /// The byte at the position; a line feed at the end of the text, where a problem is reported anyway.
    var byte: UInt8 { position < text.count ? text[position] : Byte.lineFeed }

    mutating func skipBlanks() {
        while position < text.count, text[position] == Byte.space || text[position] == Byte.tab { position += 1 }
    }

    /// Goes to the start of the next line.
    mutating func skipLine() {
        while position < text.count, text[position] != Byte.lineFeed { position += 1 }
        position += 1
    }

    /// What stands from here to the next blank or the end of the line.
    mutating func word() -> Range<Int> {
        let start = position
        while position < text.count, !Byte.isBlank(text[position]), text[position] != Byte.lineFeed { position += 1 }
        return start..<position
    }

    /// A name from here on; empty where none stands.
    mutating func name(allowsColon: Bool) -> Range<Int> {
        let start = position
        while position < text.count {
            let byte = text[position]
            guard MetricName.isNameByte(byte) || allowsColon && byte == UInt8(ascii: ":") else { break }
            if position == start, MetricName.isDigit(byte) { break }
            position += 1
        }
        return start..<position
    }

    func string(_ range: Range<Int>) -> String {
        String(decoding: text[range], as: UTF8.self)
    }

    func isEqual(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        return text.withUnsafeBytes { text in
            guard let start = text.baseAddress, right.upperBound <= text.count, left.upperBound <= text.count else {
                return false
            }
            return memcmp(start + left.lowerBound, start + right.lowerBound, left.count) == 0
        }
    }

    func isEqual(_ range: Range<Int>, _ other: String) -> Bool {
        text[range].elementsEqual(other.utf8)
    }

    private mutating func readLine() throws(Failure) {
        skipBlanks()
        switch byte {
        case Byte.lineFeed: position += 1
        case UInt8(ascii: "#"):
            previousBucket = nil
            try readComment()
        default: if try !readAnotherBucket() { try readSample() }
        }
    }
}

/// The bytes that mean something between tokens.
enum Byte {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }
}

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
        if let type = Metric.Kind(typeText: type) {
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
