import Percentiles
import Summaries
import TestSupport
import Testing

@Suite("What any program prints about itself")
struct OperationSummaryTests {
    /// 120 columns are more than a summary takes: what it shows there is 100 wide.
    static let styles: [(name: String, style: TerminalStyle)] = [
        ("80", TerminalStyle(width: 80)), ("80-colour", TerminalStyle(width: 80, usesColor: true)),
        ("120", TerminalStyle(width: 120)), ("120-colour", TerminalStyle(width: 120, usesColor: true)),
    ]

    @Test("its operations look the same way at every width", arguments: styles)
    func operations(name: String, style: TerminalStyle) throws {
        let text = OperationSummary.text(for: SampleOperations.snapshots, style: style)
        try Golden.expect(text, "operations-\(name).txt")
    }

    @Test("with long names in little room, average and p95 stay: they are what is asked for")
    func littleRoom() {
        var histogram = ExponentialHistogram()
        for _ in 0..<200 { histogram.record(nanoseconds: 1_000_000, memoryDelta: 100) }
        let operation = OperationSnapshot(name: "step_7_5_knowledge_suggestions", histogram: histogram, errorCount: 1)
        func header(_ width: Int, errors: Bool) -> [Substring] {
            var operation = operation
            if !errors { operation.errorCount = 0 }
            return OperationSummary.text(for: [operation], width: width).split(separator: "\n")[1].split(separator: " ")
        }
        #expect(header(80, errors: false) == ["Operation", "Count", "Total", "Share", "Average", "p95"])
        #expect(header(80, errors: true) == ["Operation", "Count", "Total", "Average", "p95", "Errors"])
        #expect(header(100, errors: false) == ["Operation", "Count", "Total", "Share", "Average", "p95", "Memory"])
    }

    @Test("nothing recorded is said in words")
    func nothing() {
        #expect(OperationSummary.text(for: []) == "No operation was recorded.\n")
    }
}
