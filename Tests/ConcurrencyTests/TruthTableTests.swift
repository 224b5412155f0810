import SpanKitTestSupport
import Testing

/// Tasks that know what they do are compared with the parts of their spans.
///
/// A busy machine adds time to every part, so each case runs several times, and one run has to be as expected. A part that is classified
/// wrongly is wrong in each of them.
@Suite("The parts of a span are those of its task", .generousTimeLimit, .serialized)
struct TruthTableTests {
    /// The share of the gap that has to be queued; the rest is suspended.
    private struct Expected: Sendable {
        let name: String
        let queued: ClosedRange<Double>
    }

    private static let waits: ClosedRange<Double> = 0...0.35
    private static let queues: ClosedRange<Double> = 0.65...1

    private static let expected = [
        Expected(name: "sleep", queued: waits),
        Expected(name: "burn, sleep, burn", queued: waits),
        Expected(name: "span in a span", queued: waits),
        Expected(name: "continuation", queued: waits),
        Expected(name: "immediate", queued: waits),
        Expected(name: "group", queued: 0...0.8),
        Expected(name: "one actor", queued: queues),
        Expected(name: "own executor", queued: queues),
        // It is resumed after 25 ms, while another task keeps the actor for 60 ms.
        Expected(name: "continuation in an actor that is held", queued: 0.25...0.85),
        // A yield waits for a thread, and the runtime lets something else wait in its place (docs/concurrency.md, "Known errors").
        Expected(name: "yield on a blocked pool", queued: 0...0.1),
        // So does the end of a sleep in most runs, in part. The task slept 20 ms and waited much longer for a thread.
        Expected(name: "sleep on a blocked pool", queued: 0...0.95),
    ]

    @Test("each kind of waiting is where it belongs, except for the known errors")
    func table() async throws {
        let lines = try await CaseProgram.run("table", "6")
        let spans = lines.compactMap { CaseSpan($0) }
        #expect(lines.count == spans.count, "\(lines)")
        let incomplete = spans.filter { !$0.isComplete }
        #expect(incomplete.isEmpty, "\(incomplete)")
        for expected in Self.expected {
            let runs = spans.filter { $0.name == expected.name }
            #expect(runs.count == 6)
            let isAsExpected = runs.contains {
                $0.ranOutsideOfTheGap && expected.queued.contains($0.queued / max($0.gap, 0.001))
            }
            #expect(isAsExpected, "\(runs)")
        }
        // The main thread is free, so the actor call is nearly all running.
        let main = spans.filter { $0.name == "main actor" }
        #expect(main.contains { $0.running >= 0.7 * $0.duration }, "\(main)")
        let sleeps = spans.filter { $0.name == "sleep on a blocked pool" }
        #expect(sleeps.allSatisfy { $0.suspended > 19 }, "\(sleeps)")
    }

    @Test("the parts of spans in random trees of tasks add up to the durations", arguments: [1, 7, 2_026])
    func trees(seed: Int) async throws {
        let lines = try await CaseProgram.run("trees", "\(seed)", "60")
        let count = try #require(lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0.dropLast()) })
        #expect(count > 60)
        #expect(lines == ["spans \(count), without parts 0, wrong 0"])
    }
}
