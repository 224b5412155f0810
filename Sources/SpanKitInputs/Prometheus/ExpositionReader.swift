import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText

extension ExpositionText {
    /// Reads the metric families of a text.
    ///
    /// - Throws: The first problem, even one that does not stop ``NodeExporterVersion/newest`` from serving the file.
    package static func parse(_ text: [UInt8]) throws(ExpositionProblem) -> [Metric] {
        let reader = ExpositionReader(reading: text, maximumProblems: 1)
        if let problem = reader.problems.first { throw problem }
        return reader.makeFamilies()
    }

    /// Reads the metric families that can be read and skips the rest; `problems(in:)` lists what was skipped.
    package static func readableFamilies(in text: [UInt8], for version: NodeExporterVersion = .newest) -> [Metric] {
        ExpositionReader(reading: text, for: version).makeFamilies()
    }

    /// Lists the problems of a text by line; empty if node_exporter serves all of it unchanged.
    ///
    /// Unlike node_exporter, the reader continues after a line that it cannot read.
    /// - Parameters:
    ///   - version: The version that reads the text.
    ///   - maximumProblems: The number of problems after which reading stops.
    package static func problems(
        in text: [UInt8],
        for version: NodeExporterVersion = .newest,
        maximumProblems: Int = 100
    ) -> [ExpositionProblem] {
        ExpositionReader(reading: text, for: version, maximumProblems: max(1, maximumProblems)).problems
    }

    /// What happens to a text as a whole; `nil` if all of it is served unchanged.
    ///
    /// It is not always the worst problem: node_exporter stops reading at the first error.
    package static func outcome(of text: [UInt8], for version: NodeExporterVersion) -> NodeExporterOutcome? {
        let reader = ExpositionReader(reading: text, for: version, maximumProblems: .max)
        return reader.stop ?? reader.problems.map(\.outcome).min { $0.rawValue < $1.rawValue }
    }
}

/// Reads a text as node_exporter's parser does, and collects the problems that node_exporter would have with it.
struct ExpositionReader {
    let text: [UInt8]
    let version: NodeExporterVersion
    let maximumProblems: Int
    /// The outcome of the first line at which node_exporter stops reading; `nil` if it reads to the end.
    private(set) var stop: NodeExporterOutcome?
    private(set) var problems: [ExpositionProblem] = []
    var families: [FamilyReading] = []
    /// Indices in `families` by name.
    var familyPlaces: [[UInt8]: Int] = [:]
    /// The labels of the current line, without `le` or `quantile`.
    var labels: [LabelRange] = []
    /// The offset of the next byte to read.
    var position = 0
    var line = 1
    var lineStart = 0
    /// The family of the previous sample.
    var previousFamily: Int?
    /// The family of the previous name, even in a comment.
    var namedFamily: Int?
    /// Whether node_exporter's table of the labels of histograms and summaries exists. Without it, some labels make it panic.
    var hasLabelTable = false
    /// Whether the braces of the line end where a label is expected, as in `{}` and `{a="b",}`.
    var hasOpenLabels = false
    /// The label names of the previous sample; `nil` before the first one.
    var previousLabels: [[UInt8]]?

    init(reading text: [UInt8], for version: NodeExporterVersion = .newest, maximumProblems: Int = 100) {
        self.text = text
        self.version = version
        self.maximumProblems = maximumProblems
        read()
    }

    /// The reason why the rest of a line is skipped.
    struct Failure: Error {
        let reason: String
        let position: Int
        let outcome: NodeExporterOutcome
        /// Whether node_exporter finds the problem while it reads the file, not afterwards when it converts the
        /// metrics.
        let isImmediate: Bool

        init(
            _ reason: String,
            at position: Int,
            _ outcome: NodeExporterOutcome = .losesFile,
            isImmediate: Bool = false
        ) {
            self.reason = reason
            self.position = position
            self.outcome = outcome
            self.isImmediate = isImmediate || outcome == .losesFile
        }
    }

    private mutating func read() {
        if text.starts(with: [0x1F, 0x8B]) || text.starts(with: Zstandard.magic) {
            return report(Failure("the file is compressed, and node_exporter does not decompress files", at: 0))
        }
        if text.starts(with: [0xEF, 0xBB, 0xBF]) {
            report(Failure("the file starts with a byte order mark; remove it", at: 0))
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
        let lastLine = text.last == Byte.lineFeed ? [] : text[lineStart...]
        if !lastLine.allSatisfy(Byte.isBlank), problems.count < maximumProblems {
            line -= 1
            report(Failure("the last line does not end with a line feed; was the file cut off?", at: text.count))
        }
        if problems.count < maximumProblems { checkFamilies() }
        // Families are checked after the last line, so their problems have to be sorted in.
        problems = Array(problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }.prefix(maximumProblems))
    }

    mutating func report(_ failure: Failure) {
        let end = max(lineStart, min(failure.position, text.count))
        let column = 1 + text[lineStart..<end].count { $0 & 0xC0 != 0x80 }
        report(failure.reason, line: line, column: column, failure.outcome)
        if failure.isImmediate, stop == nil { stop = failure.outcome }
    }

