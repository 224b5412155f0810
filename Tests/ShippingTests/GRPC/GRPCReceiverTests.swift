import SpanKitHTTP
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Real receivers of gRPC", .generousTimeLimit)
struct GRPCReceiverTests {
    @Test("rotel gets every span, compressed or not", .needs(.rotel), arguments: [Compression.gzip(), .none])
    func rotel(compression: Compression) async throws {
        let rotel = try await Receiver.rotel()
        defer { rotel.stop() }
        var exporter = OTLPExporter(url: rotel.grpcURL, protocol: .grpc)
        exporter.compression = compression
        let run = try ShippingRun([.otlp(exporter)])
        run.record(5_000)
        let account = run.shutdown()
        #expect(account.destinations[0].exported == 5_000 && account.isBalanced, "\(run.log)")
        try await eventually("rotel prints 5,000 spans", rotel.spanCount) { $0 >= 5_000 }
        #expect(rotel.spanCount == 5_000)
    }

    @Test("rotel reads the scope of each span", .needs(.rotel), arguments: OTLPProtocol.allCases)
    func scopes(transport: OTLPProtocol) async throws {
        let rotel = try await Receiver.rotel()
        defer { rotel.stop() }
        let url = transport == .grpc ? rotel.grpcURL : "\(rotel.url)/v1/traces"
        let run = try ShippingRun([.otlp(OTLPExporter(url: url, protocol: transport))], batch: .onDemand)
        let profiler = PerformanceProfiler(recorder: run.recorder, log: .silent)
        let library = profiler.scoped(
            to: InstrumentationScope(name: "lib", version: "1.2", attributes: [Attribute("channel", "beta")])
        )
        for _ in 0..<100 { profiler.profile("work") { library.profile("query") {} } }
        let account = withExtendedLifetime(library) { run.shutdown() }
        #expect(account.destinations[0].exported == 200 && account.isBalanced, "\(run.log)")
        try await eventually("rotel prints 200 spans", rotel.spanCount) { $0 >= 200 }
        // It prints each scope, followed by its spans.
        let scopes = rotel.output.components(separatedBy: "ScopeSpans #").dropFirst()
        #expect(scopes.count == 2)
        let isRight = scopes.allSatisfy { $0.contains("query") == $0.contains("lib 1.2") }
        #expect(isRight, "\(scopes.map { $0.prefix(300) })")
    }

    @Test(
        "JSON for rotel's port of gRPC is converted and arrives",
        .needs(.rotel),
        arguments: [OTLPProtocol.httpJSON, .httpProtobuf]
    )
    func wrongProtocol(configured: OTLPProtocol) async throws {
        let rotel = try await Receiver.rotel()
        defer { rotel.stop() }
        let run = try ShippingRun([.otlp(OTLPExporter(url: "\(rotel.grpcURL)/v1/traces", protocol: configured))])
        run.record(1_000)
        let account = run.shutdown()
        #expect(account.destinations[0].exported == 1_000, "\(run.log)")
        #expect(run.log.count { $0.contains("so grpc is used from now on") } == 1, "\(run.log)")
        try await eventually("rotel prints 1,000 spans", rotel.spanCount) { $0 >= 1_000 }
        #expect(rotel.spanCount == 1_000)
    }

    @Test("a message above rotel's limit of 4 MiB is split until it fits", .needs(.rotel))
    func largeMessages() async throws {
        let rotel = try await Receiver.rotel()
        defer { rotel.stop() }
        var exporter = OTLPExporter(url: rotel.grpcURL, protocol: .grpc)
        exporter.bodyBytes = 64 * 1_024 * 1_024
        exporter.compression = .none
        var batch = BatchSettings.onDemand
        batch.maximumSpans = 1_000
        let run = try ShippingRun([.otlp(exporter)], batch: batch)
        for number in 0..<200 {
            let span = run.recorder.begin("work")
            span.set("number", number)
            span.set("text", String(repeating: "x", count: 50_000))
            span.end()
        }
        let account = run.shutdown()
        #expect(account.destinations[0].exported == 200 && account.isBalanced, "\(account) \(run.log)")
        try await eventually("rotel prints 200 spans", rotel.spanCount) { $0 >= 200 }
    }

    @Test(
        "spans arrive through a proxy with TLS, client certificates and GOAWAY, and each repetition is counted",
        .needs(.nginx, .openssl, .rotel)
    )
    func tlsFront() async throws {
        let rotel = try await Receiver.rotel()
        defer { rotel.stop() }
        var options = NginxFront.Options()
        options.grpcRequests = 10
        options.requiresClientCertificate = true
        let front = try await NginxFront(to: rotel.grpcPort, options)
        defer { front.stop() }
        var exporter = OTLPExporter(url: front.url, protocol: .grpc)
        exporter.certificateFile = front.certificates.certificate(.authority)
        exporter.clientCertificateFile = front.certificates.certificate(.client)
        exporter.clientKeyFile = front.certificates.key(.client)
        let run = try ShippingRun([.otlp(exporter)], batch: .onDemand)
        for round in 0..<100 {
            run.record(20, from: round * 20)
            #expect(run.flush().destinations[0].exported == UInt64(20 * (round + 1)), "\(run.log)")
        }
        let account = run.shutdown()
        #expect(account.isBalanced && account.destinations[0].droppedCount == 0)
        // libcurl 7.88.1 reports an answer that comes with GOAWAY as a cut connection. What is sent again is counted.
        let most = 2_000 + Int(account.destinations[0].possiblyDuplicated)
        try await eventually("rotel prints 2,000 spans", rotel.spanCount) { $0 >= 2_000 }
        #expect((2_000...most).contains(rotel.spanCount))
    }

