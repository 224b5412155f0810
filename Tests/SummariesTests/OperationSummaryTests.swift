import SpanKitPercentiles
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@Suite("Summaries of a program's operations")
struct OperationSummaryTests {
    /// 120 columns are more than a summary takes: what it shows there is 100 wide.
    static let styles: [(name: String, style: TerminalStyle)] = [
        ("80", TerminalStyle(width: 80)), ("80-colour", TerminalStyle(width: 80, usesColor: true)),
        ("120", TerminalStyle(width: 120)), ("120-colour", TerminalStyle(width: 120, usesColor: true)),
    ]

    @Test("The tables at every width", arguments: styles)
    func operations(name: String, style: TerminalStyle) throws {
        let text = OperationSummary.text(for: SampleOperations.snapshots, style: style)
        try Golden.expect(text, "operations-\(name).txt")
    }

    @Test("Average and p95 stay in a narrow table with long names")
    func littleRoom() {
        var histogram = ExponentialHistogram()
        for _ in 0..<200 { histogram.record(nanoseconds: 1_000_000, memoryDelta: 100) }
        let operation = OperationSnapshot(name: "step_7_5_knowledge_suggestions_2", histogram: histogram, errorCount: 1)
        func header(_ width: Int, errors: Bool) -> [Substring] {
            var operation = operation
            if !errors { operation.errorCount = 0 }
            return OperationSummary.text(for: [operation], width: width).split(separator: "\n")[1].split(separator: " ")
        }
        #expect(header(80, errors: false) == ["Operation", "Count", "Total", "Share", "Average", "p95"])
        #expect(header(80, errors: true) == ["Operation", "Count", "Total", "Average", "p95", "Errors"])
        #expect(header(100, errors: false) == ["Operation", "Count", "Total", "Share", "Average", "p95", "Memory"])
    }

    @Test("p99 needs 100 runs; a dash marks fewer, and a note explains it")
    func p99() {
        func operation(_ name: String, runs: Int) -> OperationSnapshot {
            var histogram = ExponentialHistogram()
            for run in 0..<runs { histogram.record(nanoseconds: run % 50 == 0 ? 9_000_000 : 1_000_000) }
            return OperationSnapshot(name: name, histogram: histogram)
        }
        let mixed = OperationSummary.text(for: [operation("often", runs: 200), operation("seldom", runs: 99)])
        let rows = mixed.split(separator: "\n").filter { $0.hasPrefix("seldom ") }
        #expect(rows.count == 2 && rows.allSatisfy { $0.contains(" – ") || $0.hasSuffix(" –") }, "\(mixed)")
        #expect(mixed.components(separatedBy: "\np99 –: too few runs (fewer than 100).\n").count == 3)
        #expect(mixed.contains("p99 compared with p50, 100 runs or more"))
        let few = OperationSummary.text(for: [operation("seldom", runs: 99)])
        #expect(!few.contains("p99"), "\(few)")
        #expect(few.contains("Max compared with p50, 20 runs or more"))
        let enough = OperationSummary.text(for: [operation("often", runs: 100)])
        #expect(enough.contains("p99") && !enough.contains("–"))
    }

    @Test("A summary without operations says so")
    func nothing() {
        #expect(OperationSummary.text(for: []) == "No operation was recorded.\n")
    }
}
