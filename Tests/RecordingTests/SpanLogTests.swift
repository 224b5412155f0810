import SpanKitPlatform
import SpanKitTestSupport
import Synchronization
import Testing

@testable import SpanKitRecording

@Suite("The span log is bounded and ordered, and counts every lost span")
struct SpanLogTests {
    private func profiler(
        logBytes: Int = 2 * 1_024 * 1_024,
        whenFull: SpanLogOverflow = .overwriteOldest,
        live: Int = 65_536,
        sampler: any Sampler = ParentBasedSampler(root: AlwaysOnSampler())
    ) -> PerformanceProfiler {
        var configuration = RecordingConfiguration()
        configuration.logBytes = logBytes
        configuration.whenLogIsFull = whenFull
        configuration.liveSpanCapacity = live
        configuration.sampler = sampler
        return PerformanceProfiler(.on, recording: configuration, log: .silent)
    }

    @Test("without a reader, the newest spans remain and older ones are counted as overwritten")
    func overwriting() {
        let profiler = profiler(logBytes: 4 * Region.chunkBytes)
        for number in 0..<10_000 { profiler.profile("span") { $0.set("number", number) } }
        let numbers = profiler.recordedSpans().compactMap { span -> Int64? in
            if case .int(let number) = span["number"] { number } else { nil }
        }
        #expect(numbers.last == 9_999)
        #expect(numbers == Array(Int64(10_000 - numbers.count)..<10_000), "in order without gaps")
        let account = profiler.account
        #expect(account.written == 10_000)
        #expect(account.overwritten > 5_000, "four chunks hold far fewer")
        #expect(account.overwritten == UInt64(10_000 - numbers.count))
        #expect(account.waiting == UInt64(numbers.count))
        #expect(account.taken == 0)
        #expect(account.isBalanced)
        #expect(profiler.statistics(for: "span")?.count == 10_000, "percentiles count every span")
    }

    @Test("with a reader, new spans are dropped and counted while the log is full, and recorded after reading")
    func dropping() {
        let profiler = profiler(logBytes: 4 * Region.chunkBytes, whenFull: .dropNewest)
        for _ in 0..<10_000 { profiler.profile("span") {} }
        let account = profiler.account
        #expect(account.droppedLogFull > 0)
        #expect(account.overwritten == 0)
        #expect(account.waiting == account.written)
        #expect(account.isBalanced)
        let read = profiler.recorder.recordedSpans(consuming: true)
        #expect(UInt64(read.count) == account.written)
        #expect(profiler.account.taken == account.written)
        #expect(profiler.account.waiting == 0)
        profiler.profile("after") {}
        #expect(profiler.recordedSpans().map(\.name) == ["after"])
        #expect(profiler.statistics(for: "span")?.count == 10_000)
    }

    @Test("reading while other threads write returns every span once", .generousTimeLimit)
    func concurrentReading() {
        let profiler = profiler(logBytes: 64 * Region.chunkBytes, whenFull: .dropNewest)
        let seen = Mutex<Set<Int64>>([])
        let writers = Atomic<Int>(0)
        @Sendable func read() {
            for span in profiler.recorder.recordedSpans(consuming: true) {
                guard case .int(let number) = span["number"] else { continue }
                #expect(seen.withLock { $0.insert(number).inserted })
            }
        }
        OperatingSystemThread.run(5) {
            let role = writers.add(1, ordering: .relaxed).newValue
            if role == 5 {
                while profiler.account.written + profiler.account.droppedLogFull < 80_000 { read() }
            } else {
                for number in 0..<20_000 { profiler.profile("span") { $0.set("number", role * 20_000 + number) } }
            }
        }
        read()
        let account = profiler.account
        #expect(UInt64(seen.withLock { $0.count }) == account.written)
        #expect(account.taken == account.written)
        #expect(account.written + account.droppedLogFull == 80_000)
        #expect(account.open == 0)
        #expect(account.isBalanced)
    }

    @Test(
        "a log of 16 chunks holds a few spans of each of 40 threads",
        .generousTimeLimit,
        arguments: [SpanLogOverflow.dropNewest, .overwriteOldest]
    )
    func manyThreads(whenFull: SpanLogOverflow) {
        let profiler = profiler(logBytes: 16 * Region.chunkBytes, whenFull: whenFull)
        let recorded = Atomic<Int>(0)
        OperatingSystemThread.run(40) {
            for _ in 0..<10 { profiler.profile("span") {} }
            recorded.add(1, ordering: .relaxed)
            // A thread returns its chunk when it ends.
            while recorded.load(ordering: .relaxed) < 40 { sched_yield() }
        }
        #expect(profiler.account.written == 400)
        #expect(profiler.recordedSpans().count == 400)
    }

    @Test("many threads with many spans use at most the configured bytes and one chunk each", .generousTimeLimit)
    func bound() {
        let profiler = profiler(logBytes: 4 * Region.chunkBytes, whenFull: .dropNewest)
        let recorded = Atomic<Int>(0)
        OperatingSystemThread.run(8) {
            for _ in 0..<5_000 { profiler.profile("span") {} }
            recorded.add(1, ordering: .relaxed)
            while recorded.load(ordering: .relaxed) < 8 { sched_yield() }
        }
        #expect(profiler.account.droppedLogFull > 0)
        #expect(profiler.recorder.waitingBytes <= (4 + 7) * Region.chunkBytes)
        #expect(profiler.account.isBalanced)
    }

