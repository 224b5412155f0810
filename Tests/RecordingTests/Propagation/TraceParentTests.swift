import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("The traceparent header follows W3C Trace Context level 2")
struct TraceParentTests {
    static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let parent = "00f067aa0ba902b7"

    @Test("version 00 is read as a remote context with the known flags")
    func current() throws {
        let context = try #require(extract("00-\(Self.trace)-\(Self.parent)-01"))
        #expect(context.traceID.description == Self.trace)
        #expect(context.spanID.description == Self.parent)
        #expect(context.traceFlags == .sampled)
        #expect(context.isRemote)
        #expect(context.traceState.isEmpty)
    }

    @Test(
        "an invalid value starts a new trace",
        arguments: [
            // version ff
            "ff-\(trace)-\(parent)-01",
            // version 00, not 55 characters
            "00-\(trace)-\(parent)-01-", "00-\(trace)-\(parent)-01-extra", "00-\(trace)-\(parent)-1",
            // a later version, too short
            "01-\(trace)-\(parent)-0", "01-\(trace)-\(parent)",
            // a later version whose 56th character is not a dash
            "01-\(trace)-\(parent)-01x", "cc-\(trace)-\(parent)-01.extra",
            // a version that is not two digits and a dash
            "0-\(trace)-\(parent)-010", "0x-\(trace)-\(parent)-01", "00_\(trace)-\(parent)-01", "",
            // upper case
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-\(parent)-01", "00-\(trace)-00F067AA0BA902B7-01",
            "0A-\(trace)-\(parent)-01", "00-\(trace)-\(parent)-0A",
            // all zero
            "00-00000000000000000000000000000000-\(parent)-01", "00-\(trace)-0000000000000000-01",
            // surrounded by other characters than spaces and tabs
            "00-\(trace)-\(parent)-01\u{a0}", "00-\(trace)-\(parent)-01\n", "\u{b}00-\(trace)-\(parent)-01",
            // 55 other characters
            "00-\(trace)-\(parent)-0ä", "00-\(trace)--\(parent)-1", "00-g\(trace.dropFirst())-\(parent)-01",
            // two values joined by a proxy
            "00-\(trace)-\(parent)-01,00-\(trace)-\(parent)-01",
        ]
    )
    func invalid(header: String) {
        #expect(extract(header) == nil)
    }

    @Test(
        "a later version is read like version 00",
        arguments: [
            "01-\(trace)-\(parent)-01", "cc-\(trace)-\(parent)-01-what-the-future-brings", "fe-\(trace)-\(parent)-01-",
        ]
    )
    func later(header: String) throws {
        let context = try #require(extract(header))
        #expect(context.traceID.description == Self.trace)
        #expect(TraceParent.text(context) == "00-\(Self.trace)-\(Self.parent)-01", "it is sent as version 00")
    }

    @Test("spaces and tabs around the value are ignored", arguments: [" \(valid)", "\(valid)\t", "\t \(valid) \t"])
    func whitespace(header: String) {
        #expect(extract(header) != nil)
    }

    private static let valid = "00-\(trace)-\(parent)-01"

    @Test("several headers start a new trace")
    func several() {
        let values = [Self.valid, Self.valid]
        #expect(TraceContextPropagator.extract { $0 == "traceparent" ? values : ["a=b"] } == nil)
        #expect(TraceContextPropagator.extract { _ in [] } == nil)
    }

    @Test(
        "unknown flags are not kept; sampled and random are",
        arguments: [("00", ""), ("01", "sampled"), ("02", "random"), ("03", "both"), ("fc", ""), ("ff", "both")]
    )
    func flags(digits: String, meaning: String) throws {
        let expected: TraceFlags =
            switch meaning {
            case "sampled": .sampled
            case "random": .random
            case "both": [.sampled, .random]
            default: []
            }
        let context = try #require(extract("00-\(Self.trace)-\(Self.parent)-\(digits)"))
        #expect(context.traceFlags == expected)
        #expect(headers(context)["traceparent"] == "00-\(Self.trace)-\(Self.parent)-0\(expected.rawValue)")
    }

    @Test("every context that is sent is read again unchanged")
    func roundTrip() throws {
        var random = SplitMix64(seed: 5)
        for _ in 0..<1_000 {
            let context = SpanContext(
                traceID: TraceID(high: random.next() >> (random.next() % 64), low: random.next() | 1),
                spanID: SpanID(rawValue: random.next() >> (random.next() % 63) | 1),
                traceFlags: TraceFlags(rawValue: UInt8(random.next() % 4)),
                isRemote: true
            )
            let text = try #require(headers(context)["traceparent"])
            #expect(text.utf8.count == 55)
            #expect(extract(text) == context)
        }
    }

    @Test("an invalid context is not sent")
    func nothing() {
        #expect(headers(SpanContext(traceID: .invalid, spanID: SpanID(rawValue: 1), traceState: "a=b")).isEmpty)
        #expect(headers(SpanContext(traceID: TraceID(high: 1, low: 1), spanID: .invalid)).isEmpty)
    }

    private func extract(_ header: String) -> SpanContext? {
        TraceContextPropagator.extract { $0 == "traceparent" ? [header] : [] }
    }

    private func headers(_ context: SpanContext) -> [String: String] {
        var headers: [String: String] = [:]
        TraceContextPropagator.inject(context) { headers[$0] = $1 }
        return headers
    }
}
