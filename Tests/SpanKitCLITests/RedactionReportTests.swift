import SpanKit
import Testing

@testable import SpanKitCLI

@Suite("spankit doctor --redaction")
struct RedactionReportTests {
    private func report(_ redaction: Redaction) -> (outcome: SpanKitCLI.ExitStatus?, lines: [String]) {
        var configuration = TelemetryConfiguration()
        configuration.redaction = redaction
        let report = RedactionReport(configuration)
        return (report.status, report.lines)
    }

    @Test("Without rules every canary remains in every part and in both encodings")
    func everythingLeft() {
        let (outcome, lines) = report(Redaction([]))
        #expect(outcome == .internalError)
        #expect(lines.filter { $0.hasPrefix("      remains in ") }.count == 8 * 13 * 2)
        #expect(lines.last?.hasSuffix("208 remain") == true)
    }

    @Test("A missing detector is found")
    func oneMissing() {
        let (outcome, lines) = report(Redaction([.detectors(Redaction.Detectors.all.subtracting(.phoneNumbers))]))
        #expect(outcome == .internalError)
        #expect(lines.filter { $0.hasPrefix("  ✗") }.count == 1)
        #expect(lines.contains { $0.hasPrefix("  ✗ phone number") })
    }
}
