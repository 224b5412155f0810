import SpanKit
import Testing

@testable import SpanKitCLI

@Suite("spankit doctor --redaction sees what is left")
struct RedactionReportTests {
    private func report(_ redaction: Redaction) -> (outcome: RedactionReport.Outcome, lines: [String]) {
        var configuration = TelemetryConfiguration()
        configuration.redaction = redaction
        var lines: [String] = []
        let outcome = RedactionReport(configuration).run { lines.append($0) }
        return (outcome, lines)
    }

    @Test("without a rule every canary is left, in every place and both encodings")
    func everythingLeft() {
        let (outcome, lines) = report(Redaction([]))
        #expect(outcome == .leaking)
        #expect(lines.filter { $0.hasPrefix("      left in ") }.count == 8 * 13 * 2)
        #expect(lines.last?.hasSuffix("208 left") == true)
    }

    @Test("a detector that is missing is found out")
    func oneMissing() {
        let (outcome, lines) = report(Redaction([.detectors(Redaction.Detectors.all.subtracting(.phoneNumbers))]))
        #expect(outcome == .leaking)
        #expect(lines.filter { $0.hasPrefix("  ✗") }.count == 1)
        #expect(lines.contains { $0.hasPrefix("  ✗ phone number") })
    }
}
