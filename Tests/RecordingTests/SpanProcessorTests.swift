import Dispatch
import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("Span processors", .generousTimeLimit)
struct SpanProcessorTests {
    private struct Refusal: Error {
        let secret = "password=hunter2"
    }

    private let lines = Lines()

    private func profiler(
        sampler: any Sampler = AlwaysOnSampler(),
        capacity: Int = 65_536,
        _ processors: SpanProcessor...
    ) -> PerformanceProfiler {
        var configuration = RecordingConfiguration()
        configuration.sampler = sampler
        configuration.liveSpanCapacity = capacity
        configuration.spanProcessors = processors
        return PerformanceProfiler(.on, recording: configuration, log: lines.log)
    }

    @Test("the start sees the initial attributes and can add some, for spans of every entry point")
    func start() throws {
        let profiler = profiler(
            SpanProcessor("start") { span in
                span.set("added", (span.snapshot()?.attributes.count ?? -1) + 100)
            }
        )
        profiler.profile("literal") { _ in profiler.profile(String("text")) {} }
        profiler.startSpan("started", attributes: ["initial": 1]).end()
        _ = profiler.recorder.beginPlainly(
            named: "plain",
            kind: .client,
            below: .none,
            startUnixNanoseconds: 1,
            scope: 0
        )?.end()
        let added = profiler.recordedSpans().map { [$0.name: $0["added"]] }
        #expect(
            added == [["text": .int(100)], ["literal": .int(100)], ["started": .int(101)], ["plain": .int(100)]]
        )
    }

    @Test("before the end a span can be changed, with its duration known, and only by the processor")
    func ending() throws {
        let known = Locked<SpanHandle?>(nil)
        let profiler = profiler(
            SpanProcessor(
                "ending",
                onEnding: { span, duration in
                    // The handle of the program is invalid by now.
                    known.withLock { $0 }?.set("late", true)
                    known.withLock { #expect($0?.isRecording == false) }
                    #expect(span.isRecording)
                    span.set("seconds", Int(duration.components.seconds))
                    span.set("rows", (span.snapshot()?["rows"]).map { $0 == .int(7) })
                    span.setStatus(.error("checked"))
                    span.updateName("renamed")
                }
            )
        )
        let span = profiler.startSpan("work", startUnixNanoseconds: 1_000_000_000)
        span.set("rows", 7)
        known.withLock { $0 = span }
        span.end(at: 3_000_000_000)
        span.end()
        let ended = try #require(profiler.recordedSpans().first)
        #expect(profiler.recordedSpans().count == 1)
        #expect(ended.name == "renamed")
        #expect(ended["seconds"] == .int(2))
        #expect(ended["rows"] == .bool(true))
        #expect(ended["late"] == nil)
        #expect(ended.status == .error("checked"))
        #expect(ended.duration == .seconds(2))
        #expect(profiler.account.ignoredCalls == 2)
        #expect(profiler.account.isBalanced)
        #expect(profiler.account.open == 0)
    }

    @Test("a processor that ends the span itself ends it once")
    func endsItself() {
        let profiler = profiler(SpanProcessor("ends", onEnding: { span, _ in span.end() }))
        profiler.profile("work") {}
        #expect(profiler.recordedSpans().count == 1)
        #expect(profiler.account.isBalanced)
        #expect(profiler.account.open == 0)
        #expect(profiler.statistics(for: "work")?.count == 1)
    }

    @Test("after the end a processor sees what is recorded, including long contents")
    func ended() {
        let seen = Locked<[RecordedSpan]>([])
        let profiler = profiler(SpanProcessor("end", onEnd: { span in seen.withLock { $0.append(span) } }))
        profiler.profile("outer") { span in
            span.set("long", String(repeating: "x", count: 5_000))
            span.addEvent("event", attributes: ["key": "value"])
            profiler.profile("inner") {}
        }
        #expect(seen.withLock { $0 } == profiler.recordedSpans())
        #expect(seen.withLock { $0.map(\.name) } == ["inner", "outer"])
    }

    @Test("unsampled spans and spans without a slot are not processed")
    func unprocessed() {
        let calls = Locked(0)
        func counting() -> SpanProcessor {
            SpanProcessor(
                "counts",
                onStart: { _ in calls.withLock { $0 += 1 } },
                onEnding: { _, _ in calls.withLock { $0 += 1 } },
                onEnd: { _ in calls.withLock { $0 += 1 } }
            )
        }
        profiler(sampler: AlwaysOffSampler(), counting()).profile("unsampled") {}
        profiler(capacity: 0, counting()).profile("without slot") {}
        #expect(calls.withLock { $0 } == 0)
        profiler(counting()).profile("sampled") {}
        #expect(calls.withLock { $0 } == 3)
    }

    @Test("a span that is kept at its start can be changed by the processor until it ends, and shows later changes")
    func kept() throws {
        let kept = Locked<SpanHandle?>(nil)
        let profiler = profiler(SpanProcessor("keeps", onStart: { span in kept.withLock { $0 = span } }))
        let span = profiler.startSpan("work")
        let other = try #require(kept.withLock { $0 })
        span.set("rows", 7)
        #expect(other.snapshot()?["rows"] == .int(7))
        other.set("checked", true)
        span.end()
        other.set("late", true)
        #expect(profiler.recordedSpans().map(\.attributes) == [[Attribute("rows", 7), Attribute("checked", true)]])
        #expect(!other.isRecording && profiler.account.ignoredCalls == 1)
    }

    @Test("all processors change a span before any of them sees it ended, with the changes of all")
    func stages() {
        let calls = Locked<[String]>([])
        func processor(_ name: String) -> SpanProcessor {
            SpanProcessor(
                name,
                onEnding: { span, _ in
                    calls.withLock { $0.append("\(name) ending") }
                    span.set(name, true)
                },
                onEnd: { span in
                    calls.withLock { $0.append("\(name) end: \(span.attributes.map(\.key).joined(separator: ","))") }
                }
            )
        }
        let profiler = profiler(processor("first"), processor("second"))
        profiler.profile("work") {}
        #expect(
            calls.withLock { $0 } == [
                "first ending", "second ending", "first end: first,second", "second end: first,second",
            ]
        )
    }

    @Test("processors run in order, and spans that a processor records are not processed again")
    func order() {
        let calls = Locked<[String]>([])
        let own = Locked<PerformanceProfiler?>(nil)
        func processor(_ name: String) -> SpanProcessor {
            SpanProcessor(
                name,
                onStart: { _ in
                    calls.withLock { $0.append("\(name) start") }
                    own.withLock { $0 }?.profile("own") {}
                },
                onEnd: { span in calls.withLock { $0.append("\(name) end \(span.name)") } }
            )
        }
        let profiler = profiler(processor("first"), processor("second"))
        own.withLock { $0 = profiler }
        profiler.profile("work") {}
        own.withLock { $0 = nil }
        #expect(calls.withLock { $0 } == ["first start", "second start", "first end work", "second end work"])
        #expect(profiler.recordedSpans().map(\.name) == ["own", "own", "work"])
    }

    @Test("a processor that throws is counted and logged once, without the error's text; the span is recorded")
    func throwing() {
        let after = Locked(0)
        let profiler = profiler(
            SpanProcessor(
                "broken",
                onStart: { span in
                    span.set("before", true)
                    throw Refusal()
                },
                onEnding: { _, _ in throw Refusal() },
                onEnd: { _ in throw Refusal() }
            ),
            SpanProcessor("whole", onEnd: { _ in after.withLock { $0 += 1 } })
        )
        for _ in 0..<10 { profiler.profile("work") {} }
        #expect(profiler.recordedSpans().count == 10)
        #expect(profiler.recordedSpans().allSatisfy { $0["before"] == .bool(true) })
        #expect(after.withLock { $0 } == 10)
        let accounts = profiler.account.processors
        #expect(accounts.map(\.name) == ["broken", "whole"])
        #expect(accounts.map(\.calls) == [30, 10])
        #expect(accounts.map(\.failedCalls) == [30, 0])
        #expect(accounts.allSatisfy { $0.time > .zero && $0.slowCalls == 0 && $0.skippedCalls == 0 })
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.contains("the span processor 'broken' threw") == true)
        #expect(!lines.all.joined().contains("hunter2"))
    }

    @Test(
        "a processor that hangs holds up one thread; others skip it and record, and it is called again after it returns"
    )
    func hanging() throws {
        let mayReturn = DispatchSemaphore(value: 0)
        let hangs = Locked(true)
        let started = Locked(0)
        let profiler = profiler(
            SpanProcessor(
                "hangs",
                timeLimit: .milliseconds(20),
                onStart: { span in
                    started.withLock { $0 += 1 }
                    let isFirst = hangs.withLock { hangs in
                        defer { hangs = false }
                        return hangs
                    }
                    if isFirst { mayReturn.wait() }
                    span.set("seen", true)
                }
            )
        )
        let hanging = try #require(Thread("hanging", isJoined: true) { profiler.profile("hanging") {} })
        try eventually("the call hangs", started.withLock { $0 }) { $0 == 1 }
        try eventually(
            "others skip it",
            {
                profiler.profile("other") {}
                return profiler.account.processors[0].skippedCalls
            }()
        ) { $0 > 0 }
        let skipped = profiler.account.processors[0].skippedCalls
        for _ in 0..<100 { profiler.profile("other") {} }
        #expect(profiler.account.processors[0].skippedCalls == skipped + 100)
        mayReturn.signal()
        hanging.join()
        #expect(profiler.account.processors[0].slowCalls >= 1)
        #expect(profiler.account.processors[0].time >= .milliseconds(20))
        try eventually(
            "it is called again",
            {
                profiler.profile("later") {}
                return profiler.recordedSpans().last { $0.name == "later" }?["seen"]
            }()
        ) { $0 == .bool(true) }
        #expect(profiler.recordedSpans().contains { $0.name == "hanging" })
        #expect(profiler.account.isBalanced)
        #expect(lines.all.count == 1)
    }

    @Test("from several threads, each span is processed once, and none is lost")
    func threads() {
        let ends = Locked(0)
        let profiler = profiler(
            SpanProcessor(
                "all",
                onStart: { $0.set("start", 1) },
                onEnding: { span, _ in span.set("ending", 2) },
                onEnd: { _ in ends.withLock { $0 += 1 } }
            )
        )
        OperatingSystemThread.run(4) {
            for _ in 0..<250 { profiler.profile("work") { $0.set("text", String(repeating: "y", count: 600)) } }
        }
        let spans = profiler.recordedSpans()
        #expect(spans.count == 1_000)
        #expect(spans.allSatisfy { $0["start"] == .int(1) && $0["ending"] == .int(2) && $0["text"] != nil })
        #expect(ends.withLock { $0 } == 1_000)
        #expect(profiler.account.isBalanced)
        #expect(profiler.account.open == 0)
    }
}

