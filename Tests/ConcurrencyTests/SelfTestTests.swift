import SpanKitTestSupport
import Testing

/// The measurement depends on a runtime that may change, and on other tools.
@Suite("The measurement switches itself off", .generousTimeLimit, .serialized)
struct SelfTestTests {
    private static let off =
        "warning: running, queued and suspended times are not measured: another tool has replaced the runtime's hook "
        + "swift_task_enqueueGlobal_hook and does not pass calls on. Spans are recorded without them."

    @Test("if another tool holds the runtime's hook, one line says so, and spans have no parts")
    func foreignHook() async throws {
        let lines = try await CaseProgram.run("foreign-hook")
        #expect(lines == [Self.off, "active: false", "later: 1 span, attributes: []"])
    }

    @Test("if another tool takes the hook later, the same happens then")
    func lateHook() async throws {
        let lines = try await CaseProgram.run("late-hook")
        #expect(lines == ["active: true", Self.off, "active: false", "later: 1 span, attributes: []"])
    }

    @Test("the test of the runtime finds each difference, and says which")
    func reasons() async throws {
        let lines = try await CaseProgram.run("reasons")
        let other = "this version of the Swift runtime stores the state of tasks in another place"
        let calls = "the Swift runtime does not call SpanKit when a task starts and stops on a thread"
        func reason(_ name: String) -> String? {
            lines.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
        }
        #expect(reason("as known") == "passed")
        #expect(reason("no calls") == calls)
        #expect(reason("no hook")?.contains("swift_task_enqueueGlobal_hook") == true)
        for name in ["no running bit", "never left", "never enqueued", "no parts"] {
            #expect(reason(name) == other, "\(name)")
        }
        for name in ["nothing queued", "nothing suspended", "more than the whole"] {
            #expect(reason(name)?.hasPrefix("a test measured other times than expected") == true, "\(name)")
        }
        #expect(reason("'running'") == "in its own code")
        #expect(reason("'435 0x1'") == "in the system call number 435")
        for text in ["''", "'-1 0x7ffd 0x7f01'"] { #expect(reason(text) == "and may be in a system call", "\(text)") }
        #if arch(x86_64)
            #expect(reason("'230 0x0 0x0 0x7ffd 0x7f01'") == "in the system call clock_nanosleep")
        #endif
        for missing in 1...6 { #expect(reason("missing \(missing)")?.isEmpty == false, "\(missing)") }
    }
}
