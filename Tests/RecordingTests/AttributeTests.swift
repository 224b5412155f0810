import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("Attributes are read as they were set")
struct AttributeTests {
    private func recorded(
        _ limits: SpanLimits = SpanLimits(),
        _ body: (SpanHandle) -> Void
    ) throws -> RecordedSpan {
        var configuration = RecordingConfiguration()
        configuration.limits = limits
        let profiler = PerformanceProfiler(.on, recording: configuration, log: .silent)
        profiler.profile("span", body)
        return try #require(profiler.recordedSpans().first)
    }

    static let values: [AttributeValue] = [
        .bool(true), .bool(false), .int(0), .int(.min), .int(.max), .double(0), .double(-0.0), .double(.infinity),
        .double(.greatestFiniteMagnitude), .string(""), .string("a"), .string("0123456789abcdef"),
        .string("ünïcödé 🎯 \u{0} \n \" \\"), .bytes([]), .bytes([0, 255, 128]), .array([]),
        .array([1, "two", 3.0, true]),
        .array([.array([.array([])]), .bytes([1])]), .map([]),
        .map([Attribute("a", 1), Attribute("", .map([Attribute("b", .array([.null]))]))]), .null,
    ]

    @Test("all types and their extreme values", arguments: values)
    func roundTrip(value: AttributeValue) throws {
        let span = try recorded { span in
            span.set("before", 1)
            span.set("the key" as String, value)
            span.set("after", 2)
        }
        #expect(span.attributes == [Attribute("before", 1), Attribute("the key", value), Attribute("after", 2)])
        #expect(span.droppedAttributeCount == 0)
    }

    @Test("NaN stays NaN")
    func notANumber() throws {
        let span = try recorded { $0.set("nan", Double.nan) }
        guard case .double(let value) = span["nan"] else { return #expect(Bool(false)) }
        #expect(value.isNaN)
    }

    @Test("the last value of a key is kept, whatever the types, and counts once")
    func overwriting() throws {
        let span = try recorded { span in
            span.set("key", 1)
            span.set("other", true)
            span.set("key", 2.5)
            span.set("key", "text")
            span.set("key", String(repeating: "long ", count: 500))
            span.set("key", false)
        }
        #expect(span["key"] == false)
        #expect(span.attributes.count == 2)
        #expect(span.droppedAttributeCount == 0)
    }

    @Test("10,000 updates of one key leave room for others")
    func manyUpdates() throws {
        let span = try recorded { span in
            for number in 0..<10_000 { span.set("progress", "\(number) of 10000, and some text to take up room") }
            span.set("other", 1)
        }
        #expect(span["progress"] == "9999 of 10000, and some text to take up room")
        #expect(span["other"] == 1)
    }

    @Test(
        "a large value that replaces another large one is kept whole",
        arguments: [
            AttributeValue.string(String(repeating: "b", count: 30_000)),
            .bytes([UInt8](repeating: 2, count: 30_000)),
            .array([.string(String(repeating: "c", count: 30_000))]),
        ]
    )
    func largeOverwriting(value: AttributeValue) throws {
        let span = try recorded { span in
            span.set("question", String(repeating: "q", count: 28_000))
            span.set("answer", String(repeating: "a", count: 26_000))
            span.set("answer" as String, value)
            span.addEvent("after", attributes: ["key": "value"])
        }
        #expect(Set(span.attributes.map(\.key)) == ["question", "answer"])
        #expect(span["answer"] == value, "cut or lost")
        #expect(span.droppedAttributeCount == 0)
        #expect(span.events.count == 1)
    }

    @Test("beyond the limit, new keys are dropped and counted, and existing ones can change")
    func countLimit() throws {
        var limits = SpanLimits()
        limits.attributeCount = 3
        let span = try recorded(limits) { span in
            for number in 0..<10 { span.set("key \(number)" as String, .int(Int64(number))) }
            span.set("key 1" as String, "changed")
        }
        #expect(span.attributes.map(\.key).sorted() == ["key 0", "key 1", "key 2"])
        #expect(span["key 1"] == "changed")
        #expect(span.droppedAttributeCount == 7)
    }

    @Test("a limit of zero keeps nothing")
    func zeroLimits() throws {
        var limits = SpanLimits()
        limits.attributeCount = 0
        limits.eventCount = 0
        limits.linkCount = 0
        let span = try recorded(limits) { span in
            span.set("a", 1)
            span.set("b", "text")
            span.addEvent("event")
            span.addLink(to: SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(rawValue: 1)))
        }
        #expect(span.attributes.isEmpty && span.events.isEmpty && span.links.isEmpty)
        #expect(span.droppedAttributeCount == 2)
        #expect(span.droppedEventCount == 1)
        #expect(span.droppedLinkCount == 1)
    }

