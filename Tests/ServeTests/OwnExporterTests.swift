import Foundation
import SpanKit
import SpanKitInputs
import SpanKitShipping
import SpanKitTestSupport
import Testing

@testable import SpanKitServe
@testable import SpanKitStore

/// The faults that the tests of `Shipping` make, with `spankit serve` as the receiver.
@Suite("The own exporter and spankit serve", .generousTimeLimit)
struct OwnExporterTests {
    private static func telemetry(
        to url: String,
        every delay: Duration = .milliseconds(20),
        _ configure: (inout OTLPExporter) -> Void = { _ in }
    ) -> Telemetry {
        var configuration = TelemetryConfiguration()
        var exporter = OTLPExporter(url: "\(url)/v1/traces", protocol: .httpProtobuf)
        exporter.keepsFor = .generous * 10
        configure(&exporter)
        configuration.exporters = [.otlp(exporter)]
        configuration.batch.scheduleDelay = delay
        configuration.shutsDownAtExit = false
        return Telemetry.start(configuration, log: .silent)
    }

    /// Records spans with a number each.
    private static func record(_ numbers: Range<Int>, _ telemetry: Telemetry) {
        for number in numbers { telemetry.profiler.profile("work") { $0.set("number", number) } }
    }

    /// The numbers of all spans that a server gives back.
    private static func numbers(of serve: ServeProcess) async throws -> [Int] {
        let answer = try await serve.exchange("GET", "/api/export?signals=traces")
        #expect(answer.status == 200)
        var numbers: [Int] = []
        func add(_ span: DecodedSpan) {
            for attribute in span.span.attributes {
                if attribute.key == "number", case .int(let number) = attribute.value { numbers.append(Int(number)) }
            }
        }
        var decoder = TraceDecoder()
        decoder.decode(answer.body, add)
        decoder.finish(add)
        return numbers.sorted()
    }

    @Test(
        "a server that is killed while it receives, and started again later, has every span once, and none is reported as lost"
    )
    func survivesKills() async throws {
        let folder = TemporaryFolder("own-exporter")
        let store = ["--store", folder.path("store.sqlite")]
        let port = try RefusedPort()
        let telemetry = Self.telemetry(to: port.url)
        let part = 3_000
        var serve = try await ServeProcess(store, port: port.port)
        for round in 0..<5 {
            let received = try parsed(try await serve.exchange("GET", "/api/status").text)["received"] as? [String: Any]
            let before = received?["spans"] as? Int ?? 0
            async let recorded: Void = onThread { Self.record(round * 2 * part..<(round * 2 + 1) * part, telemetry) }
            try await eventually("spans arrive", try await serve.exchange("GET", "/api/status").text) {
                let received = try parsed($0)["received"] as? [String: Any]
                return received?["spans"] as? Int ?? 0 > before
            }
            serve.send(SIGKILL)
            #expect(try await serve.status() == 128 + SIGKILL)
            try await recorded
            // An outage: these are recorded while no server runs.
            try await onThread { Self.record((round * 2 + 1) * part..<(round * 2 + 2) * part, telemetry) }
            try await eventually("the exporter notices", telemetry.account.destinations.first?.failure) { $0 != nil }
            serve = try await ServeProcess(store, port: port.port)
        }
        let account = await telemetry.shutdown(within: .generous)
        #expect(account.isBalanced)
        let destination = try #require(account.destinations.first)
        #expect(account.created == 10 * UInt64(part) && destination.exported == account.created)
        #expect(destination.dropped.isEmpty && destination.undelivered == 0 && destination.unacknowledged == 0)
        #expect(try await Self.numbers(of: serve) == Array(0..<10 * part))
    }

    @Test("under pressure, the server asks for a second, which the exporter waits; then everything arrives once")
    func obeysRetryAfter() async throws {
        let server = try await RunningBackend()
        let telemetry = Self.telemetry(to: server.url, every: .generous) { $0.timeout = .zero }
        var ticket = server.backend.admission.admit(Admission.byteLimit)
        let start = ContinuousClock.now
        // One batch, so that there is one request at a time.
        Self.record(0..<100, telemetry)
        async let flushed = telemetry.flush(within: .generous)
        try await eventually("three requests are refused", server.backend.admission.refusedCount) { $0 >= 3 }
        // The second one came a second after the first one, the third one a second later.
        #expect(ContinuousClock.now - start >= .seconds(2))
        #expect(server.store.counts.spans == 0)
        withExtendedLifetime(ticket) {}
        ticket = nil
        let account = await flushed
        let destination = try #require(account.destinations.first)
        #expect(destination.exported == 100 && destination.dropped.isEmpty && destination.undelivered == 0)
        #expect(server.store.counts.spans == 100 && server.store.counts.repeatedSpans == 0)
        await telemetry.shutdown(within: .generous)
        try await server.stop()
    }

    @Test(
        "what the own exporter sends comes back as it was sent",
        .needs(.codecs),
        arguments: [OTLPProtocol.httpJSON, .httpProtobuf]
    )
    func keepsWhatTheOwnExporterSends(transport: OTLPProtocol) async throws {
        let recorder = try FaultServer(.ok)
        let telemetry = Self.telemetry(to: recorder.url) { $0.protocol = transport }
        telemetry.profiler.profile("outer") { outer in
            outer.set("text", "a \"quoted\" 😀 text")
            outer.set("ratio", 0.1)
            outer.set("count", Int.min)
            outer.addEvent("an event")
            Self.record(0..<50, telemetry)
            telemetry.profiler.profile("failed") { $0.setStatus(.error("declined")) }
        }
        let account = await telemetry.shutdown(within: .generous)
        #expect(account.destinations.first?.exported == 52)
        let sent = try recorder.requests.map { try #require(ProtobufJudge.Body($0)) }
        let server = try await RunningBackend()
        for (request, body) in zip(recorder.requests, sent) {
            let type = request["content-type"] ?? ""
            guard case .json(let bytes) = body else {
                guard case .protobuf(let bytes) = body else { continue }
                let answer = try await server.exchange(
                    "POST",
                    "/v1/traces",
                    headers: ["Content-Type: \(type)"],
                    body: bytes
                )
                #expect(answer.status == 200 && answer.body.isEmpty)
                continue
            }
            let answer = try await server.exchange(
                "POST",
                "/v1/traces",
                headers: ["Content-Type: \(type)"],
                body: bytes
            )
            #expect(answer.status == 200 && answer.text == "{}")
        }
        let before = try await ProtobufJudge.judge(sent).spans.sorted { $0.spanID < $1.spanID }
        let back = try await server.exchange("GET", "/api/export?signals=traces")
        let after = try await ProtobufJudge.judge([.jsonLines(back.body)]).spans.sorted { $0.spanID < $1.spanID }
        #expect(before.count == 52 && after == before)
        try await server.stop()
    }
}