@Suite("The program's own ids")
struct IDGeneratorTests {
    /// Ids that count up. `zeros` makes invalid ones.
    private struct Numbers: IDGenerator {
        let next = Counter()
        var zeros = false
        var makesRandomTraceIDs = false

        final class Counter: Sendable {
            private let value = Locked<UInt64>(0)
            func callAsFunction() -> UInt64 {
                value.withLock {
                    $0 += 1
                    return $0
                }
            }
        }

        func makeTraceID() -> TraceID { zeros ? .invalid : TraceID(high: 0xAAAA, low: next()) }
        func makeSpanID() -> SpanID { zeros ? .invalid : SpanID(rawValue: next()) }
    }

    private let lines = Lines()

    private func profiler(_ generator: Numbers, capacity: Int = 65_536) -> PerformanceProfiler {
        var configuration = RecordingConfiguration()
        configuration.idGenerator = generator
        configuration.liveSpanCapacity = capacity
        return PerformanceProfiler(.on, recording: configuration, log: lines.log)
    }

    @Test("every entry point uses them, and trace ids are not flagged as random", arguments: [65_536, 0])
    func used(capacity: Int) {
        let profiler = profiler(Numbers(), capacity: capacity)
        var contexts: [SpanContext] = []
        profiler.profile("literal") { span in
            contexts.append(span.context)
            profiler.profile(String("text")) { contexts.append($0.context) }
        }
        let started = profiler.startSpan("started")
        contexts.append(started.context)
        started.end()
        #expect(contexts.map(\.traceID.high) == [0xAAAA, 0xAAAA, 0xAAAA])
        #expect(contexts.map(\.traceID.low) == [1, 1, 4])
        #expect(contexts.map(\.spanID.rawValue) == [2, 3, 5])
        #expect(contexts.allSatisfy { !$0.traceFlags.contains(.random) })
        #expect(lines.all.isEmpty)
    }

    @Test("a generator of random trace ids sets the random flag")
    func random() {
        var generator = Numbers()
        generator.makesRandomTraceIDs = true
        profiler(generator).profile("work") { #expect($0.context.traceFlags.contains(.random)) }
    }

    @Test("invalid ids are replaced, and reported once")
    func invalid() {
        var generator = Numbers()
        generator.zeros = true
        let profiler = profiler(generator)
        for _ in 0..<3 { profiler.profile("work") { #expect($0.context.isValid) } }
        #expect(Set(profiler.recordedSpans().map(\.context.spanID)).count == 3)
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.contains("made a trace id of only zeros") == true)
    }
}
