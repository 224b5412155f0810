import SpanKitTestSupport
import Synchronization
import Testing

@testable import SpanKitRecording

@Suite("The account of a recorder is counted, not computed, and its sums hold")
struct RecordingAccountTests {
    private static func recorder(
        _ whenFull: SpanLogOverflow,
        chunks: Int = 6,
        live: Int = 127,
        sampler: any Sampler = ParentBasedSampler(root: AlwaysOnSampler())
    ) throws -> Recorder {
        var configuration = RecordingConfiguration()
        configuration.logBytes = chunks * Region.chunkBytes
        configuration.liveSpanCapacity = live
        configuration.whenLogIsFull = whenFull
        configuration.sampler = sampler
        return try #require(Recorder.make(configuration))
    }

    /// Samples the spans whose name starts with "s".
    private struct NameSampler: Sampler {
        var description: String { "NameSampler" }

        func decide(_ request: SamplingRequest) -> SamplingDecision {
            SamplingDecision(isSampled: request.name.hasPrefix("s"))
        }
    }

    /// What the test did, counted by the test.
    private struct Oracle {
        var started: UInt64 = 0
        var unsampled: UInt64 = 0
        var ended: UInt64 = 0
        /// The ids of the spans that a reader has taken.
        var taken: Set<UInt64> = []
    }

    /// The records that were not taken, found by reading every byte of the log.
    private static func walk(_ log: SpanLog) -> UInt64 {
        defer { log.chunks.unpin() }
        return log.chunks.pin().reduce(0) { count, chunk in
            let consumed = Int(chunk.consumed.pointee.load(ordering: .relaxed))
            var records = chunk.records(to: Int(chunk.committed.pointee.load(ordering: .acquiring)))
            var waiting: UInt64 = 0
            while let record = records.next() {
                if records.offset > consumed, record.mark == 0 { waiting += 1 }
            }
            return count + waiting
        }
    }

    @Test(
        "after random starts, ends, reads and marks, each number is exact, and the log contains the waiting records",
        arguments: [SpanLogOverflow.dropNewest, .overwriteOldest],
        [1, 2, 3, 4] as [UInt64]
    )
    func randomSchedules(whenFull: SpanLogOverflow, seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let recorder = try Self.recorder(whenFull, chunks: 3, sampler: NameSampler())
        var oracle = Oracle()
        var open: [(span: SpanHandle, isSampled: Bool)] = []
        var places = LogPlaces()
        /// The records that `readNew` returned and the test has not marked, as in tail sampling.
        var held: [(place: RecordPlace, id: UInt64)] = []
        /// Places remain valid only if nothing is overwritten.
        let marks = whenFull == .dropNewest
        for step in 0..<3_600 {
            // In turns: everything, few ends, and few reads, so that first the slots and then the log run out.
            let phase = step / 600 % 3
            let starts = phase == 1 ? 75 : 40
            switch Int.random(in: 0..<(phase == 2 ? 81 : 100), using: &random) {
            case 0..<starts:
                let isSampled = Int.random(in: 0..<8, using: &random) > 0
                let span = recorder.begin(named: isSampled ? "sampled" : "quiet", below: nil)
                if span.slot != nil { open.append((span, isSampled)) }
                oracle.started += 1
            case starts..<80 where !open.isEmpty:
                let (span, isSampled) = open.remove(at: Int.random(in: open.indices, using: &random))
                span.set("padding", .string(String(repeating: "x", count: Int.random(in: 0..<3_000, using: &random))))
                #expect(recorder.end(span, now: recorder.clock.now()) != nil)
                if isSampled { oracle.ended += 1 } else { oracle.unsampled += 1 }
            case 80..<84:
                // Read twice and consumed twice, completely or in part: each record counts once.
                let limits = [Int.random(in: 0..<40, using: &random), Int.random(in: 0..<40, using: &random)]
                var stretches: [LogStretch] = []
                var ids: [UInt64] = []
                for limit in limits.sorted() {
                    var count = 0
                    stretches += recorder.read { record in
                        guard count < limit else { return false }
                        count += 1
                        ids.append(record.header.spanID)
                        return true
                    }
                }
                recorder.consume(stretches)
                recorder.consume(stretches)
                oracle.taken.formUnion(ids)
                held.removeAll { oracle.taken.contains($0.id) }
            case 84..<92 where marks:
                recorder.readNew(&places) { record, place, _ in held.append((place, record.header.spanID)) }
                #expect(recorder.unseenRecords(after: places) == 0)
            case 92..<100 where marks && !held.isEmpty:
                held.shuffle(using: &random)
                let chosen = held.prefix(Int.random(in: 1...20, using: &random))
                held.removeFirst(chosen.count)
                if Bool.random(using: &random) { recorder.mark(chosen.map(\.place), batch: UInt64(step + 1)) }
                recorder.take(chosen.map(\.place))
                oracle.taken.formUnion(chosen.map(\.id))
            default: continue
            }
            let account = recorder.account()
            #expect(account.isBalanced)
            #expect(account.started == oracle.started)
            #expect(account.unsampled == oracle.unsampled)
            #expect(account.written + account.droppedLogFull == oracle.ended)
            #expect(account.open == UInt64(open.count))
            #expect(account.taken == UInt64(oracle.taken.count))
            #expect(account.waiting == Self.walk(recorder.log))
            if marks { #expect(account.overwritten == 0) }
        }
        let account = recorder.account()
        #expect(
            account.taken > 100 && account.unsampled > 10 && account.droppedTooManyLive > 0,
            "every action was tried"
        )
        #expect(marks ? account.droppedLogFull > 0 : account.overwritten > 0)
    }

