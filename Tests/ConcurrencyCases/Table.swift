import SpanKitConcurrency
import SpanKitPlatform

/// What a task sees itself: when it was not on a thread.
///
/// On a busy machine, everything takes longer than planned. So the test compares the parts of a span with these times instead of with
/// the plan. Only the task of the span uses it.
final class Witness: @unchecked Sendable {
    /// Milliseconds in which the task was not on a thread.
    private(set) var gap = 0.0
    private var leftAt = 0.0

    func leaves() { leftAt = milliseconds() }
    func returns() { gap += milliseconds() - leftAt }

    func waits(isolation: isolated (any Actor)? = #isolation, _ body: () async -> Void) async {
        leaves()
        await body()
        returns()
    }
}

/// Prints a line for the interesting span of each case: name, attempt, and in milliseconds the duration, the gap as the task saw it,
/// running, queued, suspended; with tabs between them. A part that is missing is -1.
enum Table {
    static func run(attempts: Int) async {
        var times = TaskTimesConfiguration()
        times.blockedThreadThreshold = nil
        let measured = Measured(times)
        await measured.begins()
        for attempt in 1...max(1, attempts) { await run(measured.profiler, attempt) }
        measured.printProblems()
    }

    private static func run(_ profiler: PerformanceProfiler, _ attempt: Int) async {
        let cases = Cases(profiler: profiler, attempt: attempt)
        await cases.oneTask()
        await cases.actors()
        await cases.others()
        await cases.knownErrors()
    }
}

private struct Cases {
    let profiler: PerformanceProfiler
    let attempt: Int

    func oneTask() async {
        await alone("sleep") { witness in await witness.waits { await sleep(40) } }
        await alone("burn, sleep, burn") { witness in
            burn(20)
            await witness.waits { await sleep(30) }
            burn(20)
        }
        await alone("span in a span") { witness in
            burn(10)
            await profiler.profile("inner") {
                burn(15)
                await witness.waits { await sleep(25) }
            }
            await witness.waits { await sleep(20) }
        }
        await alone("continuation") { witness in
            await witness.waits {
                await withCheckedContinuation { continuation in onThread(after: 50) { continuation.resume() } }
            }
        }
        await alone("immediate") { witness in
            let child = Task.immediate {
                burn(10)
                await sleep(200)
            }
            burn(5)
            await witness.waits { await child.value }
        }
    }

    func actors() async {
        let worker = Worker()
        await together("one actor", 4) { witness in
            witness.leaves()
            await worker.perform {
                witness.returns()
                burn(20)
                witness.leaves()
            }
            witness.returns()
        }
        let held = Worker()
        await alone("continuation in an actor that is held") { witness in
            await witness.waits {
                await held.suspends { resume in
                    // Another task takes the actor, and keeps it when this one is resumed.
                    Task.detached { await held.perform { burn(60) } }
                    onThread(after: 25, resume)
                }
            }
        }
        let own = OwnThreadWorker()
        await together("own executor", 2) { witness in
            witness.leaves()
            await own.perform {
                witness.returns()
                burn(30)
                witness.leaves()
            }
            witness.returns()
        }
    }

    func others() async {
        await alone("group") { witness in
            await witness.waits {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 { group.addTask { burn(20) } }
                }
            }
        }
        await alone("main actor") { witness in
            witness.leaves()
            await performOnMain {
                witness.returns()
                burn(15)
                witness.leaves()
            }
            witness.returns()
        }
    }

    func knownErrors() async {
        await alone("yield on a blocked pool") { witness in
            blockPool(for: 60)
            await witness.waits { await Task.yield() }
        }
        await alone("sleep on a blocked pool") { witness in
            blockPool(for: 60)
            await witness.waits { await sleep(20) }
        }
    }

    /// Runs a case in a task of its own.
    private func alone(_ name: String, _ body: @escaping @Sendable (Witness) async -> Void) async {
        let witness = Witness()
        profiler.reset()
        await Task.detached { await profiler.profile(name) { await body(witness) } }.value
        report(name, [witness])
    }

    /// Runs a case in several tasks at the same time, and reports the one that took longest.
    private func together(_ name: String, _ count: Int, _ body: @escaping @Sendable (Witness) async -> Void) async {
        let witnesses = (0..<count).map { _ in Witness() }
        profiler.reset()
        await withTaskGroup(of: Void.self) { group in
            for witness in witnesses { group.addTask { await profiler.profile(name) { await body(witness) } } }
        }
        report(name, witnesses)
    }

    private func report(_ name: String, _ witnesses: [Witness]) {
        let spans = profiler.recordedSpans().filter { $0.name == name }
        guard let span = spans.max(by: { $0.duration < $1.duration }) else { return }
        let gap = witnesses.map(\.gap).max() ?? 0
        let parts = ["spankit.running_ns", "spankit.queued_ns", "spankit.suspended_ns"].map { key -> Double in
            if case .int(let nanoseconds) = span[key] { Double(nanoseconds) / 1e6 } else { -1 }
        }
        let columns = [span.duration / .milliseconds(1), gap] + parts
        print(([name, "\(attempt)"] + columns.map { "\(($0 * 1e3).rounded() / 1e3)" }).joined(separator: "\t"))
    }
}
