import SpanKitInputs
import SpanKitRecording
import Testing

@Suite("Zipkin JSON is read")
struct ZipkinTests {
    private let client = #"""
        {"traceId":"5982fe77008310cc80f1da5e10147517","parentId":"90394f6bcffb5d13","id":"bd7a977555f6b982","kind":"CLIENT",
        "name":"get","timestamp":1458702548467000,"duration":386000,"localEndpoint":{"serviceName":"front","ipv4":"10.0.0.1"},
        "remoteEndpoint":{"serviceName":"back","ipv4":"10.0.0.2","port":9000},
        "annotations":[{"timestamp":1458702548467001,"value":"ws"}],"tags":{"http.path":"/api","otel.status_code":"OK"}}
        """#
    private let server = #"""
        {"shared":true,"traceId":"5982fe77008310cc80f1da5e10147517","parentId":"90394f6bcffb5d13","id":"bd7a977555f6b982",
        "kind":"SERVER","name":"get /api","timestamp":1458702548468000,"duration":1000,
        "localEndpoint":{"serviceName":"back"},"tags":{"error":"timed out"}}
        """#
    private let short = #"""
        {"annotations":[],"id":"000000000000000a","traceId":"80f1da5e10147517","name":"local","timestamp":5,"duration":1,"tags":{"error":"true"}}
        """#

    @Test("a list of spans, a list of traces, and lines", arguments: [1, 40, Int.max])
    func forms(piece: Int) throws {
        let spans = [client, server, short].map { $0.replacing("\n", with: "") }
        let forms = [
            "[" + spans.joined(separator: ",") + "]", "[[\(spans[0]),\(spans[1])],\n[\(spans[2])]]",
            spans.joined(separator: "\n"), "[\n  \(spans[0]),\n  \(spans[1]),\n  \(spans[2])\n]\n",
        ]
        for form in forms {
            let decoding = Decoding(form, piece: piece)
            #expect(decoding.names == ["get", "get /api", "local"])
            #expect(decoding.problems.isEmpty)
        }
    }

    @Test("every field")
    func fields() throws {
        let decoding = Decoding("[\(client),\(server),\(short)]")
        try #require(decoding.spans.count == 3)
        let (client, server, short) = (decoding.spans[0], decoding.spans[1], decoding.spans[2])
        #expect(client.resource.attributes == [Attribute("service.name", "front")])
        #expect(client.span.kind == .client)
        #expect(client.span.context.traceID == TraceID(hex: "5982fe77008310cc80f1da5e10147517"))
        #expect(client.span.context.spanID == SpanID(hex: "bd7a977555f6b982"))
        #expect(client.span.context.traceFlags == .sampled)
        #expect(client.span.parentSpanID == SpanID(hex: "90394f6bcffb5d13"))
        #expect(client.span.startUnixNanoseconds == 1_458_702_548_467_000_000)
        #expect(client.span.duration == .milliseconds(386))
        #expect(client.span.status == .ok)
        #expect(client.span.events == [.init(name: "ws", unixNanoseconds: 1_458_702_548_467_001_000)])
        #expect(
            client.span.attributes == [
                Attribute("http.path", "/api"), Attribute("network.local.address", "10.0.0.1"),
                Attribute("peer.service", "back"), Attribute("network.peer.address", "10.0.0.2"),
                Attribute("network.peer.port", 9000),
            ]
        )
        #expect(server.span.context.spanID == client.span.context.spanID)
        #expect(server.span.parentIsRemote)
        #expect(server.span.kind == .server)
        #expect(server.span.status == .error("timed out"))
        #expect(short.span.context.traceID == TraceID(high: 0, low: 0x80F1_DA5E_1014_7517))
        #expect(short.span.kind == .internal)
        #expect(short.span.status == .error)
        #expect(short.resource.attributes.isEmpty)
    }

    @Test("a line of a log with ids is not a span")
    func logLines() {
        let decoding = Decoding(#"{"level":"info","traceId":"5982fe77008310cc80f1da5e10147517","id":"7","msg":"x"}"#)
        #expect(decoding.spans.isEmpty)
        #expect(decoding.problems == ["line 1, column 1: the object has no resourceSpans"])
    }

    @Test("a span without a duration was not finished")
    func unfinished() {
        let decoding = Decoding(client.replacing("\"duration\":386000,", with: ""))
        #expect(decoding.spans.first?.span.endUnixNanoseconds == 0, "a missing time stays 0")
        #expect(decoding.problems.isEmpty)
    }

    @Test("only the part that makes no sense is lost, and it is reported")
    func nonsense() {
        let text = client.replacing("386000", with: "\"soon\"").replacing(
            #"[{"timestamp":1458702548467001,"value":"ws"}]"#,
            with: "[7]"
        )
        let decoding = Decoding("[\(text),\(server.replacing("bd7a977555f6b982", with: "zz"))]")
        #expect(decoding.names == ["get"])
        #expect(decoding.decoder.problemCount == 3)
    }
}
