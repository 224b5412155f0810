import SpanKitInputs
import SpanKitPrometheusText
import Testing

@Suite("Checking the Prometheus text format")
struct ExpositionReaderTests {
    @Test("A problem has the right position and outcome", arguments: ExpositionCase.all)
    func problems(example: ExpositionCase) throws {
        let problems = ExpositionText.problems(in: example.text)
        let severity = NodeExporterOutcome.allCases
        let worst = problems.min {
            (severity.firstIndex(of: $0.outcome) ?? 0) < (severity.firstIndex(of: $1.outcome) ?? 0)
        }
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
                + "node_exporter loses the whole file"
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
        #expect(problems.map(\.reason) == ["more than 1000 labels"])
    }
}
