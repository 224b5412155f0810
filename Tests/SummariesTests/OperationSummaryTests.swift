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

    @Test("nothing recorded is said in words")
    func nothing() {
        #expect(OperationSummary.text(for: []) == "No operation was recorded.\n")
    }
}