    @Test("texts are cut by Unicode scalars, also in arrays and maps; byte arrays by bytes")
    func lengthLimit() throws {
        var limits = SpanLimits()
        limits.attributeValueLength = 3
        let span = try recorded(limits) { span in
            span.set("text", "äöüß")
            span.set("short", "äöü")
            span.set("nested" as String, .array([.string("🎯🎯🎯🎯"), .map([Attribute("inner key", "abcd")])]))
            span.set("bytes" as String, .bytes([1, 2, 3, 4]))
            span.set("number", 12_345)
        }
        #expect(span["text"] == "äöü")
        #expect(span["short"] == "äöü")
        #expect(span["nested"] == .array([.string("🎯🎯🎯"), .map([Attribute("inner key", "abc")])]))
        #expect(span["bytes"] == .bytes([1, 2, 3]))
        #expect(span["number"] == 12_345)
    }

    @Test("values nested too deeply become null")
    func depthLimit() throws {
        var deep = AttributeValue.int(1)
        for _ in 0..<10_000 { deep = .array([deep]) }
        let span = try recorded { $0.set("deep" as String, deep) }
        var depth = 0
        var value = try #require(span["deep"])
        while case .array(let elements) = value, let first = elements.first {
            depth += 1
            value = first
        }
        #expect(depth == 64)
        #expect(value == .null)
    }

