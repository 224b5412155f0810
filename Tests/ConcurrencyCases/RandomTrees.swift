import SpanKitConcurrency
import SpanKitPlatform

/// Records spans in random trees of tasks, and prints how many there are, how many have no parts, and how many have parts whose sum is
/// not the duration.
enum RandomTrees {
    static func run(seed: UInt64, count: Int) async {
        let measured = Measured()
        await measured.begins()
        let grower = Grower(profiler: measured.profiler)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<UInt64(max(0, count)) { group.addTask { await grower.grow(4, seed &+ number) } }
        }
        var (without, wrong) = (0, 0)
        let spans = measured.profiler.recordedSpans()
        for span in spans {
            let parts = ["spankit.running_ns", "spankit.queued_ns", "spankit.suspended_ns"].compactMap {
                key -> Int64? in
                if case .int(let nanoseconds) = span[key], nanoseconds >= 0 { nanoseconds } else { nil }
            }
            guard parts.count == 3 else {
                without += 1
                continue
            }
            // The start and the end of a span are rounded to nanoseconds of the wall clock, which is adjusted once a second.
            let difference = abs(Double(parts.reduce(0, +)) - span.duration / .nanoseconds(1))
            if difference > 1_000 + span.duration / .nanoseconds(10_000) { wrong += 1 }
        }
        print("spans \(spans.count), without parts \(without), wrong \(wrong)")
        measured.printProblems()
    }
}

private struct Grower: Sendable {
    let profiler: PerformanceProfiler
    private let workers = [Worker(), Worker()]
    private let own = OwnThreadWorker()

    init(profiler: PerformanceProfiler) { self.profiler = profiler }

    func grow(_ depth: Int, _ seed: UInt64) async {
        var random = Numbers(state: seed)
        let choices = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            (Int.random(in: 0..<10, using: &random), random.next())
        }
        await profiler.profile("node") {
            for (choice, next) in choices { await act(choice, depth, next) }
        }
    }

    private func act(_ choice: Int, _ depth: Int, _ next: UInt64) async {
        switch choice {
        case 0: burn(0.05)
        case 1: await Task.yield()
        case 2: await sleep(0.2)
        case 3: await workers[Int(next % 2)].perform { burn(0.05) }
        case 4: await own.perform { burn(0.03) }
        case 5: await performOnMain { burn(0.02) }
        case 6: await workers[Int(next % 2)].suspends { resume in onThread(after: 0.1, resume) }
        case 7 where depth > 0:
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<UInt64(3) { group.addTask { await grow(depth - 1, next &+ number) } }
                if next % 4 == 0 { group.cancelAll() }
            }
        case 8 where depth > 0:
            async let first: Void = grow(depth - 1, next)
            async let second: Void = grow(depth - 1, next &+ 7)
            _ = await (first, second)
        default:
            if depth > 0 { await grow(depth - 1, next) }
        }
    }
}

/// The numbers of Knuth's MMIX generator, so that a seed gives the same trees everywhere.
private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 33
    }
}
