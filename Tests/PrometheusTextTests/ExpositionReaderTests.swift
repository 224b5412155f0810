import PrometheusText
import Testing

@Suite("Reading the text format")
struct ExpositionReaderTests {
    @Test("says what is wrong, where, and what node_exporter does with it", arguments: ExpositionCase.all)
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
