import SpanKitPercentiles
import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("Attribute types, and keys and names known only at run time")
struct ConvertibleAttributeTests {
    private let profiler = PerformanceProfiler(.on, log: .silent)

    /// The attributes of one span.
    private func recorded(_ body: (SpanHandle) -> Void) throws -> [Attribute] {
        profiler.profile("span", body)
        let span = try #require(profiler.recordedSpans().last)
        #expect(span.droppedAttributeCount == 0)
        return span.attributes
    }

    @Test("the extremes of every integer type are recorded exactly")
    func integers() throws {
        let attributes = try recorded { span in
            span.set("literal", -7)
            span.set("Int", Int.min)
            span.set("Int8", Int8.min)
            span.set("Int16", Int16.min)
            span.set("Int32", Int32.min)
            span.set("Int64", Int64.min)
            span.set("UInt", UInt(Int64.max))
            span.set("UInt8", UInt8.max)
            span.set("UInt16", UInt16.max)
            span.set("UInt32", UInt32.max)
            span.set("UInt64", UInt64(Int64.max))
        }
        #expect(
            attributes == [
                Attribute("literal", .int(-7)), Attribute("Int", .int(.min)), Attribute("Int8", .int(-128)),
                Attribute("Int16", .int(-32_768)), Attribute("Int32", .int(-2_147_483_648)),
                Attribute("Int64", .int(.min)), Attribute("UInt", .int(.max)), Attribute("UInt8", .int(255)),
                Attribute("UInt16", .int(65_535)), Attribute("UInt32", .int(4_294_967_295)),
                Attribute("UInt64", .int(.max)),
            ]
        )
    }

    @Test("an integer beyond Int64 is recorded as exact text")
    func beyondInt64() throws {
        let attributes = try recorded { span in
            span.set("least", UInt64(Int64.max) + 1)
            span.set("greatest", UInt64.max)
            span.set("UInt", UInt.max)
            span.set("array", [1, UInt64.max])
        }
        #expect(
            attributes == [
                Attribute("least", .string("9223372036854775808")),
                Attribute("greatest", .string("18446744073709551615")),
                Attribute("UInt", .string("18446744073709551615")),
                Attribute("array", .array([.int(1), .string("18446744073709551615")])),
            ]
        )
    }

    @Test("floating-point numbers, booleans and texts of every type")
    func scalars() throws {
        let whole = "0123456789 and more than fits a small string"
        let character: Character = "🎯"
        let fixed: StaticString = "known at compile time"
        let attributes = try recorded { span in
            span.set("literal", 1.5)
            span.set("Float", Float(0.1))
            span.set("Double", -0.0)
            span.set("Bool", true)
            span.set("text", "literal")
            span.set("interpolated", "\(whole.count) characters")
            span.set("String", whole)
            span.set("Substring", whole.dropFirst(11))
            span.set("Character", character)
            span.set("StaticString", fixed)
        }
        #expect(
            attributes == [
                Attribute("literal", .double(1.5)), Attribute("Float", .double(Double(Float(0.1)))),
                Attribute("Double", .double(-0.0)), Attribute("Bool", .bool(true)),
                Attribute("text", .string("literal")), Attribute("interpolated", .string("44 characters")),
                Attribute("String", .string(whole)),
                Attribute("Substring", .string("and more than fits a small string")),
                Attribute("Character", .string("🎯")), Attribute("StaticString", .string("known at compile time")),
            ]
        )
    }

    @Test("arrays of these types, nested arrays, and arrays of several types")
    func arrays() throws {
        let nothing: [Int32] = []
        let attributes = try recorded { span in
            span.set("literal", ["a", "b"])
            span.set("Int32", [Int32.max])
            span.set("Float", [Float(0.5)])
            span.set("Bool", [true, false])
            span.set("Substring", ["one", "two"].map { $0.dropLast() })
            span.set("nested", [[1], []])
            span.set("empty", nothing)
            span.set("bytes", [UInt8]([0, 255]))
            span.set("several", ["a", 1, true, 2.5])
        }
        #expect(
            attributes == [
                Attribute("literal", .array(["a", "b"])), Attribute("Int32", .array([.int(2_147_483_647)])),
                Attribute("Float", .array([0.5])), Attribute("Bool", .array([true, false])),
                Attribute("Substring", .array(["on", "tw"])), Attribute("nested", .array([.array([1]), .array([])])),
                Attribute("empty", .array([])), Attribute("bytes", .bytes([0, 255])),
                Attribute("several", .array(["a", 1, true, 2.5])),
            ]
        )
    }

    private struct UserID: AttributeValueConvertible {
        var number: Int
        var attributeValue: AttributeValue { .string("user-\(number)") }
    }

    @Test("custom types, values of AttributeValue, and nil, which sets nothing")
    func others() throws {
        let unknown: String? = nil
        let known: Int32? = 7
        let value = AttributeValue.map([Attribute("a", 1)])
        let attributes = try recorded { span in
            span.set("own", UserID(number: 4))
            span.set("value", value)
            span.set("explicit", .bytes([1]))
            span.set("unknown", unknown)
            span.set("known", known)
            span.set("known", Int32?.none)
        }
        #expect(
            attributes == [
                Attribute("own", .string("user-4")), Attribute("value", value), Attribute("explicit", .bytes([1])),
                Attribute("known", .int(7)),
            ],
            "nil keeps the earlier value"
        )
    }

    @Test("keys known only at run time accept all of these as well")
    func runTimeKeys() throws {
        let number = Int.random(in: 0..<10)
        let key = "key.\(number)"
        let unknown: Bool? = nil
        let attributes = try recorded { span in
            span.set(key, 1)
            span.set("\(key).double", 1.5)
            span.set("\(key).text", "text")
            span.set("\(key).Int32", Int32(3))
            span.set("\(key).texts", ["a", "b"])
            span.set("\(key).unknown", unknown)
            span.set("\(key).several", ["a", 1])
            span.set(key, UInt8(2))
        }
        #expect(
            attributes == [
                Attribute(key, .int(2)), Attribute("\(key).double", .double(1.5)),
                Attribute("\(key).text", .string("text")), Attribute("\(key).Int32", .int(3)),
                Attribute("\(key).texts", .array(["a", "b"])), Attribute("\(key).several", .array(["a", 1])),
            ],
            "the last value of a key is kept, at the place of the first"
        )
    }

    /// The number of texts known by their address, which is the number of calls with a `StaticString`.
    private var staticTexts: Int { profiler.recorder.strings.staticTextCount }

    @Test("literal keys and names are found by their address, whatever the type of the value")
    func literalsAreStatic() async {
        let before = staticTexts
        let maybe: Float? = 1
        await profiler.profile("literal name 1") { await Task.yield() }
        profiler.profile("literal name 2") { span in
            span.set("literal key 1", 1)
            span.set("literal key 2", 1.5)
            span.set("literal key 3", true)
            span.set("literal key 4", "text")
            span.set("literal key 5", "\(before)")
            span.set("literal key 6", UInt8(1))
            span.set("literal key 7", ["a"])
            span.set("literal key 8", maybe)
        }
        profiler.end(profiler.start("literal name 3"))
        #expect(staticTexts == before + 11)
    }

    @Test("names and keys known only at run time are not stored among the literals")
    func runTimeTextsAreNot() throws {
        let before = staticTexts
        for number in 0..<3 {
            profiler.profile("run time \(number)") { $0.set("run time key \(number)", number) }
        }
        #expect(staticTexts == before)
        #expect(profiler.recordedSpans().map(\.name) == ["run time 0", "run time 1", "run time 2"])
    }

    @Test("operation names known only at run time: start and profile, with and without the span, sync and async")
    func runTimeNames() async throws {
        let names = (0..<5).map { "operation \($0)" }
        profiler.end(profiler.start(names[0]))
        let one = profiler.profile(names[1]) { 1 }
        let two = profiler.profile(names[2], warnThreshold: .seconds(9)) { span in
            span.set("number", 2)
            return 2
        }
        let three = await profiler.profile(names[3]) {
            await Task.yield()
            return 3
        }
        let four = await profiler.profile(names[4]) { span in
            await Task.yield()
            span.set("number", 4)
            return 4
        }
        #expect([one, two, three, four] == [1, 2, 3, 4])
        // Spans that ended on different threads are in no order.
        let spans = profiler.recordedSpans().sorted { $0.name < $1.name }
        #expect(spans.map(\.name) == names)
        #expect(spans.map { $0["number"] } == [nil, nil, 2, nil, 4])
        #expect(profiler.statistics().map(\.name) == names)
    }

    private struct Failure: Error {}

    @Test("with names known only at run time, errors pass through and slow operations are logged")
    func runTimeNamesThatFail() async {
        let lines = Lines()
        let profiler = PerformanceProfiler(.on, warnThreshold: .zero, log: lines.log)
        let name = "operation \(Int.random(in: 0..<10))"
        #expect(throws: Failure.self) { try profiler.profile(name) { throw Failure() } }
        await #expect(throws: Failure.self) {
            try await profiler.profile(name) {
                await Task.yield()
                throw Failure()
            }
        }
        #expect(profiler.recordedSpans().map(\.status) == [.error, .error])
        #expect(lines.all.count == 2 && lines.all.allSatisfy { $0.hasPrefix("warning: \(name) took ") })
    }

    @Test("while profiling is off, only closures run, also with run-time names and keys")
    func off() async {
        let profiler = PerformanceProfiler(.off)
        let name = "name \(Int.random(in: 0..<10))"
        #expect(profiler.profile(name) { 1 } == 1)
        #expect(
            await profiler.profile(name) { span in
                await Task.yield()
                span.set(name, name)
                return 2
            } == 2
        )
        #expect(!profiler.end(profiler.start(name)))
        #expect(profiler.account == RecordingAccount())
    }
}
