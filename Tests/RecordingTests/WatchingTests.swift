import SpanKitPlatform
import SpanKitTestSupport
import Synchronization
import Testing

@testable import SpanKitRecording

@Suite("Concurrent readers follow the documented order of accesses (run with ThreadSanitizer)")
struct WatchingTests {
    private static let capacity = 4 * LiveSlotPool.slotsPerChunk

    /// Records on three threads: plain spans, spans with texts, children that remain open for a while, and new names.
    private static func record(_ recorder: Recorder, _ role: Int) {
        var open: [SpanHandle] = []
        func endAll() {
            for span in open { _ = recorder.end(span, now: recorder.clock.now()) }
            open = []
        }
        for number in 0..<3_000 {
            let span = recorder.begin("outer")
            span.set("number", number)
            if number % 3 == 0 { span.set("text", .string(String(repeating: "x", count: number % 2_000))) }
            if number % 50 == 0 { open.append(recorder.begin(named: "name \(role) \(number)", below: span.context)) }
            _ = recorder.end(span, now: recorder.clock.now())
            // Ends some of the open spans, so that slots move between threads.
            if open.count > 20 { endAll() }
        }
        endAll()
    }

    @Test(
        "open operations, the account, waiting bytes and the log are read while threads start, record and end",
        .generousTimeLimit,
        arguments: [SpanLogOverflow.dropNewest, .overwriteOldest]
    )
    func readers(whenFull: SpanLogOverflow) throws {
        var configuration = RecordingConfiguration()
        configuration.logBytes = 8 * Region.chunkBytes
        configuration.liveSpanCapacity = Self.capacity
        configuration.whenLogIsFull = whenFull
        let recorder = try #require(Recorder.make(configuration))
        let role = Atomic<Int>(0)
        let recording = Atomic<Int>(3)
        OperatingSystemThread.run(6) {
            let role = role.add(1, ordering: .relaxed).newValue
            switch role {
            case 1...3:
                // A new thread each time, which returns its chunk and slots when it ends.
                for _ in 0..<3 { OperatingSystemThread.run(1) { Self.record(recorder, role) } }
                recording.subtract(1, ordering: .releasing)
            case 4:
                while recording.load(ordering: .acquiring) > 0 {
                    for (name, count) in recorder.openOperations() {
                        #expect(name == "outer" || name.hasPrefix("name "))
                        #expect(count <= Self.capacity)
                    }
                }
            case 5:
                while recording.load(ordering: .acquiring) > 0 {
                    let account = recorder.account()
                    #expect(account.open <= UInt64(Self.capacity))
                    #expect(recorder.waitingBytes >= 0)
                    sched_yield()
                }
            default:
                var isConsuming = false
                while recording.load(ordering: .acquiring) > 0 {
                    for span in recorder.recordedSpans(consuming: isConsuming) {
                        #expect(span.name == "outer" || span.name.hasPrefix("name "))
                    }
                    isConsuming.toggle()
                }
            }
        }
        #expect(recorder.openOperations().isEmpty)
        let account = recorder.account()
        #expect(account.isBalanced)
        #expect(account.started == 3 * 3 * 3_060)
        #expect(account.open == 0)
    }
}
