import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("The header traceparent, as W3C Trace Context level 2 wants it read and written")
struct TraceParentTests {
    static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let parent = "00f067aa0ba902b7"

    @Test("version 00 is read; the context is remote and keeps the flags we know")
    func current() throws {
        let context = try #require(extract("00-\(Self.trace)-\(Self.parent)-01"))
        #expect(context.traceID.description == Self.trace)
        #expect(context.spanID.description == Self.parent)
        #expect(context.traceFlags == .sampled)
        #expect(context.isRemote)
        #expect(context.traceState.isEmpty)
    }

    @Test(
        "what is not valid starts a new trace",
        arguments: [
            // version ff
            "ff-\(trace)-\(parent)-01",
            // version 00, not 55 characters
            "00-\(trace)-\(parent)-01-", "00-\(trace)-\(parent)-01-extra", "00-\(trace)-\(parent)-1",
            // a later version, too short
            "01-\(trace)-\(parent)-0", "01-\(trace)-\(parent)",
            // a later version whose character 56 is no dash
            "01-\(trace)-\(parent)-01x", "cc-\(trace)-\(parent)-01.extra",
            // version not two digits and a dash
            "0-\(trace)-\(parent)-010", "0x-\(trace)-\(parent)-01", "00_\(trace)-\(parent)-01", "",
            // upper case
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-\(parent)-01", "00-\(trace)-00F067AA0BA902B7-01",
            "0A-\(trace)-\(parent)-01", "00-\(trace)-\(parent)-0A",
            // all zero
            "00-00000000000000000000000000000000-\(parent)-01", "00-\(trace)-0000000000000000-01",
            // around it what is neither space nor tab
            "00-\(trace)-\(parent)-01\u{a0}", "00-\(trace)-\(parent)-01\n", "\u{b}00-\(trace)-\(parent)-01",
            // 55 characters, but not these
            "00-\(trace)-\(parent)-0ä", "00-\(trace)--\(parent)-1", "00-g\(trace.dropFirst())-\(parent)-01",
            // two, joined by somebody on the way
            "00-\(trace)-\(parent)-01,00-\(trace)-\(parent)-01",
        ]
    )
    func invalid(header: String) {
        #expect(extract(header) == nil)
    }

    @Test(
        "a later version is read as far as we know it",
        arguments: [
            "01-\(trace)-\(parent)-01", "cc-\(trace)-\(parent)-01-what-the-future-brings", "fe-\(trace)-\(parent)-01-",
        ]
    )
    func later(header: String) throws {
        let context = try #require(extract(header))
        #expect(context.traceID.description == Self.trace)
        #expect(TraceParent.text(context) == "00-\(Self.trace)-\(Self.parent)-01", "and goes out as version 00")
    }

    @Test("spaces and tabs around the value belong to HTTP", arguments: [" \(valid)", "\(valid)\t", "\t \(valid) \t"])
    func whitespace(header: String) {
        #expect(extract(header) != nil)
    }

    private static let valid = "00-\(trace)-\(parent)-01"

    @Test("several headers are none")
    func several() {
        let values = [Self.valid, Self.valid]
        #expect(TraceContextPropagator.extract { $0 == "traceparent" ? values : ["a=b"] } == nil)
        #expect(TraceContextPropagator.extract { _ in [] } == nil)
    }

    @Test(
        "flags we do not know are neither believed nor sent on; sampled and random are",
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

    @Test("what goes out comes back, whatever the ids")
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

    @Test("an invalid context sends nothing")
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
