import SpanKitPlatform
import SpanKitTestSupport
import Synchronization
import Testing

@testable import SpanKitPercentiles

@Suite("The engine with several threads")
struct EngineConcurrencyTests {
    /// Reads the engine without pause on a thread of its own, until told to stop.
    private final class Watcher: @unchecked Sendable {
        private let isDone = Atomic<Bool>(false)
        // Of the watching thread; the others' once it is joined.
        private(set) var deltas: [OperationSnapshot] = []
        private(set) var stepsBack = 0
        private(set) var rounds = 0
        private var thread: Thread?

        init(_ engine: PercentileEngine) {
            let reader = DeltaReader(of: engine)
            thread = Threads.start { [self] in
                var last: [String: UInt64] = [:]
                // Once at least, however late the thread comes to run.
                repeat {
                    for snapshot in engine.snapshot() {
                        if snapshot.histogram.count < last[snapshot.name] ?? 0 { stepsBack += 1 }
                        last[snapshot.name] = snapshot.histogram.count
                    }
                    add(reader.collect())
                    rounds += 1
                } while !isDone.load(ordering: .acquiring)
                add(reader.collect())
            }
        }

        private func add(_ delta: [OperationSnapshot]) {
            if (try? deltas.merge(delta)) == nil { stepsBack += 1 }
        }

        func stop() {
            isDone.store(true, ordering: .releasing)
            thread?.join()
        }
    }

    /// What a thread with a number records: a deterministic stream, so that the truth can be computed.
    private static func stream(_ thread: Int, _ count: Int, _ body: (Int, UInt64) -> Void) {
        var random = SplitMix64(seed: UInt64(thread) + 1)
        for round in 0..<count {
            let draw = random.next()
            body(round, draw >> (24 + draw % 36))
        }
    }

    @Test(
        "counts and sums are exact while readers read and threads start and end",
        arguments: [64 << 20, 60_000, 0]
    )
    func stress(budget: Int) throws {
        var configuration = PercentileEngine.Configuration()
        configuration.privateByteBudget = budget
        let engine = PercentileEngine(configuration: configuration)
        let operations = (0..<5).map { engine.operation(named: "operation \($0)") }
        let (waves, threads, count) = (5, 4, 6_000)
        let watcher = Watcher(engine)
        for wave in 0..<waves {
            Threads.run(threads) { number in
                Self.stream(wave * threads + number, count) { round, value in
                    engine.record(operations[round % 5], nanoseconds: value, memoryDelta: Int64(round % 11) - 5)
                    if round % 100 == 0 { engine.recordError(operations[round % 5]) }
                }
            }
        }
        watcher.stop()
        #expect(watcher.stepsBack == 0)
        #expect(watcher.rounds > 0)

        var expected = (0..<5).map { OperationSnapshot(name: "operation \($0)", histogram: ExponentialHistogram()) }
        for thread in 0..<(waves * threads) {
            Self.stream(thread, count) { round, value in
                expected[round % 5].histogram.record(nanoseconds: value, memoryDelta: Int64(round % 11) - 5)
                if round % 100 == 0 { expected[round % 5].errorCount += 1 }
            }
        }
        #expect(engine.snapshot() == expected)
        let deltas = watcher.deltas.sorted { $0.name < $1.name }
        #expect(deltas.map(\.histogram.bucketCounts) == expected.map(\.histogram.bucketCounts))
        #expect(deltas.map(\.histogram.sumNanoseconds) == expected.map(\.histogram.sumNanoseconds))
        #expect(deltas.map(\.histogram.memorySumBytes) == expected.map(\.histogram.memorySumBytes))
        #expect(deltas.map(\.errorCount) == expected.map(\.errorCount))
        #expect(engine.lostDurationCount == 0)
    }

