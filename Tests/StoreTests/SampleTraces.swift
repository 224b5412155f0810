import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitReports
import SpanKitTestSupport

@testable import SpanKitStore

/// Random traces of a few services and names, as OTLP JSON and as a file would be decoded.
struct SampleTraces {
    /// A request of OTLP JSON for each trace.
    private(set) var bodies: [String] = []
    /// The first start, in nanoseconds since 1970-01-01 UTC.
    static let origin: Int64 = 1_790_000_000_000_000_000

    static let services = ["web", "shop", "card service"]
    static let names = ["GET /cart", "POST /orders", "charge", "query"]
    static let messages = [
        "card declined", "Card-declined again", "no connection", "declined cards", "timeout after 5 s",
    ]

    private var random: SplitMix64

    init(count: Int, seed: UInt64 = 7) {
        random = SplitMix64(seed: seed)
        for number in 0..<count { bodies.append(trace(number)) }
    }

    private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

    private mutating func trace(_ number: Int) -> String {
        let start = Self.origin + Int64(number) * 1_000_000_000 + Int64(below(900_000_000))
        var groups: [String: [String]] = [:]
        let count = 1 + below(6)
        for place in 0..<count {
            let from = start + Int64(place) * 1_000_000
            let length = Int64(1 + below(2_000)) * 500_000
            let status = below(5) == 0 ? #"{"code":2,"message":"\#(Self.messages[below(5)])"}"# : "{}"
            let exception =
                below(9) == 0
                ? #"[{"timeUnixNano":"\#(from)","name":"exception","attributes":[{"key":"exception.message","value":{"stringValue":"\#(Self.messages[below(5)])"}}]}]"#
                : "[]"
            let parent =
                place == 0 ? "" : #""parentSpanId":"\#(String(format: "%016x", number * 100 + 1 + below(place)))","#
            let span = """
                {"traceId":"\(String(format: "%032x", number + 1))","spanId":"\(String(format: "%016x", number * 100 + place + 1))",\(parent)\
                "name":"\(Self.names[below(4)])","kind":\(1 + below(3)),"startTimeUnixNano":"\(from)","endTimeUnixNano":"\(from + length)",\
                "attributes":[{"key":"http.response.status_code","value":{"intValue":"\(200 + below(4) * 100)"}},\
                {"key":"note","value":{"stringValue":"\(Self.messages[below(5)])"}}],"status":\(status),"events":\(exception)}
                """
            groups[Self.services[below(3)], default: []].append(span)
        }
        let resources = groups.sorted { $0.key < $1.key }.map { service, spans in
            """
            {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\(service)"}}]},\
            "scopeSpans":[{"scope":{"name":"sample"},"spans":[\(spans.joined(separator: ","))]}]}
            """
        }
        return #"{"resourceSpans":[\#(resources.joined(separator: ","))]}"#
    }

    /// The spans, as the decoder of files reads them.
    var spans: [DecodedSpan] {
        var decoder = TraceDecoder()
        var spans: [DecodedSpan] = []
        decoder.decode(Array(bodies.joined(separator: "\n").utf8)) { spans.append($0) }
        decoder.finish { spans.append($0) }
        return spans
    }

    /// Writes all traces into a new store.
    func stored(in folder: TemporaryFolder) async throws -> Store {
        let store = try Store(path: folder.path("store.sqlite"))
        for body in bodies { try await store.write(json: body) }
        return store
    }
}

extension Store {
    /// Writes a request in JSON.
    func write(json: String, _ signal: Signal = .traces) async throws {
        try await write(try TestRequest.json(signal, json))
    }
}
