import SpanKitTestSupport
import Testing

@Suite("Blocked threads", .generousTimeLimit)
struct BlockedThreadTests {
    @Test("a span that keeps its thread is named with its system call, once, and counted")
    func named() async throws {
        let lines = try await CaseProgram.run("blocked")
        let line = try #require(lines.first { $0.contains("GET /report has kept its thread for") })
        #expect(line.hasPrefix("warning: ") && line.contains("(threshold 20.0 ms) "), "\(line)")
        // A busy machine may have taken the processor from the thread before its call.
        let calls = ["clock_nanosleep", "nanosleep"].filter { line.contains("in the system call \($0), so") }
        #expect(!calls.isEmpty || line.contains("in its own code, so"), "\(line)")
        #expect(lines.filter { $0.contains("GET /report has kept") }.count == 1)
        let counted = lines.filter { $0.hasPrefix("counted: operation=") && $0.contains("GET /report") }
        #expect(counted.count == 1 && counted[0].contains(calls.first ?? "none"), "\(lines)")
        for part in ["running", "queued", "suspended"] { #expect(lines.contains("histogram: spankit.span.\(part)")) }
    }
}
