import InMemoryTracing
import SpanKitRecording
import SpanKitServer
import SpanKitTestSupport
import Testing
import Tracing

@Suite("A span of swift-distributed-tracing, from start to end")
struct TracedSpanTests {
    let run = TracedRun()

    private struct Failure: Error, CustomStringConvertible { var description: String { "no such key result" } }

    @Test("withSpan gives a span its name, kind and times")
    func plain() throws {
        let result = run.tracer.withSpan("work", ofKind: .server) { _ in 42 }
        let span = try run.span("work")
        #expect(result == 42)
        #expect(span.kind == .server)
        #expect(span.status == .unset)
        #expect(span.parentSpanID == nil)
        #expect(span.context.traceFlags == [.sampled, .random])
        #expect(span.endUnixNanoseconds >= span.startUnixNanoseconds)
        #expect(run.profiler.statistics(for: "work")?.count == 1)
    }

    @Test("the global functions use the bootstrapped tracer")
    func global() throws {
        withTracer(run.tracer) {
            withSpan("outer") { _ in
                let span = startSpan("inner", ofKind: .client)
                span.attributes["by"] = "startSpan"
                span.end()
            }
        }
        try run.expect(["inner"], below: "outer")
        #expect(try run.span("inner")["by"] == "startSpan")
    }

    @Test(
        "every kind arrives",
        arguments: zip(
            [Tracing.SpanKind.internal, .server, .client, .producer, .consumer],
            [RecordedSpan.Kind.internal, .server, .client, .producer, .consumer]
        )
    )
    func kinds(given: Tracing.SpanKind, expected: RecordedSpan.Kind) throws {
        run.tracer.startSpan("kind", ofKind: given).end()
        #expect(try run.span("kind").kind == expected)
    }