    @Test("threads that end keep their counts and free their memory")
    func threadEnd() {
        let engine = PercentileEngine()
        let operation = engine.operation(named: "operation")
        Threads.run(1) { _ in for value in UInt64(0)..<2_000 { engine.record(operation, nanoseconds: value) } }
        let bytes = engine.bytesAllocated
        for _ in 0..<20 {
            Threads.run(3) { _ in for value in UInt64(0)..<2_000 { engine.record(operation, nanoseconds: value) } }
        }
        #expect(engine.bytesAllocated == bytes)
        #expect(engine.snapshot(of: operation).histogram.count == 122_000)
        #expect(engine.snapshot(of: operation).histogram.maximumNanoseconds == 1_999)
    }

    @Test("each name has one handle even if many threads ask for it")
    func interning() {
        let engine = PercentileEngine()
        let names = (0..<300).map { "name \($0)" }
        Threads.run(4) { number in
            for place in names.indices {
                let name = names[(place * 7 + number * 75) % names.count]
                engine.record(engine.operation(named: name), nanoseconds: UInt64(place))
            }
        }
        let snapshot = engine.snapshot()
        #expect(Set(snapshot.map(\.name)) == Set(names))
        #expect(snapshot.count == names.count)
        #expect(snapshot.allSatisfy { $0.histogram.count == 4 })
    }

    @Test("engines can be created and released by threads that outlive them")
    func engineEnd() {
        Threads.run(3) { number in
            for round in 0..<30 {
                let engine = PercentileEngine()
                let operation = engine.operation(named: "operation")
                for value in UInt64(1)...600 { engine.record(operation, nanoseconds: value) }
                #expect(engine.snapshot(of: operation).histogram.count == 600, "\(number) \(round)")
            }
        }
    }

    @Test("an engine can outlive its threads, and be released while threads still use its state")
    func eitherOrder() {
        let survivor = PercentileEngine()
        let kept = survivor.operation(named: "kept")
        let opened = Gate()
        var short: PercentileEngine? = PercentileEngine()
        let threads = (0..<3).map { _ in
            Threads.start { [weak short] in
                if let short {
                    let operation = short.operation(named: "short")
                    for value in UInt64(1)...600 { short.record(operation, nanoseconds: value) }
                }
                opened.arrive()
                opened.waitUntilOpen()
                // The engine is gone; its shard is still this thread's current one.
                for value in UInt64(1)...600 { survivor.record(kept, nanoseconds: value) }
            }
        }
        opened.waitForArrivals(3)
        #expect(short?.snapshot().map(\.histogram.count) == [1_800])
        short = nil
        opened.open()
        for thread in threads { thread.join() }
        #expect(survivor.snapshot(of: kept).histogram.count == 1_800)
    }

    @Test("a thread can record with several engines in turn")
    func several() {
        let engines = (0..<5).map { _ in PercentileEngine() }
        Threads.run(2) { _ in
            let operations = engines.map { $0.operation(named: "operation") }
            for value in UInt64(0)..<3_000 {
                engines[Int(value % 5)].record(operations[Int(value % 5)], nanoseconds: value)
            }
        }
        for (place, engine) in engines.enumerated() {
            let histogram = engine.snapshot()[0].histogram
            #expect(histogram.count == 1_200)
            #expect(histogram.minimumNanoseconds == UInt64(place))
            #expect(histogram.maximumNanoseconds == UInt64(2_995 + place))
        }
    }
}

/// Lets threads wait for each other.
private final class Gate: Sendable {
    private let arrivals = Atomic<Int>(0)
    private let isOpen = Atomic<Bool>(false)

    func arrive() { arrivals.wrappingAdd(1, ordering: .releasing) }

    func waitForArrivals(_ count: Int) {
        while arrivals.load(ordering: .acquiring) < count { Threads.pause() }
    }

    func open() { isOpen.store(true, ordering: .releasing) }

    func waitUntilOpen() {
        while !isOpen.load(ordering: .acquiring) { Threads.pause() }
    }
}
