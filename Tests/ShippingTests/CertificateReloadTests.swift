import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Certificates that are replaced", .needs(.nginx, .openssl), .generousTimeLimit)
struct CertificateReloadTests {
    /// A server that requires a client certificate, and copies of the files that a client needs.
    private final class Setup: Sendable {
        let server: FaultServer
        let front: NginxFront
        let folder = TemporaryFolder("tls")

        init() async throws {
            server = try FaultServer(.ok)
            var options = NginxFront.Options()
            options.requiresClientCertificate = true
            front = try await NginxFront(to: server.port, options)
            try put("ca.pem", front.certificates.certificate(.authority))
            try showClient(.client)
        }

        func put(_ name: String, _ path: String) throws {
            try folder.put(name, try FileSystem.read(path).get())
        }

        func showClient(_ name: Certificates.Name) throws {
            try put("client.pem", front.certificates.certificate(name))
            try put("client.key", front.certificates.key(name))
        }

        func run() throws -> ShippingRun {
            var exporter = OTLPExporter(url: "\(front.url)/v1/traces")
            exporter.certificateFile = folder.path("ca.pem")
            exporter.clientCertificateFile = folder.path("client.pem")
            exporter.clientKeyFile = folder.path("client.key")
            return try ShippingRun([.otlp(exporter)], batch: .onDemand)
        }

        func stop() {
            front.stop()
            server.stop()
        }
    }

    private func accountAfterOneMore(_ run: ShippingRun) -> ShippingAccount.Destination {
        run.record(1)
        return run.flush(.milliseconds(100)).destinations[0]
    }

    @Test("a new certificate and key of the client are used for the next connection, which replaces the old one")
    func client() async throws {
        let setup = try await Setup()
        defer { setup.stop() }
        let run = try setup.run()
        run.record(2)
        #expect(run.flush().destinations.map(\.exported) == [2])
        try setup.showClient(.stranger)
        try await eventually("the server refuses the new certificate", accountAfterOneMore(run).dropped) {
            ($0[.status(400)] ?? 0) > 0
        }
        try setup.showClient(.client)
        let exported = run.shipper.account().destinations[0].exported
        try await eventually("the server accepts it again", accountAfterOneMore(run).exported) { $0 > exported }
        #expect(run.shutdown().isBalanced)
    }

    @Test("a new file of authorities is used; while it does not fit the server, nothing is lost")
    func authority() async throws {
        let setup = try await Setup()
        defer { setup.stop() }
        let run = try setup.run()
        run.record(2)
        #expect(run.flush().destinations.map(\.exported) == [2])
        try setup.put("ca.pem", setup.front.certificates.certificate(.stranger))
        try await eventually("the server is not trusted", accountAfterOneMore(run).failure ?? "") {
            $0.contains("certificate")
        }
        try setup.folder.put("ca.pem", Array("half of a file".utf8))
        _ = accountAfterOneMore(run)
        try setup.put("ca.pem", setup.front.certificates.certificate(.authority))
        let account = run.shutdown()
        #expect(account.destinations[0].droppedCount == 0)
        #expect(account.destinations[0].exported == account.created)
        #expect(account.isBalanced)
    }
}