    @Test("a megabyte of text is cut at a character to fit into the span")
    func oversized() throws {
        let span = try recorded { span in
            span.set("first", 1)
            span.set("huge", String(repeating: "é", count: 500_000))
            span.set("last", 2)
        }
        guard case .string(let kept) = span["huge"] else { return #expect(Bool(false), "the text is gone") }
        #expect(kept.utf8.count > 50_000 && kept.utf8.count < SpanLimits.payloadBytes)
        #expect(kept.allSatisfy { $0 == "é" })
        #expect(span["first"] == 1)
    }

    @Test("an empty key is dropped and counted")
    func emptyKey() throws {
        let span = try recorded { $0.set("" as String, 1) }
        #expect(span.attributes.isEmpty)
        #expect(span.droppedAttributeCount == 1)
    }

    @Test("attributes of events over their limit are counted in the event")
    func eventAttributeLimit() throws {
        var limits = SpanLimits()
        limits.attributeCountPerEvent = 2
        let span = try recorded(limits) { $0.addEvent("event", attributes: ["a": 1, "b": 2, "a": 3, "c": 4]) }
        #expect(span.events[0].attributes == [Attribute("a", 3), Attribute("b", 2)])
        #expect(span.events[0].droppedAttributeCount == 1)
    }

    @Test("random spans with unusual texts are read as they were set", arguments: 0..<40)
    func property(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var expected: [Attribute] = []
        let span = try recorded { span in
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                let attribute = Attribute(HostileText.make(&random, 1...40), value(&random, depth: 0))
                expected.removeAll { $0.key == attribute.key }
                expected.append(attribute)
                span.set(attribute.key, attribute.value)
            }
        }
        #expect(span.droppedAttributeCount == 0)
        #expect(
            Dictionary(uniqueKeysWithValues: span.attributes.map { ($0.key, $0.value) })
                == Dictionary(uniqueKeysWithValues: expected.map { ($0.key, $0.value) })
        )
    }

    static let literals: [StaticString] = ["a", "bb", "ccc", "dddd", "eeeee", "ffffff", "ggggggg", "h", "i", "j"]

    /// Numbers and short texts with literal keys are written in a faster way as long as all entries are in the slot itself.
    @Test("literal keys keep their last value whatever else the span contains", arguments: 0..<120)
    func literalKeys(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var limits = SpanLimits()
        if seed % 3 == 1 { limits.attributeCount = 5 }
        if seed % 4 == 1 { limits.attributeValueLength = 17 }
        var expected: [String: AttributeValue] = [:]
        var (dropped, eventCount) = (0, 0)
        func expect(_ key: String, _ value: AttributeValue) {
            if expected[key] == nil, expected.count >= limits.attributeCount {
                dropped += 1
            } else {
                expected[key] = value.limited(to: limits)
            }
        }
        let span = try recorded(limits) { span in
            for _ in 0..<Int.random(in: 0...30, using: &random) {
                let literal = Self.literals[Int.random(in: 0..<Self.literals.count, using: &random)]
                switch Int.random(in: 0..<10, using: &random) {
                case 0:
                    span.set(literal, 7)
                    expect(literal.description, 7)
                case 1:
                    span.set(literal, true)
                    expect(literal.description, true)
                case 2:
                    span.set(literal, 0.5)
                    expect(literal.description, 0.5)
                case 3...6:
                    let text = HostileText.make(&random, 0...(seed % 2 == 0 ? 8 : 90))
                    span.set(literal, text)
                    expect(literal.description, .string(text))
                case 7:
                    let key = Bool.random(using: &random) ? literal.description : String(repeating: "k", count: 1_100)
                    let value = value(&random, depth: 2)
                    span.set(key, value)
                    expect(key, value)
                case 8:
                    span.addEvent(literal.description, attributes: [literal.description: 1])
                    eventCount += 1
                default:
                    span.setStatus(.error(HostileText.make(&random, 0...20)))
                }
            }
        }
        #expect(Dictionary(uniqueKeysWithValues: span.attributes.map { ($0.key, $0.value) }) == expected)
        #expect(span.droppedAttributeCount == dropped)
        #expect(span.events.count == eventCount)
    }

    @Test(
        "the text of a value is that of OpenTelemetry for systems that do not receive OTLP",
        arguments: [
            (.string("a \"b\"\n"), "a \"b\"\n"), (.string(""), ""), (.bool(true), "true"), (.int(-42), "-42"),
            (.double(0.5), "0.5"), (.double(.nan), "NaN"), (.double(.infinity), "Infinity"),
            (.double(-.infinity), "-Infinity"), (.bytes([1, 2, 255]), "AQL/"), (.bytes([]), ""), (.null, ""),
            (.array([]), "[]"),
            (
                .array(["a\"", 1, 0.5, true, .null, .bytes([1]), .double(.nan), [2]]),
                #"["a\"",1,0.5,true,null,"AQ==","NaN",[2]]"#
            ),
            (.map([Attribute("k\"", "v"), Attribute("n", .map([]))]), #"{"k\"":"v","n":{}}"#),
        ] as [(AttributeValue, String)]
    )
    func text(value: AttributeValue, expected: String) {
        #expect("\(value)" == expected)
    }

    private func value(_ random: inout SplitMix64, depth: Int) -> AttributeValue {
        switch Int.random(in: 0..<(depth < 3 ? 8 : 6), using: &random) {
        case 0: return .bool(Bool.random(using: &random))
        case 1: return .int(Int64(bitPattern: random.next()))
        case 2: return .double(Double(Int64(bitPattern: random.next())) / 3)
        case 3: return .string(HostileText.make(&random, 0...300))
        case 4:
            return .bytes(
                (0..<Int.random(in: 0...100, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            )
        case 5: return .null
        case 6:
            return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default:
            return .map(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    Attribute(HostileText.make(&random, 0...20), value(&random, depth: depth + 1))
                }
            )
        }
    }
}
