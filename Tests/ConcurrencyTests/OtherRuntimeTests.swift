import Foundation
import SpanKitTestSupport
import Testing

/// Spans are recorded with each runtime. Where their parts cannot be measured, one line says why.
@Suite("Other Swift runtimes", .generousTimeLimit, .serialized)
struct OtherRuntimeTests {
    private static func off(_ reason: String) -> String {
        "warning: running, queued and suspended times are not measured: \(reason). Spans are recorded without them."
    }

    /// Runs tasks with spans. Returns the number of spans, how many of them have no parts, and what was logged.
    private func spans(
        _ program: String? = nil,
        _ environment: [String: String] = [:]
    ) async throws -> (count: Int, withoutParts: Int, lines: [String]) {
        let lines = try await CaseProgram.run("trees", "1", "20", program: program, environment: environment)
        let numbers = try #require(lines.first).split { !$0.isNumber }.compactMap { Int($0) }
        try #require(numbers.count == 3 && numbers[0] >= 20 && numbers[2] == 0, "\(lines)")
        return (numbers[0], numbers[1], Array(lines.dropFirst()))
    }

    @Test(
        "a runtime without the functions, the hooks or the known layout is recognized",
        arguments: [
            (
                ["swift_task_enterThreadLocalContext", "swift_task_exitThreadLocalContext"],
                "this version of the Swift runtime does not have the functions swift_task_enterThreadLocalContext and "
                    + "swift_task_exitThreadLocalContext"
            ),
            (
                ["swift_task_enqueueGlobal_hook"],
                "this version of the Swift runtime has no hooks for enqueued jobs"
            ),
            (
                ["_swift_concurrency_debug_internal_layout_version"],
                "this version of the Swift runtime stores tasks in another layout"
            ),
        ]
    )
    func missing(_ names: [String], _ reason: String) async throws {
        let runtime = try RuntimeCopy(without: names)
        defer { runtime.remove() }
        let spans = try await spans(nil, runtime.environment)
        #expect(spans.withoutParts == spans.count)
        #expect(spans.lines == [Self.off(reason)])
    }

    @Test("a copy of the runtime is measured as the runtime itself")
    func copy() async throws {
        let runtime = try RuntimeCopy(without: [])
        defer { runtime.remove() }
        let spans = try await spans(nil, runtime.environment)
        #expect(spans.withoutParts == 0 && spans.lines.isEmpty, "\(spans)")
    }

    @Test(
        "a statically linked runtime is recognized, and measured with the linker's option --wrap",
        .enabled(if: StaticProgram.isPossible, "the build has no list of object files")
    )
    func staticRuntime() async throws {
        let plain = try await StaticProgram(isWrapped: false)
        defer { plain.remove() }
        let off = try await spans(plain.path)
        #expect(off.withoutParts == off.count)
        let options = ["enter", "exit"].map { "-Xlinker --wrap=swift_task_\($0)ThreadLocalContext" }
        #expect(
            off.lines == [
                Self.off("the Swift runtime is linked statically; link with \(options.joined(separator: " "))")
            ]
        )
        let wrapped = try await StaticProgram(isWrapped: true)
        defer { wrapped.remove() }
        let on = try await spans(wrapped.path)
        #expect(on.withoutParts == 0 && on.lines.isEmpty, "\(on)")
    }
}