    @Test("chunks that were read are reused, so the log never fills up with a fast reader")
    func keepingUp() {
        let profiler = profiler(logBytes: Region.chunkBytes, whenFull: .dropNewest)
        // About 20 fit into a chunk, so all chunks together do not hold them.
        let padding = String(repeating: "x", count: 3_000)
        for _ in 0..<8_000 {
            profiler.profile("span") { $0.set("padding", padding) }
            profiler.recorder.consume(profiler.recorder.read { _ in true })
        }
        #expect(profiler.account.droppedLogFull == 0)
        #expect(profiler.account.taken == 8_000)
    }

    @Test(
        "threads return their chunks and slots when they end",
        .generousTimeLimit
    )
    func threadsGiveBack() {
        let profiler = profiler(logBytes: 4 * Region.chunkBytes, whenFull: .dropNewest, live: 127)
        let threads = 4 + LogChunks.chunksBeyond + 40
        for _ in 0..<threads {
            OperatingSystemThread.run(1) { profiler.profile("span") {} }
            profiler.recorder.consume(profiler.recorder.read { _ in true })
        }
        #expect(profiler.account.droppedLogFull == 0)
        #expect(profiler.account.droppedTooManyLive == 0)
        #expect(profiler.account.taken == UInt64(threads))
    }

    @Test("the log uses at most its configured and additional chunks of the region")
    func chunkBound() {
        let profiler = profiler(logBytes: 4 * Region.chunkBytes, whenFull: .dropNewest)
        var count = 0
        while count < 1_000, profiler.recorder.log.chunks.next(after: nil) != nil { count += 1 }
        #expect(count == 4 + LogChunks.chunksBeyond)
    }

    @Test("open spans beyond the number of slots are measured and counted as dropped")
    func tooManyLive() {
        let profiler = profiler(live: 127)
        let spans = (0..<1_000).map { _ in profiler.start("open") }
        let whileOpen = profiler.account
        #expect(whileOpen.open == 127)
        #expect(whileOpen.droppedTooManyLive == 873)
        #expect(whileOpen.isBalanced)
        for span in spans { #expect(profiler.end(span)) }
        let account = profiler.account
        #expect(account.written == 127)
        #expect(account.droppedTooManyLive == 873)
        #expect(account.isBalanced)
        #expect(profiler.statistics(for: "open")?.count == 1_000)
    }

    @Test("unsampled spans are counted and measured, but not written to the log")
    func unsampled() {
        let profiler = profiler(sampler: AlwaysOffSampler())
        profiler.profile("quiet") { span in
            span.set("key", 1)
            #expect(!span.isRecording)
            profiler.profile("child") {}
        }
        #expect(profiler.recordedSpans().isEmpty)
        #expect(profiler.account.unsampled == 2)
        #expect(profiler.statistics(for: "quiet")?.count == 1)
    }

    @Test("spans and counts of ended threads remain", .generousTimeLimit)
    func threadChurn() {
        let profiler = profiler(logBytes: 16 * 1_024 * 1_024)
        for _ in 0..<50 {
            OperatingSystemThread.run(4) {
                for _ in 0..<20 { profiler.profile("churn") {} }
            }
        }
        #expect(profiler.account.written == 4_000)
        #expect(profiler.recordedSpans().count == 4_000)
        #expect(profiler.account.open == 0)
        #expect(profiler.statistics(for: "churn")?.count == 4_000)
    }

    @Test("several tasks can set attributes of one span at the same time", .generousTimeLimit)
    func sharedSpan() async throws {
        let profiler = profiler()
        let span = profiler.start("shared")
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<2_000 { span.set("task \(task)" as String, .string("\(number)")) }
                }
            }
        }
        profiler.end(span)
        let recorded = try #require(profiler.recordedSpans().first)
        #expect(recorded.attributes.count == 8)
        #expect(recorded.attributes.allSatisfy { $0.value == "1999" })
    }

    @Test(
        "when many threads end and change a span at the same time, it ends once and its data is consistent",
        .generousTimeLimit
    )
    func racingEnds() async {
        let profiler = profiler(logBytes: 16 * 1_024 * 1_024)
        for _ in 0..<2_000 {
            let span = profiler.start("race")
            let ends = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        span.set("who", "cares, it is long enough to matter")
                        return profiler.end(span)
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(ends == 1)
        }
        #expect(profiler.account.written == 2_000)
        #expect(profiler.account.open == 0)
    }

    @Test("invalid sizes do not crash", arguments: [Int.min, -1, 0, 1, Int.max])
    func senselessSizes(size: Int) {
        let profiler = profiler(logBytes: size == .max ? 1_000_000 : size, live: size)
        profiler.profile("span") { $0.set("key", 1) }
        #expect(profiler.statistics(for: "span")?.count == 1)
        #expect(profiler.account.isBalanced)
    }

    @Test("200 pairs of profilers are created and freed, each with its own account")
    func manyProfilers() {
        for _ in 0..<200 {
            let profiler = profiler()
            let other = self.profiler()
            profiler.profile("a") { other.profile("b") {} }
            #expect(profiler.account.written == 1)
            #expect(other.recordedSpans().first?.parentSpanID == profiler.recordedSpans().first?.context.spanID)
        }
    }
}
