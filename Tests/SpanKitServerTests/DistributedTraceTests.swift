import Foundation
import SpanKitTestSupport
import Testing

/// A Hummingbird service and a caller with async-http-client, two processes that are instrumented with
/// swift-distributed-tracing alone.
@Suite("A trace over two processes", .generousTimeLimit)
struct DistributedTraceTests {
    @Test(
        "all spans of both arrive at a collector with their parents, and log lines name the trace",
        .needs(.rotel),
        .needs(.distributed)
    )
    func oneTrace() async throws {
        let collector = try await Receiver.rotel()
        defer { collector.stop() }
        let run = try await Command.run(
            program: #require(Example.distributed.path, "examples/distributed is not built; run: make examples"),
            environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.url]
        )
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("42 carrot, 7 leek, 83 potato"), "\(run.output)")

        let spans = try await collector.spans(atLeast: 14)
        try await eventually("rotel prints the log lines", collector.logBodies) {
            $0.contains("Str(asking for carrot, leek, potato)")
        }
        #expect(spans.count == 14)
        #expect(Set(spans.map(\.spanID)).count == 14, "none twice")
        let traceID = try #require(spans.first?.traceID)
        #expect(spans.allSatisfy { $0.traceID == traceID }, "one trace")
        for service in ["shop", "warehouse"] { #expect(collector.output.contains("service.name: Str(\(service))")) }

        let checkout = try #require(spans.first { $0.name == "checkout" })
        #expect(checkout.parentSpanID.isEmpty)
        let requests = spans.filter { $0.kind == 3 }
        #expect(requests.map(\.name) == ["GET", "GET", "GET", "GET"])
        #expect(requests.allSatisfy { $0.parentSpanID == checkout.spanID })
        let answers = spans.filter { $0.kind == 2 }
        let stock = answers.filter { $0.name == "/stock/{article}" }
        #expect(answers.count == 4 && stock.count == 3)
        #expect(Set(answers.map(\.parentSpanID)) == Set(requests.map(\.spanID)), "each request has its answer")
        let counts = spans.filter { $0.name == "count shelves" }
        #expect(Set(counts.map(\.parentSpanID)) == Set(stock.map(\.spanID)))
        let labelled = try #require(answers.first { $0.name == "/labels/{article}" })
        let labels = spans.filter { $0.name == "print label" }
        #expect(labels.count == 2 && labels.allSatisfy { $0.parentSpanID == labelled.spanID }, "of a streamed body")

        try Self.check(run.error.split(separator: "\n").map(String.init), traceID, spans)
    }

    @Test(
        "request counts and durations have exemplars with the ids of the requests' spans",
        .needs(.ddapm),
        .needs(.distributed)
    )
    func exemplars() async throws {
        let receiver = try await Receiver.ddapm()
        defer { receiver.stop() }
        let run = try await Command.run(
            program: #require(Example.distributed.path, "examples/distributed is not built; run: make examples"),
            environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_METRICS_EXPORTER": "otlp"]
        )
        #expect(run.status == 0, "\(run.error)")
        let spans = try await receiver.spans(atLeast: 14)
        let requests = spans.filter { $0.kind == 2 }.map { [$0.traceID, $0.spanID] }
        #expect(requests.count == 4)
        // The processes have ended, so that their last metrics have arrived.
        let exemplars = try receiver.exemplars()
        for metric in ["hb.requests", "http.server.request.duration"] {
            let found = exemplars.filter { $0.metric == metric }.map { [$0.traceID, $0.spanID] }
            #expect(!found.isEmpty && Set(found).isSubset(of: requests), "\(metric): \(found), requests \(requests)")
        }
        let counts = spans.filter { $0.name == "count shelves" }.map { [$0.traceID, $0.spanID] }
        let shelves = exemplars.filter { $0.metric == "warehouse.shelves.counted" }.map { [$0.traceID, $0.spanID] }
        #expect(!shelves.isEmpty && Set(shelves).isSubset(of: counts), "\(shelves)")
    }

    @Test(
        "a request's span, log lines and metrics arrive with one trace id, from one line of bootstrap",
        .needs(.distributed)
    )
    func threeSignals() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let run = try await Command.run(
            program: #require(Example.distributed.path, "examples/distributed is not built; run: make examples"),
            environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": server.url]
        )
        #expect(run.status == 0, "\(run.error)")
        let bodies = try server.requests.map { request in
            try JSONSerialization.jsonObject(with: Data(request.decodedBody ?? [])) as? [String: Any] ?? [:]
        }
        let spans = Self.records(bodies, "resourceSpans", "scopeSpans", "spans")
        let logs = Self.records(bodies, "resourceLogs", "scopeLogs", "logRecords")
        let metrics = Self.records(bodies, "resourceMetrics", "scopeMetrics", "metrics")
        let request = try #require(
            spans.first { $0["name"] as? String == "/stock/{article}" && $0["kind"] as? Int == 2 },
            "\(spans.count) spans"
        )
        let trace = try #require(request["traceId"] as? String)
        let step = try #require(
            spans.first {
                $0["name"] as? String == "count shelves"
                    && $0["parentSpanId"] as? String == request["spanId"] as? String
            }
        )
        for (span, text) in [(request, "Request"), (step, "counted ")] {
            let own = logs.filter { $0["spanId"] as? String == span["spanId"] as? String }
            let bodies = own.compactMap { ($0["body"] as? [String: Any])?["stringValue"] as? String }
            #expect(own.allSatisfy { $0["traceId"] as? String == trace })
            #expect(bodies.contains { $0.hasPrefix(text) }, "\(text): \(bodies)")
        }
        // Of several requests with the same attributes, an exemplar names one.
        let requests = spans.filter { $0["kind"] as? Int == 2 }.compactMap { $0["spanId"] as? String }
        let points = metrics.filter { $0["name"] as? String == "http.server.request.duration" }.flatMap { metric in
            ["histogram", "exponentialHistogram"].compactMap { metric[$0] as? [String: Any] }
                .flatMap { $0["dataPoints"] as? [[String: Any]] ?? [] }
        }
        let exemplars = points.flatMap { $0["exemplars"] as? [[String: Any]] ?? [] }
        #expect(!exemplars.isEmpty)
        for exemplar in exemplars {
            #expect(exemplar["traceId"] as? String == trace)
            #expect(requests.contains(exemplar["spanId"] as? String ?? ""))
        }
    }

    /// The spans, log records or metrics of all requests.
    private static func records(
        _ bodies: [[String: Any]],
        _ resources: String,
        _ scopes: String,
        _ records: String
    ) -> [[String: Any]] {
        bodies.flatMap { $0[resources] as? [[String: Any]] ?? [] }.flatMap { $0[scopes] as? [[String: Any]] ?? [] }
            .flatMap { $0[records] as? [[String: Any]] ?? [] }
    }

    /// The log lines written inside a span.
    private static func check(_ lines: [String], _ traceID: String, _ spans: [ReceivedSpan]) throws {
        let expected = [
            ("asking for carrot, leek, potato", "checkout"), ("42 of carrot", "checkout"),
            ("counted carrot", "count shelves"), ("Request", "/stock/{article}"),
        ]
        for (text, name) in expected {
            let line = try #require(lines.first { $0.contains("  \(text)  ") }, "\(lines)")
            #expect(line.contains(" trace=\(traceID)"), "\(line)")
            let spanID = try #require(line.firstMatch(of: /span=([0-9a-f]{16})/)?.1)
            #expect(spans.first { $0.spanID == spanID }?.name == name, "\(line)")
        }
        #expect(lines.filter { $0.contains("  warehouse  counted ") }.count == 3)
    }
}