    @Test(
        "records since the last reading are counted for tail sampling, without marked and consumed ones"
    )
    func unseenRecords() throws {
        let recorder = try Self.recorder(.dropNewest)
        func record(_ count: Int) {
            for _ in 0..<count { _ = recorder.end(recorder.begin("span"), now: recorder.clock.now()) }
        }
        record(500)
        #expect(recorder.unseenRecords(after: LogPlaces()) == 500)
        // Records that were taken before are not returned any more.
        var count = 0
        recorder.consume(
            recorder.read { _ in
                count += 1
                return count <= 120
            }
        )
        #expect(recorder.unseenRecords(after: LogPlaces()) == 380)
        var places = LogPlaces()
        var held: [RecordPlace] = []
        recorder.readNew(&places) { _, place, _ in held.append(place) }
        #expect(held.count == 380)
        #expect(recorder.unseenRecords(after: places) == 0)
        record(70)
        #expect(recorder.unseenRecords(after: places) == 70)
        recorder.mark(held.suffix(100), batch: 1)
        #expect(recorder.unseenRecords(after: places) == 70)
        #expect(recorder.account().taken == 220)
        #expect(recorder.unseenRecords(after: LogPlaces()) == 350, "another reader does not get marked records")
        var other = LogPlaces()
        var seen = 0
        recorder.readNew(&other) { _, _, _ in seen += 1 }
        #expect(seen == 350)
        recorder.take(held)
        #expect(recorder.account().taken == 500)
        #expect(recorder.account().waiting == 70)
        #expect(recorder.account().isBalanced)
    }

    @Test("a marked record counts as taken once, also when it is consumed later")
    func markedThenConsumed() throws {
        let recorder = try Self.recorder(.dropNewest)
        for _ in 0..<10 { _ = recorder.end(recorder.begin("span"), now: recorder.clock.now()) }
        var places = LogPlaces()
        var held: [RecordPlace] = []
        recorder.readNew(&places) { _, place, _ in held.append(place) }
        let middle = held[3...5]
        recorder.mark(middle, batch: 7)
        recorder.mark(middle, batch: 8)
        #expect(recorder.account().taken == 3)
        #expect(recorder.account().waiting == 7)
        recorder.take(middle)
        #expect(recorder.account().taken == 3)
        var rest: [UInt64] = []
        let stretches = recorder.read { record in
            rest.append(record.header.spanID)
            return true
        }
        #expect(rest.count == 7, "a marked record is not read again")
        recorder.consume(stretches)
        recorder.take(held)
        #expect(recorder.account().taken == 10)
        #expect(recorder.account().waiting == 0)
        #expect(recorder.account().isBalanced)
    }

    @Test(
        "the sums hold after threads recorded while others read, marked and used the account",
        .generousTimeLimit,
        arguments: [false, true]
    )
    func concurrency(marks: Bool) throws {
        let recorder = try Self.recorder(.dropNewest, chunks: 16)
        let role = Atomic<Int>(0)
        let recording = Atomic<Int>(3)
        let taken = Atomic<Int>(0)
        OperatingSystemThread.run(5) {
            switch role.add(1, ordering: .relaxed).newValue {
            case 1...3:
                for _ in 0..<8_000 { _ = recorder.end(recorder.begin("span"), now: recorder.clock.now()) }
                recording.subtract(1, ordering: .releasing)
            case 4:
                var places = LogPlaces()
                var isLast = false
                while !isLast {
                    isLast = recording.load(ordering: .acquiring) == 0
                    var found: [RecordPlace] = []
                    if marks {
                        recorder.readNew(&places) { _, place, _ in found.append(place) }
                        recorder.mark(found.lazy.enumerated().filter { $0.offset % 3 == 0 }.map(\.element), batch: 1)
                        recorder.take(found.reversed())
                        taken.add(found.count, ordering: .relaxed)
                    } else {
                        var count = 0
                        recorder.consume(
                            recorder.read { _ in
                                count += 1
                                return true
                            }
                        )
                        taken.add(count, ordering: .relaxed)
                    }
                }
            default:
                while recording.load(ordering: .acquiring) > 0 {
                    let account = recorder.account()
                    #expect(account.open <= 127)
                    _ = recorder.unseenRecords(after: LogPlaces())
                }
            }
        }
        let account = recorder.account()
        #expect(account.isBalanced)
        #expect(account.started == 24_000)
        #expect(account.taken == UInt64(taken.load(ordering: .relaxed)))
        #expect(account.waiting == 0)
        #expect(account.open == 0)
        #expect(account.written + account.droppedLogFull == 24_000)
    }

    @Test("the account of a closed recorder contains the lost spans, and later calls only count as ignored")
    func close() throws {
        let recorder = try Self.recorder(.dropNewest)
        let open = recorder.begin("open")
        for _ in 0..<100 { _ = recorder.end(recorder.begin("span"), now: recorder.clock.now()) }
        var places = LogPlaces()
        var held: [RecordPlace] = []
        recorder.readNew(&places) { _, place, _ in held.append(place) }
        recorder.take(held.prefix(40))
        let before = recorder.account()
        recorder.close()
        #expect(recorder.account() == before)
        #expect(before.waiting == 60 && before.taken == 40 && before.open == 1)
        recorder.take(held)
        #expect(recorder.unseenRecords(after: places) == 0)
        #expect(recorder.recordedSpans(consuming: true).isEmpty)
        #expect(recorder.waitingBytes == 0)
        #expect(recorder.end(open, now: recorder.clock.now()) == nil)
        var after = recorder.account()
        #expect(after.ignoredCalls == 1)
        #expect(after.isBalanced)
        after.ignoredCalls = 0
        #expect(after == before)
    }
}