    @Test("requests in parallel share a connection with TLS", .needs(.nginx, .openssl, .rotel))
    func parallelTLS() async throws {
        let rotel = try await Receiver.rotel()
        defer { rotel.stop() }
        var options = NginxFront.Options()
        options.grpcRequests = 1_000
        let front = try await NginxFront(to: rotel.grpcPort, options)
        defer { front.stop() }
        var exporter = OTLPExporter(url: front.url, protocol: .grpc)
        exporter.certificateFile = front.certificates.certificate(.authority)
        exporter.parallelRequests = 8
        let run = try ShippingRun([.otlp(exporter)])
        run.record(20_000)
        let account = run.shutdown()
        #expect(account.destinations[0].exported == 20_000 && account.destinations[0].possiblyDuplicated == 0)
        try await eventually("rotel prints 20,000 spans", rotel.spanCount) { $0 >= 20_000 }
        #expect(rotel.spanCount == 20_000)
        #expect(front.connections.count > 1 && Set(front.connections).count == 1)
    }

    @Test(
        "a request that times out ends only its stream, and the next one uses the same connection",
        .needs(.nginx, .openssl)
    )
    func timeoutTLS() async throws {
        let server = try FaultServer(.grpc, .ok, .neverAnswer, .ok)
        defer { server.stop() }
        var options = NginxFront.Options()
        options.grpcRequests = 1_000
        let front = try await NginxFront(to: server.port, options)
        defer { front.stop() }
        var exporter = OTLPExporter(url: front.url, protocol: .grpc)
        exporter.certificateFile = front.certificates.certificate(.authority)
        exporter.timeout = .seconds(1)
        let run = try ShippingRun([.otlp(exporter)])
        for round in 0..<2 {
            run.record(10, from: round * 10)
            try await eventually("spans are exported", run.shipper.account().destinations[0].exported) {
                $0 == UInt64(10 * (round + 1))
            }
        }
        #expect(run.shutdown().isBalanced)
        #expect(Set(server.numbers) == Set(0..<20))
        try await eventually("nginx has noted all requests", front.connections.count) { $0 >= 3 }
        #expect(Set(front.connections).count == 1)
    }

    @Test(
        "a server with TLS that does not speak HTTP/2 is never a success, and nothing is dropped",
        .needs(.nginx, .openssl)
    )
    func withoutHTTP2() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let front = try await NginxFront(to: server.port)
        defer { front.stop() }
        var exporter = OTLPExporter(url: front.url, protocol: .grpc)
        exporter.certificateFile = front.certificates.certificate(.authority)
        let run = try ShippingRun([.otlp(exporter)], batch: .onDemand)
        run.record(10)
        let account = run.shutdown(.seconds(1))
        #expect(account.isBalanced)
        #expect(account.destinations[0].exported == 0 && account.destinations[0].droppedCount == 0, "\(account)")
    }

    @Test("a proxy whose receiver is away is retried, and an unknown authority is named", .needs(.nginx, .openssl))
    func absentBehindFront() async throws {
        let away = try RefusedPort()
        var options = NginxFront.Options()
        options.grpcRequests = 10
        let front = try await NginxFront(to: away.port, options)
        defer { front.stop() }
        var exporter = OTLPExporter(url: front.url, protocol: .grpc)
        exporter.certificateFile = front.certificates.certificate(.authority)
        let run = try ShippingRun([.otlp(exporter)])
        run.record(10)
        let account = run.shutdown(.seconds(1))
        #expect(account.destinations[0].droppedCount == 0 && account.destinations[0].undelivered == 10, "\(account)")
        #expect(run.log.contains { $0.contains("trying again") }, "\(run.log)")
        let untrusted = OTLPExporter(url: front.url, protocol: .grpc).post(
            [],
            .traces,
            spanCount: 0,
            timeout: .generous
        )
        guard case .noConnection(.tls, _) = untrusted.failure else {
            Issue.record("\(untrusted)")
            return
        }
    }

    @Test("if a receiver ends, the undelivered spans wait", .needs(.rotel))
    func ends() async throws {
        let rotel = try await Receiver.rotel()
        let run = try ShippingRun([.otlp(OTLPExporter(url: rotel.grpcURL, protocol: .grpc))])
        run.record(1_000)
        _ = run.flush()
        rotel.stop()
        run.record(1_000, from: 1_000)
        try await eventually("the outage is noticed", run.shipper.isFailing) { $0 }
        let account = run.shutdown(.milliseconds(500))
        #expect(account.isBalanced)
        #expect(account.destinations[0].exported == 1_000 && account.destinations[0].undelivered == 1_000)
    }
}