    @Test("attributes of every type are recorded and can be read")
    func attributes() throws {
        struct Custom: CustomStringConvertible, Sendable { var description: String { "custom" } }
        let given: [(String, SpanAttribute, AttributeValue)] = [
            ("int32", .int32(-7), .int(-7)), ("int64", .int64(.max), .int(.max)),
            ("double", .double(0.5), .double(0.5)),
            ("bool", .bool(false), .bool(false)), ("string", .string(""), .string("")),
            ("int32Array", .int32Array([1, -1]), .array([.int(1), .int(-1)])),
            ("int64Array", .int64Array([]), .array([])), ("doubleArray", .doubleArray([1.5]), .array([.double(1.5)])),
            ("boolArray", .boolArray([true, false]), .array([.bool(true), .bool(false)])),
            ("stringArray", .stringArray(["a", "ä"]), .array([.string("a"), .string("ä")])),
            ("convertible", .stringConvertible(Custom()), .string("custom")),
            ("convertibles", .stringConvertibleArray([Custom(), 5]), .array([.string("custom"), .string("5")])),
        ]
        run.tracer.withSpan("attributes") { span in
            for (key, attribute, _) in given { span.attributes.set(key, value: attribute) }
            #expect(span.attributes.count == given.count)
            #expect(span.attributes.get("int64") == .int64(.max))
            #expect(span.attributes.get("double") == .double(0.5))
            #expect(span.attributes.get("boolArray") == .boolArray([true, false]))
            #expect(span.attributes.get("stringArray") == .stringArray(["a", "ä"]))
            #expect(span.attributes.get("convertible") == .string("custom"))
        }
        let span = try run.span("attributes")
        for (key, _, expected) in given { #expect(span[key] == expected, "\(key)") }
        #expect(span.attributes.count == given.count)
    }

    @Test("attributes are set, replaced and removed, with either API")
    func changing() throws {
        run.tracer.withSpan("changing") { span in
            span.attributes["kept"] = 1
            span.attributes["changed"] = "before"
            span.attributes["changed"] = "after"
            span.attributes["gone"] = true
            span.attributes["gone"] = nil
            span.set("fast", 2)
            span.set("fast.double", 0.5)
            span.set("fast.bool", true)
            span.set("fast.text", "x")
            span.handle.set("native", 3)
            #expect(span.attributes.get("fast") == .int64(2))
            #expect(span.attributes.get("native") == .int64(3))
            span.updateAttributes { $0["updated"] = [1, 2] }
        }
        let span = try run.span("changing")
        #expect(span["kept"] == 1)
        #expect(span["changed"] == "after")
        #expect(span["gone"] == nil)
        #expect(span["fast"] == 2)
        #expect(span["fast.text"] == "x")
        #expect(span["native"] == 3)
        #expect(span["updated"] == [1, 2])
        #expect(span.attributes.count == 8)
        run.tracer.withSpan("replaced") { span in
            span.attributes = ["a": 1, "b": 2]
            span.attributes = ["b": 3]
        }
        #expect(try run.span("replaced").attributes == [Attribute("b", 3)])
    }

    @Test("random changes with either API give the attributes of a dictionary")
    func model() throws {
        var random = SplitMix64(seed: 3)
        for round in 0..<200 {
            let run = TracedRun()
            let span = run.tracer.startSpan("model")
            var expected: [String: Int64] = [:]
            for _ in 0..<40 {
                let key = "key \(random.next() % (round % 2 == 0 ? 8 : 40))"
                let value = Int64(random.next() % 3)
                switch random.next() % 16 {
                case 0:
                    expected = [key: value]
                    span.attributes = [key: .int64(value)]
                case 1:
                    for number in 0..<20 { expected["key \(number)"] = value }
                    span.updateAttributes { for number in 0..<20 { $0["key \(number)"] = value } }
                case 2...4:
                    expected[key] = nil
                    span.attributes[key] = nil
                case 5...7:
                    expected[key] = value
                    span.handle.set(key, .int(value))
                default:
                    expected[key] = value
                    span.attributes[key] = value
                }
                #expect(span.attributes == SpanAttributes(expected.mapValues { .int64($0) }))
            }
            span.end()
            let recorded = try run.span("model").attributes.map { ($0.key, $0.value) }
            #expect(Dictionary(recorded) { $1 } == expected.mapValues { .int($0) })
            #expect(recorded.count == expected.count)
        }
    }

    @Test("the fast setters work on spans of any backend")
    func fastOnAnySpan() throws {
        func describe(_ span: any Tracing.Span) {
            span.set("int", 1)
            span.set("double", 0.5)
            span.set("bool", true)
            span.set("text", "x")
            span.set("unsigned", UInt16(7))
            span.set("texts", ["a", "b"])
            span.set("nothing", String?.none)
            span.set("key \(Int32(3))", Int32(3))
        }
        withTracer(run.tracer) { withSpan("ours") { describe($0) } }
        let expected = [
            Attribute("int", 1), Attribute("double", 0.5), Attribute("bool", true), Attribute("text", "x"),
            Attribute("unsigned", 7), Attribute("texts", ["a", "b"]), Attribute("key 3", 3),
        ]
        #expect(try run.span("ours").attributes == expected)
        let other = InMemoryTracer()
        withTracer(other) { withSpan("theirs") { describe($0) } }
        let theirs = try #require(other.finishedSpans.first).attributes
        #expect(theirs.get("int") == .int64(1))
        #expect(theirs.get("double") == .double(0.5))
        #expect(theirs.get("bool") == .bool(true))
        #expect(theirs.get("text") == .string("x"))
        #expect(theirs.get("unsigned") == .int64(7))
        #expect(theirs.get("texts") == .stringArray(["a", "b"]))
        #expect(theirs.get("nothing") == nil)
        #expect(theirs.get("key 3") == .int64(3))
    }

    @Test("changes before an error are kept, and later changes work")
    func interrupted() throws {
        func change(_ attributes: inout SpanAttributes) throws {
            attributes["before"] = 1
            throw Failure()
        }
        run.tracer.withSpan("interrupted") { span in
            #expect(throws: Failure.self) { try change(&span.attributes) }
            span.attributes["after"] = 2
            span.handle.set("before", 3)
            span.attributes["before"] = 1
        }
        let span = try run.span("interrupted")
        #expect(span["before"] == 1)
        #expect(span["after"] == 2)
    }

    @Test("a value whose description reads its span does not deadlock")
    func selfReferring() throws {
        struct Nosy: CustomStringConvertible, Sendable {
            let span: TracedSpan
            var description: String {
                span.attributes["nosy"] = true
                return span.operationName
            }
        }
        run.tracer.withSpan("looked at") { span in
            span.attributes["who"] = SpanAttribute.stringConvertible(Nosy(span: span))
            span.attributes = ["who": .stringConvertible(Nosy(span: span))]
            span.addEvent(SpanEvent(name: "seen", attributes: ["who": .stringConvertible(Nosy(span: span))]))
        }
        let span = try run.span("looked at")
        #expect(span["who"] == "looked at")
        #expect(span["nosy"] == true)
    }

    @Test("concurrent changes lose no attribute")
    func concurrentAttributes() async throws {
        await run.tracer.withSpan("shared") { span in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<100 { group.addTask { span.attributes["key \(number)"] = number } }
            }
        }
        let span = try run.span("shared")
        #expect(Set(span.attributes.map(\.key)).count == 100)
        for number in 0..<100 { #expect(span["key \(number)"] == .int(Int64(number))) }
    }

    @Test("events and links keep their order, times and attributes")
    func eventsAndLinks() throws {
        let other = run.tracer.startSpan("other")
        other.end()
        run.tracer.withSpan("busy") { span in
            span.addEvent("now")
            span.addEvent(
                SpanEvent(
                    name: "then",
                    at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 123),
                    attributes: ["n": 1]
                )
            )
            span.addLink(other, attributes: ["why": "batch"])
            span.addLink(SpanLink(context: .topLevel, attributes: [:]))
        }
        let span = try run.span("busy")
        #expect(span.events.map(\.name) == ["now", "then"])
        #expect(span.events[0].unixNanoseconds >= span.startUnixNanoseconds)
        #expect(span.events[1].unixNanoseconds == 123)
        #expect(span.events[1].attributes == [Attribute("n", 1)])
        #expect(span.links.count == 1, "a link that says nothing is not kept")
        #expect(span.links[0].context.spanID == (try run.span("other")).context.spanID)
        #expect(span.links[0].attributes == [Attribute("why", "batch")])
    }

