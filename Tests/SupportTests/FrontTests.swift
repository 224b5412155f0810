import SpanKitTestSupport
import Testing

@Suite("TLS fronts and proxies", .needs(.nginx, .openssl, .curl), .generousTimeLimit)
struct FrontTests {
    private func curl(_ arguments: String..., environment: [String: String] = [:]) async throws -> Command {
        let common = ["-s", "-S", "-m", "170", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "-d", "{}"]
        return try await Command.run(.curl, common + arguments, environment: environment)
    }

    @Test("a front forwards requests only of clients that trust its authority")
    func tls() async throws {
        let server = try FaultServer(.text(200, "x"))
        defer { server.stop() }
        let front = try await NginxFront(to: server.port)
        defer { front.stop() }
        let authority = front.certificates.certificate(.authority)
        let good = try await curl("--cacert", authority, front.url + "/v1/traces")
        #expect(good.status == 0, "\(good.error)")
        #expect(good.output == "200 ")
        #expect(server.requests.map(\.path) == ["/v1/traces"])
        #expect(server.requests.map(\.body) == [[0x7B, 0x7D]])
        let untrusted = try await curl("--cacert", front.certificates.certificate(.stranger), front.url)
        #expect(untrusted.status == 60)
        server.stop()
        #expect(try await curl("--cacert", authority, front.url).output == "502 ")
    }

    @Test(
        "expired certificates and those for another host are refused",
        arguments: [Certificates.Name.expired, .wrongHost]
    )
    func badCertificates(name: Certificates.Name) async throws {
        var options = NginxFront.Options()
        options.certificate = name
        let front = try await NginxFront(to: 9, options)
        defer { front.stop() }
        let failure = try await curl("--cacert", front.certificates.certificate(.authority), front.url)
        #expect(failure.status == 60)
        #expect(failure.error.contains(name == .expired ? "expired" : "127.0.0.1"), "\(failure.error)")
    }

    @Test("a front can require a client certificate or credentials")
    func clients() async throws {
        let server = try FaultServer()
        defer { server.stop() }
        var options = NginxFront.Options()
        options.requiresClientCertificate = true
        options.credentials = "me:secret"
        let front = try await NginxFront(to: server.port, options)
        defer { front.stop() }
        let files = front.certificates
        let authority = files.certificate(.authority)
        func call(_ name: Certificates.Name, _ user: String) async throws -> String {
            let shown = ["--cert", files.certificate(name), "--key", files.key(name)]
            return try await curl("--cacert", authority, shown[0], shown[1], shown[2], shown[3], "-u", user, front.url)
                .output
        }
        #expect(try await curl("--cacert", authority, front.url).output == "400 ")
        #expect(try await call(.stranger, "me:secret") == "400 ")
        #expect(try await call(.client, "me:wrong") == "401 ")
        #expect(try await call(.client, "me:secret") == "200 ")
        #expect(server.requests.map { $0["x-client-subject"] } == ["CN=spankit test client"])
    }

    @Test("a redirect is answered with another location")
    func redirect() async throws {
        var options = NginxFront.Options()
        options.redirect = "https://elsewhere.test/v1/traces"
        let front = try await NginxFront(to: 9, options)
        defer { front.stop() }
        let answer = try await curl("--cacert", front.certificates.certificate(.authority), front.url)
        #expect(answer.output == "301 https://elsewhere.test/v1/traces")
    }

    @Test("a proxy accepts absolute URLs and tunnels, and records both")
    func proxies() async throws {
        let server = try FaultServer()
        defer { server.stop() }
        let front = try await NginxFront(to: server.port)
        defer { front.stop() }
        let proxy = try ProxyServer(routes: ["collector.test:4318": server.port])
        defer { proxy.stop() }
        let environment = ["http_proxy": proxy.url, "https_proxy": proxy.url, "no_proxy": ""]
        let authority = front.certificates.certificate(.authority)
        let plain = try await curl("http://collector.test:4318/v1/traces", environment: environment)
        #expect(plain.output == "200 ")
        let tunnel = try await curl("--cacert", authority, front.url + "/x", environment: environment)
        #expect(tunnel.output == "200 ", "\(tunnel.error)")
        #expect(try await curl("http://nowhere.test/", environment: environment).output == "502 ")
        #expect(proxy.requests.map(\.method) == ["POST", "CONNECT", "POST"])
        #expect(
            proxy.requests.map(\.target).prefix(2) == [
                "http://collector.test:4318/v1/traces", "127.0.0.1:\(front.port)",
            ]
        )
        #expect(server.requests.map(\.path) == ["/v1/traces", "/x"])
        #expect(server.requests.map { $0["proxy-connection"] } == [nil, nil])
    }

    @Test("a proxy that requires credentials refuses requests without them")
    func proxyCredentials() async throws {
        let server = try FaultServer()
        defer { server.stop() }
        let proxy = try ProxyServer(authorization: "Basic dTpw")
        defer { proxy.stop() }
        #expect(try await curl("-x", proxy.url, server.url).output == "407 ")
        #expect(try await curl("-x", proxy.url, "--proxy-user", "u:p", server.url).output == "200 ")
        #expect(proxy.requests.map(\.authorization) == [nil, "Basic dTpw"])
        #expect(server.requests.count == 1)
    }
}
