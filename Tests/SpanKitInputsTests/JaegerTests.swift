import SpanKitInputs
import SpanKitRecording
import Testing

@Suite("Jaeger JSON is read")
struct JaegerTests {
    private let trace = #"""
        {"traceID":"3cd1c6fb5e2a1f90","spans":[
        {"traceID":"3cd1c6fb5e2a1f90","spanID":"a1","operationName":"checkout","references":[],
         "flags":1,"startTime":1700000000000001,"duration":2500,"processID":"p1","warnings":["clock skew"],
         "tags":[{"key":"span.kind","type":"string","value":"server"},{"key":"error","type":"bool","value":true},
          {"key":"http.status_code","type":"int64","value":503},{"key":"ratio","type":"float64","value":1},
          {"key":"wide","type":"int64","value":"9007199254740993"},{"key":"raw","type":"binary","value":"AP8="},
          {"key":"otel.status_description","type":"string","value":"no stock"},
          {"key":"otel.scope.name","type":"string","value":"lib"},{"key":"otel.library.version","type":"string","value":"2"},
          {"key":"w3c.tracestate","type":"string","value":"k=v"}],
         "logs":[{"timestamp":1700000000000007,"fields":[{"key":"event","type":"string","value":"exception"},
          {"key":"exception.type","type":"string","value":"E"}]}]},
        {"traceID":"3cd1c6fb5e2a1f90","spanID":"b2b2b2b2b2b2b2b2","operationName":"query","startTime":1700000000000002,
         "references":[{"refType":"FOLLOWS_FROM","traceID":"00000000000000000000000000000077","spanID":"0000000000000001"},
          {"refType":"CHILD_OF","traceID":"00000000000000003cd1c6fb5e2a1f90","spanID":"00000000000000a1"},
          {"refType":"CHILD_OF","traceID":"3cd1c6fb5e2a1f90","spanID":"c3"}],
         "duration":1000,"processID":"p2","tags":[{"key":"otel.status_code","type":"string","value":"OK"},
          {"key":"db.system","value":"postgres"}],"logs":null,"warnings":null}],
        "processes":{"p1":{"serviceName":"shop","tags":[{"key":"hostname","type":"string","value":"h"}]},
        "p2":{"serviceName":"db","tags":[]}},"warnings":null}
        """#

    private var document: String { #"{"data":[\#(trace)],"total":0,"limit":0,"offset":0,"errors":null}"# }

    @Test("a file that Jaeger's page downloads", arguments: [1, 50, Int.max])
    func download(piece: Int) throws {
        let decoding = Decoding(document, piece: piece)
        #expect(decoding.problems.isEmpty)
        #expect(decoding.names == ["checkout", "query"])
        let server = decoding.spans[0]
        #expect(server.resource.attributes == [Attribute("service.name", "shop"), Attribute("hostname", "h")])
        #expect(server.scope == InstrumentationScope(name: "lib", version: "2"))
        #expect(server.span.context.traceID == TraceID(high: 0, low: 0x3CD1_C6FB_5E2A_1F90))
        #expect(server.span.context.spanID == SpanID(rawValue: 0xA1))
        #expect(server.span.context.traceFlags == .sampled)
        #expect(server.span.context.traceState == "k=v")
        #expect(server.span.parentSpanID == nil)
        #expect(server.span.kind == .server)
        #expect(server.span.status == .error("no stock"))
        #expect(server.span.startUnixNanoseconds == 1_700_000_000_000_001_000)
        #expect(server.span.duration == .microseconds(2_500))
        #expect(
            server.span.attributes
                == [
                    Attribute("error", true), Attribute("http.status_code", 503), Attribute("ratio", 1.0),
                    Attribute("wide", 9_007_199_254_740_993), Attribute("raw", .bytes([0, 0xFF])),
                    Attribute("jaeger.warnings", ["clock skew"]),
                ].sorted(like: server.span.attributes)
        )
        #expect(
            server.span.events == [
                .init(
                    name: "exception",
                    unixNanoseconds: 1_700_000_000_000_007_000,
                    attributes: [Attribute("exception.type", "E")]
                )
            ]
        )
        let query = decoding.spans[1]
        #expect(query.resource["service.name"] == "db")
        #expect(query.span.parentSpanID == SpanID(rawValue: 0xA1))
        #expect(query.span.status == .ok)
        #expect(query.span["db.system"] == "postgres")
        #expect(query.span.links.map(\.context.spanID.rawValue) == [1, 0xC3])
        #expect(query.span.links.map { $0.attributes[0].value } == ["follows_from", "child_of"])
    }

    @Test("traces without the object around them, one on a line")
    func lines() {
        let line = trace.replacing("\n", with: "")
        let decoding = Decoding(line + "\n" + line)
        #expect(decoding.names == ["checkout", "query", "checkout", "query"])
        #expect(decoding.problems.isEmpty)
    }

    @Test("a FOLLOWS_FROM of the same trace is the parent if there is no CHILD_OF")
    func followsFrom() throws {
        let decoding = Decoding(document.replacing("CHILD_OF", with: "FOLLOWS_FROM"))
        let span = try #require(decoding.spans.last?.span)
        #expect(span.parentSpanID == SpanID(rawValue: 0xA1))
        #expect(span.links.count == 2)
    }

    @Test("spans before a tear are kept")
    func torn() {
        for cut in stride(from: 20, to: document.utf8.count - 1, by: 13) {
            let decoding = Decoding(String(decoding: document.utf8.prefix(cut), as: UTF8.self))
            #expect(!decoding.problems.isEmpty, "cut at \(cut)")
            #expect(["checkout", "query"].starts(with: decoding.names))
        }
        let half = document.utf8.prefix(document.utf8.count - 300)
        #expect(Decoding(String(decoding: half, as: UTF8.self)).names == ["checkout"])
    }

    @Test("only the part that makes no sense is lost, and it is reported")
    func nonsense() {
        let decoding = Decoding(
            document.replacing(#""value":503"#, with: #""value":"many""#).replacing("\"p2\",", with: "\"p9\",")
                .replacing(#""spanID":"c3""#, with: #""spanID":"x""#)
        )
        #expect(decoding.names == ["checkout", "query"])
        #expect(decoding.spans[0].span["http.status_code"] == "many")
        #expect(
            decoding.decoder.problems.map(\.reason) == [
                "the value of a tag is not of its type int64; it is read as a string",
                "a span names a process 'p9' that is missing; its service is unknown",
                "a reference has no valid ids; it is left out",
            ]
        )
    }
}

extension [Attribute] {
    /// The same attributes in another order.
    fileprivate func sorted(like others: [Attribute]) -> [Attribute] {
        others.compactMap { other in first { $0 == other } } + filter { !others.contains($0) }
    }
}
