import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Delivery over gRPC, and to receivers that want another protocol", .generousTimeLimit)
struct GRPCDeliveryTests {
    private static let transports = [Transport.grpc, .grpcOverSocket]

    @Test(
        "small bodies are sent uncompressed, metadata in lower case, and fields that gRPC does not allow are reported"
    )
    func smallBodies() throws {
        let server = try FaultServer(.grpc, .ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand) { exporter in
            exporter.url += "/v1/traces"
            exporter.headers = [
                HTTPHeader(name: "X-Key", value: "secret"), HTTPHeader(name: "a-bin", value: "\u{1}"),
                HTTPHeader(name: "grpc-timeout", value: "1S"),
            ]
            exporter.timeout = .zero
        }
        run.record(1)
        run.shutdown()
        let request = try #require(server.requests.first)
        #expect(request.frameFlag == 0 && request["grpc-encoding"] == nil)
        #expect(
            request.headers.contains { $0 == ("x-key", "secret") }
                && request.headers.contains { $0 == ("a-bin", "AQ==") }
        )
        #expect(request["grpc-timeout"] != "1S")
        #expect(request.path == OTLPSignal.traces.servicePath)
        #expect(run.log.count { $0.contains("gRPC does not allow the header grpc-timeout") } == 1, "\(run.log)")
        #expect(run.log.count { $0.contains("the path '/v1/traces' of the URL is ignored") } == 1)
        #expect(!run.log.joined().contains("secret"))
    }

    /// A field of a request: its value in one whose message is compressed, and in one whose message is not; nil if it is missing.
    struct Field: Sendable, CustomTestStringConvertible {
        let name: String
        let compressed: String?
        let plain: String?
        var testDescription: String { name }

        init(_ name: String, _ compressed: String?, plain: String?) {
            (self.name, self.compressed, self.plain) = (name, compressed, plain)
        }

        /// The same value in both.
        init(_ name: String, _ value: String?) { self.init(name, value, plain: value) }
    }

    @Test(
        "a request has the fields of gRPC, and none of those that libcurl would add",
        arguments: [
            Field("content-type", "application/grpc"), Field("te", "trailers"),
            Field("grpc-encoding", "gzip", plain: nil), Field("grpc-accept-encoding", "gzip,identity"),
            Field("content-encoding", nil), Field("accept", nil), Field("accept-encoding", nil), Field("expect", nil),
            Field("user-agent", OTLPExporter(url: "").userAgent),
        ]
    )
    func fields(field: Field) throws {
        for isCompressed in [true, false] {
            let server = try FaultServer(.grpc, .ok)
            defer { server.stop() }
            let run = try ShippingRun(to: server, batch: .onDemand) { exporter in
                exporter.compression = isCompressed ? .gzip() : .none
            }
            run.record(100)
            run.shutdown()
            let request = try #require(server.requests.first)
            #expect(request.method == "POST" && request.frameFlag == (isCompressed ? 1 : 0))
            #expect(request[field.name] == (isCompressed ? field.compressed : field.plain))
        }
    }

    @Test("each attempt has the time that is left, and without a limit there is no field for it")
    func timeouts() throws {
        let server = try FaultServer(.grpc, .delay(.milliseconds(50), then: .grpc(14)), .ok)
        defer { server.stop() }
        func timeouts(_ timeout: Duration) throws -> [String?] {
            let run = try ShippingRun(to: server) { $0.timeout = timeout }
            run.record(1)
            try eventually("the span is exported", run.shipper.account().destinations[0].exported) { $0 == 1 }
            run.shutdown()
            defer { server.forgetRequests() }
            return server.requests.map { $0["grpc-timeout"] }
        }
        let limited = try timeouts(.generous).compactMap { $0.flatMap { Int($0.dropLast()) } }
        try #require(limited.count == 2)
        #expect(limited[1] <= limited[0] - 49, "the answer took 50 ms")
        let unlimited = try timeouts(.zero)
        #expect(unlimited == [nil])
    }

    @Test("after a restart of the receiver, what it has received is what is counted", arguments: transports)
    func restarts(transport: Transport) throws {
        let server = try FaultServer(transport, .ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server) { $0.parallelRequests = 8 }
        for round in 0..<3 {
            run.record(2_000, from: round * 4_000)
            _ = run.flush()
            server.pause()
            run.record(2_000, from: round * 4_000 + 2_000)
            try eventually("the outage is noticed", run.shipper.isFailing) { $0 }
            try server.resume()
        }
        let account = run.shutdown()
        #expect(account.isBalanced && account.destinations[0].exported == 12_000)
        #expect(Set(server.numbers) == Set(0..<12_000))
        #expect(server.numbers.count <= 12_000 + Int(account.destinations[0].possiblyDuplicated))
    }

    @Test(
        "after a status that is retried, the same bytes are sent again",
        arguments: [1, 4, 10, 11, 14, 15],
        transports
    )
    func retries(code: Int, transport: Transport) throws {
        let server = try FaultServer(transport, .grpc(code, "later"), .ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand)
        run.record(10)
        let account = run.shutdown()
        #expect(account.destinations[0].exported == 10 && account.destinations[0].possiblyDuplicated == 0)
        #expect(server.requests.count == 2 && Set(server.requests.map(\.body)).count == 1)
        let reason = "gRPC status \(code) (\(GRPCStatus.name(of: code))): later"
        #expect(run.log.contains { $0.contains("\(reason); trying again; 10 spans wait") }, "\(run.log)")
    }

    @Test(
        "after any other status, spans are dropped at once, counted and logged",
        arguments: [2, 3, 5, 6, 7, 8, 9, 12, 13, 16]
    )
    func refusals(code: Int) throws {
        let server = try FaultServer(.grpc, .grpc(code, "bad\nspan", status: code == 13 ? 400 : 200))
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand)
        run.record(10)
        let account = run.shutdown()
        #expect(server.requests.count == 1)
        #expect(account.destinations[0].dropped == [.grpcStatus(code): 10])
        let name = GRPCStatus.name(of: code)
        #expect(
            run.log.contains { $0.hasSuffix("10 spans dropped (\(name): gRPC status \(code) (\(name)): bad span)") },
            "\(run.log)"
        )
    }

    @Test("RetryInfo delays the next attempt, and allows one after RESOURCE_EXHAUSTED", arguments: [8, 14])
    func retryInfo(code: Int) throws {
        let server = try FaultServer(.grpc, .grpc(code, retryDelay: .milliseconds(700)), .ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand)
        run.record(10)
        #expect(run.shutdown().destinations[0].exported == 10)
        let times = server.requests.map(\.arrival)
        try #require(times.count == 2)
        #expect(times[0].duration(to: times[1]) >= .milliseconds(700), "not earlier, not even during a shutdown")
        #expect(run.log.contains { $0.contains("the receiver asks to wait") })
    }

    @Test("a message that is larger than the receiver's limit is split until it fits", arguments: [8, 11], transports)
    func splitting(code: Int, transport: Transport) throws {
        let server = try FaultServer(transport) { request, _ in
            (request.decodedBody?.count ?? 0) > 20_000
                ? .grpc(code, "decoded message length too large: found 30000 bytes, the limit is: 20000 bytes") : .ok
        }
        defer { server.stop() }
        let run = try ShippingRun(to: server)
        run.record(500)
        #expect(run.shutdown().destinations[0].exported == 500)
    }

    @Test("a message that is too long, or a gzip bomb, does not matter after a success")
    func longAnswers() throws {
        let server = try FaultServer(.grpc, .gzipBomb(), .bigBody())
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand)
        run.record(10)
        #expect(run.flush().destinations[0].exported == 10)
        run.record(10)
        #expect(run.shutdown().destinations[0].dropped == [.answerTooLarge: 10], "the status comes after the message")
    }

    @Test(
        "an end of the stream is retried, and an announced end of the connection costs nothing",
        arguments: transports
    )
    func streams(transport: Transport) throws {
        let server = try FaultServer(transport) { _, number in
            switch number % 4 {
            case 0: .goAway()
            // REFUSED_STREAM and INTERNAL_ERROR.
            case 1: .resetStream(7)
            case 2: .resetStream(2)
            default: .ok
            }
        }
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand)
        for round in 0..<10 {
            run.record(10, from: round * 10)
            #expect(run.flush().destinations[0].exported == UInt64(10 * (round + 1)))
        }
        let account = run.shutdown()
        #expect(account.isBalanced && account.destinations[0].exported == 100)
        #expect(Set(server.numbers) == Set(0..<100))
    }

    @Test("a receiver that ends its connection after each answer gets every span once", arguments: transports)
    func goAwayAfterAnswers(transport: Transport) throws {
        let server = try FaultServer(transport, .goAway(.ok))
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand)
        for round in 0..<20 {
            run.record(10, from: round * 10)
            #expect(run.flush().destinations[0].exported == UInt64(10 * (round + 1)))
        }
        let account = run.shutdown()
        #expect(account.isBalanced && account.destinations[0].possiblyDuplicated == 0)
        #expect(server.numbers.sorted() == Array(0..<200))
        #expect(run.log.isEmpty, "\(run.log)")
    }

    @Test(
        "if the answer is lost when the receiver ends the connection, each repeated span is counted",
        arguments: transports
    )
    func goAwayMidAnswer(transport: Transport) throws {
        let server = try FaultServer(transport, .goAwayMidAnswer(.ok), .ok)
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand)
        run.record(10)
        let account = run.shutdown()
        #expect(account.isBalanced && account.destinations[0].exported == 10)
        // libcurl 7.88 loses the message and the status. 8.11 shows both, and nothing is repeated.
        let repeated = server.numbers.count - 10
        #expect(repeated == 0 || repeated == 10)
        #expect(account.destinations[0].possiblyDuplicated == UInt64(repeated))
        #expect(Set(server.numbers) == Set(0..<10))
    }

    @Test("requests are sent in parallel, and all arrive once")
    func parallel() throws {
        let server = try FaultServer(.grpc, .delay(.milliseconds(20), then: .ok))
        defer { server.stop() }
        let run = try ShippingRun(to: server) { $0.parallelRequests = 8 }
        run.record(20_000)
        let account = run.shutdown()
        #expect(account.destinations[0].exported == 20_000 && account.destinations[0].possiblyDuplicated == 0)
        #expect(server.numbers.sorted() == Array(0..<20_000))
    }

    @Test("a URL without a scheme in code is a wrong setting, which is reported")
    func noScheme() throws {
        let run = try ShippingRun([.otlp(OTLPExporter(url: "collector.test:4317", protocol: .grpc))], batch: .onDemand)
        run.record(1)
        let account = run.shutdown(.seconds(1))
        #expect(account.destinations[0].dropped == [.settings: 1])
        #expect(run.log.contains { $0.contains("has no scheme; write http://collector.test:4317") }, "\(run.log)")
    }

    // MARK: Receivers that want another protocol

    /// Accepts one content type; answers 415 to the others.
    private static func picky(_ type: String) -> @Sendable (ReceivedRequest, Int) -> Answer {
        { request, _ in request["content-type"] == type ? .ok : .status(415) }
    }

    @Test(
        "after 415 the other encoding is used, which is said once, and nothing is lost",
        arguments: [Transport.json, .protobuf, .jsonOverSocket],
        [false, true]
    )
    func otherEncoding(transport: Transport, hasSpool: Bool) throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let wanted = transport.isJSON ? "application/x-protobuf" : "application/json"
        let server = try FaultServer(transport, answer: Self.picky(wanted))
        defer { server.stop() }
        let spool = hasSpool ? SpoolConfiguration(directory: folder.path("spool")) : nil
        let run = try ShippingRun(to: server, spool: spool)
        for round in 0..<5 {
            run.record(500, from: round * 500)
            _ = run.flush()
        }
        let account = run.shutdown()
        #expect(account.isBalanced && account.destinations[0].exported == 2_500)
        #expect(account.destinations[0].possiblyDuplicated == 0)
        let taken = server.requests.filter { $0["content-type"] == wanted }
        #expect(taken.flatMap(\.numbers).sorted() == Array(0..<2_500))
        #expect(server.requests.count - taken.count <= 4, "those in flight at once")
        let name = transport.isJSON ? "http/protobuf" : "http/json"
        #expect(run.log.count == 1 && run.log[0].contains("so \(name) is used from now on"), "\(run.log)")
        if hasSpool { #expect(FileSystem.names(in: folder.path("spool")).isEmpty) }
    }

    @Test("a receiver that refuses both encodings gets few requests, and the drop is counted")
    func neitherEncoding() throws {
        let server = try FaultServer(.status(415))
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand)
        run.record(10)
        #expect(run.shutdown().destinations[0].dropped == [.status(415): 10])
        #expect(server.requests.count <= 5)
    }

    @Test(
        "JSON for a port of gRPC is converted and sent over gRPC, which is said once, also from the spool",
        arguments: transports,
        [OTLPProtocol.httpJSON, .httpProtobuf]
    )
    func grpcPort(transport: Transport, configured: OTLPProtocol) throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let spool = SpoolConfiguration(directory: folder.path("spool"))
        let server = try FaultServer(transport, .ok)
        defer { server.stop() }
        server.pause()
        func run() throws -> ShippingRun {
            try ShippingRun(to: server, spool: spool) { exporter in
                exporter.url += "/v1/traces"
                exporter.protocol = configured
            }
        }
        let first = try run()
        first.record(1_000)
        first.shutdown(.milliseconds(300))
        try server.resume()
        let second = try run()
        second.record(1_000, from: 1_000)
        try eventually("2,000 spans are exported", second.shipper.account().destinations[0].exported) { $0 == 2_000 }
        let account = second.shutdown()
        #expect(account.isBalanced && account.destinations[0].droppedCount == 0)
        #expect(server.numbers.sorted() == Array(0..<2_000))
        #expect(server.requests.allSatisfy { $0.path == OTLPSignal.traces.servicePath })
        #expect(second.log.count { $0.contains("so grpc is used from now on") } == 1, "\(second.log)")
        #expect(FileSystem.names(in: folder.path("spool")).isEmpty)
    }

    @Test("files of an earlier process in the other encoding arrive", arguments: [Transport.protobuf, .grpc, .json])
    func otherFiles(transport: Transport) throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let closed = try RefusedPort()
        let spool = SpoolConfiguration(directory: folder.path("spool"))
        var exporter = OTLPExporter(url: "\(closed.url)/v1/traces")
        exporter.encoding = transport.isJSON ? .protobuf : .json
        let first = try ShippingRun([.otlp(exporter)], spool: spool)
        first.record(700)
        first.shutdown(.milliseconds(300))
        let server = try FaultServer(transport, .ok)
        defer { server.stop() }
        let second = try ShippingRun(to: server, spool: spool)
        try eventually("700 spans are exported", second.shipper.account().destinations[0].exported) { $0 == 700 }
        #expect(second.shutdown().isBalanced)
        #expect(server.numbers.sorted() == Array(0..<700))
    }
}