    mutating func report(_ reason: String, line: Int, column: Int = 1, _ outcome: NodeExporterOutcome) {
        problems.append(
            ExpositionProblem(line: line, column: column, reason: reason.onOneLine, outcome: outcome, version: version)
        )
    }

    // MARK: Bytes

    /// The byte at the position. At the end of the text it is a line feed; a missing one is reported separately.
    var byte: UInt8 { position < text.count ? text[position] : Byte.lineFeed }

    /// Advances while the bytes meet a condition and returns the range that was passed.
    mutating func take(while condition: (UInt8) -> Bool) -> Range<Int> {
        let start = position
        while position < text.count, condition(text[position]) { position += 1 }
        return start..<position
    }

    mutating func skipBlanks() {
        _ = take(while: Byte.isBlank)
    }

    /// Advances to the start of the next line.
    mutating func skipLine() {
        _ = restOfLine()
        position += 1
    }

    mutating func restOfLine() -> Range<Int> { take { $0 != Byte.lineFeed } }

    /// Reads up to the next blank or the end of the line.
    mutating func word() -> Range<Int> { take { !Byte.isBlank($0) && $0 != Byte.lineFeed } }

    func string(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }

    func string(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    func isEqual(_ range: Range<Int>, _ other: String) -> Bool { text[range].elementsEqual(other.utf8) }

    private mutating func readLine() throws(Failure) {
        skipBlanks()
        switch byte {
        case Byte.lineFeed: position += 1
        case UInt8(ascii: "#"): try readComment()
        default: try readSample()
        }
    }
}

/// The separators and special characters of the format.
enum Byte {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}

/// Lines that begin with `#`.
extension ExpositionReader {
    private mutating func readComment() throws(Failure) {
        let start = position
        position += 1
        skipBlanks()
        let keyword = word()
        let isHelp = isEqual(keyword, "HELP")
        guard isHelp || isEqual(keyword, "TYPE"), byte != Byte.lineFeed else {
            if isEqual(keyword, "EOF") || isEqual(keyword, "UNIT") {
                let reason = "'# \(string(keyword))' belongs to OpenMetrics and has no effect here"
                report(Failure(reason, at: start, .serves))
            }
            return skipLine()
        }
        skipBlanks()
        let nameStart = position
        let name = try readName(allowsColon: true)
        // A line that ends after the name is valid and has no effect.
        if byte == Byte.lineFeed {
            position += 1
            return
        }
        guard !name.isEmpty, Byte.isBlank(byte) else {
            throw Failure("not a metric name; use letters, digits, '_' and ':'", at: position)
        }
        // Without a sample, an invalid name does not reach the point where it causes a panic.
        if version.rules.invalidName == .losesFile { try checkName(name, at: nameStart) }
        let family = resolve(name).family
        skipBlanks()
        if byte != Byte.lineFeed {
            if isHelp { try readHelp(of: family, name) } else { try readType(of: family, name) }
        }
        position += 1
    }

    private mutating func readHelp(of family: Int, _ name: [UInt8]) throws(Failure) {
        guard families[family].help == nil else {
            throw Failure("there is a second HELP line for \(string(name)); remove it", at: lineStart)
        }
        var help: [UInt8] = []
        let start = position
        while position < text.count, text[position] != Byte.lineFeed {
            if text[position] == Byte.backslash {
                position += 1
                switch byte {
                case Byte.backslash: help.append(Byte.backslash)
                case UInt8(ascii: "n"): help.append(Byte.lineFeed)
                case Byte.quote where version.rules.readsQuotedNames: help.append(Byte.quote)
                default:
                    let reason = "HELP has a backslash before a character other than n or \\; write \\\\"
                    throw Failure(reason, at: position - 1)
                }
            } else {
                help.append(text[position])
            }
            position += 1
        }
        families[family].help = String(decoding: help, as: UTF8.self)
        if String(validating: help, as: UTF8.self) == nil {
            let reason = "HELP is not UTF-8; Prometheus rejects the whole scrape of this node_exporter"
            report(Failure(reason, at: start, .serves))
        }
        if help.last == Byte.carriageReturn { report(Failure(Self.carriageReturn, at: position - 1, .serves)) }
    }

    private mutating func readType(of family: Int, _ name: [UInt8]) throws(Failure) {
        guard families[family].type == nil, !families[family].isGaugeHistogram else {
            throw Failure(
                "the TYPE line for \(string(name)) is repeated or follows its samples; write it once, before them",
                at: lineStart
            )
        }
        let range = restOfLine()
        let type = string(range)
        if let kind = Metric.Kind(typeText: type.lowercased()) {
            families[family].type = kind
        } else if type.lowercased() == "gauge_histogram"
            || version.rules.readsGaugeHistograms && type.lowercased() == "gaugehistogram"
        {
            families[family].isGaugeHistogram = true
        } else if text[position - 1] == Byte.carriageReturn {
            throw Failure(Self.carriageReturn, at: position - 1)
        } else {
            let reason = "unknown type '\(type)'; use counter, gauge, histogram, summary or untyped"
            throw Failure(reason, at: range.lowerBound)
        }
    }

    static let carriageReturn = "a carriage return before the line feed; end lines with a line feed only"
}
