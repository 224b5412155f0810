import SpanKitInputs
import SpanKitPrometheusText
import Testing

@Suite("Checking the Prometheus text format")
struct ExpositionReaderTests {
    @Test("A problem has the right position and outcome", arguments: ExpositionCase.all)
    func problems(example: ExpositionCase) throws {
        let version = try #require(NodeExporterVersion("1.5.0"))
        let problems = ExpositionText.problems(in: example.text, for: version)
        let worst = problems.min { $0.outcome.rawValue < $1.outcome.rawValue }
        #expect(worst?.outcome == example.outcome, "\(problems)")
        guard let worst, example.outcome != nil else { return }
        #expect(worst.line == example.line, "\(worst)")
        #expect(worst.column == example.column, "\(worst)")
    }
}

@Suite("Problems in the Prometheus text format")
struct ExpositionProblemTests {
    @Test("A description is one line with position, reason and outcome")
    func description() throws {
        let text = Array("# HELP a h\na{b=\"é\\q\"} 1\n".utf8)
        let problem = try #require(throws: ExpositionProblem.self) { try ExpositionText.parse(text) }
        #expect(
            "\(problem)"
                == "line 2, column 7: a label value has a backslash before a character other than \\, \" or n; write \\\\; "
                + "node_exporter 1.11.1 loses the whole file"
        )
    }

    @Test("All problems are listed by line, up to the limit")
    func several() {
        let text = Array("a 1 2\nb x\n# HELP c h\nc{__d=\"1\"} 1\n".utf8)
        #expect(ExpositionText.problems(in: text).map(\.line) == [1, 2, 4])
        #expect(ExpositionText.problems(in: text, maximumProblems: 2).map(\.line) == [1, 2])
        let nonsense = Array(repeating: Array("no metric at all\n".utf8), count: 10_000).flatMap { $0 }
        #expect(ExpositionText.problems(in: nonsense).count == 100)
    }

    @Test("A line with 200,000 labels is skipped")
    func manyLabels() {
        let labels = (0..<200_000).map { "l\($0)=\"\"" }.joined(separator: ",")
        let problems = ExpositionText.problems(in: Array("# HELP a h\na{\(labels)} 1\n".utf8))
        #expect(problems.map(\.reason) == ["the sample has more than 1000 labels"])
    }
}

/// Texts that versions treat differently: the outcomes of 1.5.0, 1.9.0 and 1.11.1, as the real programs show them.
struct VersionedExposition: Sendable, CustomTestStringConvertible {
    let text: String
    let outcomes: [NodeExporterOutcome?]

    var testDescription: String { text.debugDescription }

    init(_ text: String, _ outcomes: NodeExporterOutcome?...) {
        // A last line of blanks needs no line feed.
        self.text = "# HELP a h\n" + text + (text.hasSuffix("\t") ? "" : "\n")
        self.outcomes = outcomes
    }

    static let versions = ["1.5.0", "1.9.0", "1.11.1"]

    static let all: [VersionedExposition] = [
        .init("{\"a\"} 1", .losesFile, nil, nil),
        .init("{a,b=\"1\"} 1", .losesFile, nil, nil),
        .init("a{\"b\"=\"1\"} 1", .losesFile, nil, nil),
        .init("{\"a.b\"} 1", .losesFile, .panics, .losesFile),
        .init("a{\"b.c\"=\"1\"} 1", .losesFile, .panics, .losesFile),
        .init("a{\"__b\"=\"1\"} 1", .losesFile, .panics, .panics),
        .init("# TYPE \"a.b\" gauge\na 1", .losesFile, nil, .losesFile),
        .init("{b=\"1\"} 1", .losesFile, .panics, .panics),
        .init("a 1\n{b=\"1\"} 2", .losesFile, .misreads, .misreads),
        .init("a{b=\"1\"} 1\n{b=\"1\"} 2", .losesFile, .panics, .panics),
        .init("# HELP c \\\"x\\\"\nc 1", .losesFile, nil, nil),
        .init("# TYPE a gaugehistogram\na 1", .losesFile, .losesFile, .panics),
        .init("# TYPE a gauge_histogram\na_bucket{le=\"1\"} 1", .misreads, .misreads, .panics),
        .init("# TYPE a gauge_histogram\na 1", .panics, .panics, .panics),
        .init("c 1\n# TYPE a gauge_histogram\n{b=\"1\"} 1", .losesFile, .panics, .panics),
        .init("a 1\n# TYPE \"a.b\" gauge\n{b=\"1\"} 1", .losesFile, .panics, .losesFile),
        .init("# TYPE a histogram\nc 1\n{a_count,b=\"1\"} 1\nd{ 1", .losesFile, .panics, .panics),
        .init("# TYPE a summary\na_sum 1\nc 1\n{a_count,b=\"1\"} 1\nd{ 1", .losesFile, .losesFile, .losesFile),
        .init("a 1\n \t", nil, nil, nil),
        .init("# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_sum 1\na_count -2", .misreads, .misreads, .losesFile),
        .init("# TYPE a summary\na_sum 1\na_count -2", .misreads, .misreads, .misreads),
        .init("node_load1 1", .dropsSample, .dropsSample, .dropsSample),
    ]
}

@Suite("Versions of node_exporter")
struct NodeExporterVersionTests {
    @Test("Each version has its outcome", arguments: VersionedExposition.all)
    func outcomes(example: VersionedExposition) throws {
        for (version, outcome) in zip(VersionedExposition.versions, example.outcomes) {
            let found = ExpositionText.outcome(
                of: Array(example.text.utf8),
                for: try #require(NodeExporterVersion(version))
            )
            // `serves` only means a hint, such as a missing HELP.
            #expect((found == .serves ? nil : found) == outcome, "\(version)")
        }
    }

    @Test("A version is read in several forms, and other texts are refused")
    func names() {
        #expect(NodeExporterVersion("v1.9")?.text == "1.9")
        #expect(NodeExporterVersion("1.10.2") != nil)
        #expect(NodeExporterVersion("2.0") != nil)
        for text in ["", "1", "1.x", "0.18.1", "1.9.0.1", "-1.5", "1..2"] {
            #expect(NodeExporterVersion(text) == nil, "\(text)")
        }
    }

    @Test("A compressed file is lost", arguments: [[0x1F, 0x8B, 0x08], [0x28, 0xB5, 0x2F, 0xFD, 0x00]] as [[UInt8]])
    func compressed(text: [UInt8]) throws {
        let problems = ExpositionText.problems(in: text)
        #expect(problems.map(\.outcome) == [.losesFile])
        #expect(problems[0].reason == "the file is compressed, and node_exporter does not decompress files")
    }

    @Test("The first line at which reading stops decides for the file")
    func order() throws {
        let version = try #require(NodeExporterVersion("1.9.0"))
        #expect(ExpositionText.outcome(of: Array("{} 1\nx x\n".utf8), for: version) == .panics)
        #expect(ExpositionText.outcome(of: Array("x x\n{} 1\n".utf8), for: version) == .losesFile)
        #expect(ExpositionText.outcome(of: Array("{\"a.b\"} 1\nx x\n".utf8), for: version) == .losesFile)
    }
}