    @Test("an error that ends a span becomes an exception event and the status, and passes through")
    func thrown() throws {
        #expect(throws: Failure.self) { try run.tracer.withSpan("failing") { _ in throw Failure() } }
        let span = try run.span("failing")
        #expect(span.status == .error)
        #expect(span.events.map(\.name) == ["exception"])
        let details = Dictionary(uniqueKeysWithValues: span.events[0].attributes.map { ($0.key, $0.value) })
        #expect(details["exception.message"] == "no such key result")
        guard case .string(let type) = details["exception.type"] else { Issue.record("no type"); return }
        #expect(type.hasSuffix("Failure"))
        #expect(details.count == 2)
        #expect(run.profiler.statistics(for: "failing")?.errorCount == 1)
    }

    @Test(
        "a recorded error does not set the status, passed attributes override, and a stack trace is added"
    )
    func handled() throws {
        struct Traced: StackTraced { let stackTrace = "main\nstart" }
        run.tracer.withSpan("handling") { span in
            span.recordError(
                Traced(),
                attributes: ["exception.message": "mine", "attempt": 2],
                at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 99)
            )
        }
        let span = try run.span("handling")
        #expect(span.status == .unset)
        let event = try #require(span.events.first)
        #expect(event.unixNanoseconds == 99)
        let details = Dictionary(uniqueKeysWithValues: event.attributes.map { ($0.key, $0.value) })
        #expect(details["exception.message"] == "mine")
        #expect(details["exception.stacktrace"] == "main\nstart")
        #expect(details["attempt"] == 2)
    }

    @Test("the status follows OpenTelemetry, and an error without a message keeps an earlier one")
    func status() throws {
        func status(_ changes: [Tracing.SpanStatus]) throws -> RecordedSpan.Status {
            let run = TracedRun()
            let span = run.tracer.startSpan("status")
            for change in changes { span.setStatus(change) }
            span.end()
            return try run.span("status").status
        }
        #expect(try status([.init(code: .ok)]) == .ok)
        #expect(try status([.init(code: .error, message: "a"), .init(code: .error, message: "b")]) == .error("b"))
        #expect(try status([.init(code: .error, message: "a"), .init(code: .error)]) == .error("a"))
        #expect(try status([.init(code: .error, message: "a"), .init(code: .ok)]) == .ok)
        #expect(try status([.init(code: .ok), .init(code: .error, message: "a")]) == .ok)
        #expect(try status([.init(code: .error)]) == .error)
    }

    @Test("a span can be renamed, and its duration counts under the first name")
    func rename() throws {
        run.tracer.withSpan("GET") { span in
            #expect(span.operationName == "GET")
            span.operationName = "GET /users/:id"
            #expect(span.operationName == "GET /users/:id")
        }
        #expect(run.spans.map(\.name) == ["GET /users/:id"])
        #expect(run.profiler.statistics(for: "GET")?.count == 1)
    }

    @Test("passed instants are kept to the nanosecond, and an end before the start becomes the start")
    func instants() throws {
        func at(_ nanoseconds: UInt64) -> DefaultTracerClock.Timestamp { .init(nanosecondsSinceEpoch: nanoseconds) }
        let start: UInt64 = 1_700_000_000_123_456_789
        run.tracer.startSpan("given", at: at(start)).end(at: at(start + 77))
        run.tracer.startSpan("backwards", at: at(start)).end(at: at(start - 5))
        run.tracer.startSpan("beyond", at: at(.max)).end(at: at(.max))
        run.tracer.withSpan("scoped", at: at(0)) { _ in }
        #expect(try run.span("given").startUnixNanoseconds == Int64(start))
        #expect(try run.span("given").endUnixNanoseconds == Int64(start) + 77)
        #expect(try run.span("backwards").endUnixNanoseconds == Int64(start))
        #expect(try run.span("beyond").startUnixNanoseconds == .max)
        #expect(try run.span("scoped").startUnixNanoseconds == 0)
        #expect(run.profiler.statistics(for: "given")?.maximumNanoseconds == 77)
    }

    @Test("activeSpan finds an open span, but no ended or foreign one")
    func active() throws {
        let span = run.tracer.startSpan("active")
        let found = try #require(run.tracer.activeSpan(identifiedBy: span.context))
        found.attributes["found"] = true
        span.end()
        #expect(try run.span("active")["found"] == true)
        #expect(run.tracer.activeSpan(identifiedBy: span.context) == nil)
        #expect(run.tracer.activeSpan(identifiedBy: .topLevel) == nil)
        var remote = ServiceContext.topLevel
        remote.spanContext = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(rawValue: 3))
        #expect(run.tracer.activeSpan(identifiedBy: remote) == nil)
    }

    @Test("an unsampled span only counts its duration, and so do its children")
    func unsampled() throws {
        var recording = RecordingConfiguration()
        recording.sampler = AlwaysOffSampler()
        let run = TracedRun(recording)
        run.tracer.withSpan("quiet") { span in
            #expect(!span.isRecording)
            span.attributes["a"] = 1
            #expect(span.attributes.isEmpty)
            #expect(span.operationName == "quiet")
            run.tracer.withSpan("child") { child in
                #expect(child.context.spanContext?.traceID == span.context.spanContext?.traceID)
            }
        }
        #expect(run.spans.isEmpty)
        #expect(run.profiler.statistics(for: "quiet")?.count == 1)
        #expect(run.profiler.account.ignoredCalls == 0)
    }

    @Test("forceFlush calls its closure")
    func flush() async {
        await confirmation { flushed in
            SpanKitTracer(run.profiler) { flushed() }.forceFlush()
        }
    }
}
