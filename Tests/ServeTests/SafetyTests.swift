import SpanKitTestSupport
import Testing

@testable import SpanKitServe
@testable import SpanKitStore

/// The table of attacks in the design of `spankit serve`, over raw sockets.
@Suite("Websites and other machines", .generousTimeLimit)
struct SafetyTests {
    @Test("a Host that is not an own name with the port is refused before routing")
    func checksHost() async throws {
        let server = try await RunningBackend()
        let port = server.port
        for host in ["127.0.0.1:\(port)", "localhost:\(port)", "LOCALHOST:\(port)", "[::1]:\(port)"] {
            #expect(try await server.raw(["GET /api/status HTTP/1.1", "Host: \(host)"]).status == 200, "\(host)")
        }
        let wrong = [
            "evil.example", "evil.example:\(port)", "127.0.0.1", "localhost", "127.0.0.1:1", "127.0.0.2:\(port)",
            "localhost:\(port)@evil.example", "localhost.evil.example:\(port)", "",
        ]
        for host in wrong {
            for path in ["/", "/api/status", "/v1/traces", "/nowhere"] {
                let answer = try await server.raw(["GET \(path) HTTP/1.1", "Host: \(host)"])
                #expect(answer.status == 403 || answer.status == 400, "\(host) \(path)")
            }
        }
        let own = "Host: 127.0.0.1:\(port)"
        let twice = try await server.raw(["GET /api/status HTTP/1.1", own, "Host: evil.example"])
        #expect(twice.status == 403 || twice.status == 400)
        #expect(try await server.raw(["GET /api/status HTTP/1.1", own, own]).status != 200)
        #expect(try await server.raw(["GET /api/status HTTP/1.1"]).status != 200)
        #expect(try await server.raw(["GET /api/status HTTP/1.0"]).status != 200)
        try await server.stop()
    }

    @Test(
        "page, API and agents answer no other origin and no other site",
        arguments: [
            "Origin: https://evil.example", "Origin: null", "Origin: http://localhost:1", "Origin: http://127.0.0.1",
            "Sec-Fetch-Site: cross-site",
        ]
    )
    func refusesOtherOrigins(header: String) async throws {
        let server = try await RunningBackend()
        for (method, path) in [("GET", "/"), ("GET", "/api/status"), ("POST", "/mcp"), ("OPTIONS", "/api/status")] {
            let answer = try await server.exchange(method, path, headers: [header])
            #expect(answer.status == 403, "\(method) \(path)")
            #expect(!answer.head.lowercased().contains("access-control-allow"))
        }
        try await server.stop()
    }

    @Test("the own page may use the API")
    func answersOwnOrigin() async throws {
        let server = try await RunningBackend()
        let headers = ["Origin: http://127.0.0.1:\(server.port)", "Sec-Fetch-Site: same-origin"]
        #expect(try await server.exchange("GET", "/api/status", headers: headers).status == 200)
        try await server.stop()
    }

    @Test("a link of another website opens the page, but a frame, an image or a script of it gets nothing")
    func allowsLinks() async throws {
        let server = try await RunningBackend()
        let link = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"]
        #expect(try await server.exchange("GET", "/", headers: link).status != 403)
        #expect(try await server.exchange("GET", "/api/status", headers: link).status == 403)
        let script = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"]
        #expect(try await server.exchange("GET", "/", headers: script).status == 403)
        try await server.stop()
    }

    @Test("browser SDKs of loopback origins and of --cors may send, after a preflight; others may not")
    func answersCORS() async throws {
        let server = try await RunningBackend(origins: ["https://app.example.com"])
        let json = ["Content-Type: application/json"]
        for origin in [
            "http://localhost:5173", "http://127.0.0.1:8080", "https://localhost", "http://[::1]:3000",
            "https://app.example.com",
        ] {
            let preflight = try await server.exchange(
                "OPTIONS",
                "/v1/traces",
                headers: [
                    "Origin: \(origin)", "Access-Control-Request-Method: POST",
                    "Access-Control-Request-Headers: content-type,x-custom",
                ]
            )
            #expect(preflight.status == 204, "\(origin)")
            let head = preflight.head.lowercased()
            #expect(head.contains("access-control-allow-origin: \(origin)"))
            #expect(head.contains("access-control-allow-headers: content-type,x-custom"))
            #expect(head.contains("vary: origin"))
            #expect(!head.contains("access-control-allow-credentials"))
            let sent = try await server.exchange(
                "POST",
                "/v1/traces",
                headers: ["Origin: \(origin)"] + json,
                body: Array("{}".utf8)
            )
            #expect(sent.status == 200, "\(origin)")
            #expect(sent.head.lowercased().contains("access-control-allow-origin: \(origin)"))
        }
        for origin in [
            "https://evil.example", "http://localhost.evil.example", "http://localhost:80.evil.example", "null",
            "https://app.example.com.evil.example", "http://app.example.com",
        ] {
            let preflight = ["Origin: \(origin)", "Access-Control-Request-Method: POST"]
            #expect(try await server.exchange("OPTIONS", "/v1/traces", headers: preflight).status == 403, "\(origin)")
            let sent = try await server.exchange(
                "POST",
                "/v1/traces",
                headers: ["Origin: \(origin)"] + json,
                body: Array("{}".utf8)
            )
            #expect(sent.status == 403, "\(origin)")
            #expect(!sent.head.lowercased().contains("access-control-allow"))
        }
        try await server.stop()
    }

    @Test("a request that needs no preflight is not accepted")
    func refusesSimpleRequests() async throws {
        let server = try await RunningBackend()
        for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", nil] {
            let headers = type.map { ["Content-Type: \($0)"] } ?? []
            let answer = try await server.exchange("POST", "/v1/traces", headers: headers, body: Array("{}".utf8))
            #expect(answer.status == 415, "\(type ?? "none")")
        }
        try await server.stop()
    }

    @Test(
        "every answer has the headers that keep a page from being used by others",
        arguments: ["/", "/api/status", "/x"]
    )
    func sendsHeaders(path: String) async throws {
        let server = try await RunningBackend()
        let head = try await server.exchange("GET", path).head.lowercased()
        for line in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                + "require-trusted-types-for 'script'",
            "x-content-type-options: nosniff", "cross-origin-resource-policy: same-origin",
            "referrer-policy: no-referrer",
        ] { #expect(head.contains("\r\n\(line)"), "\(line)") }
        try await server.stop()
    }

    @Test("with a token, every request needs it; the page gets a cookie that scripts and other sites cannot use")
    func checksToken() async throws {
        let token = "0123456789abcdef0123"
        let server = try await RunningBackend(token: token)
        for headers in [[], ["Authorization: Bearer wrong"], ["Cookie: spankit=wrong"], ["Cookie: other=\(token)"]] {
            #expect(try await server.exchange("GET", "/api/status", headers: headers).status == 401)
            let sent = try await server.exchange(
                "POST",
                "/v1/traces",
                headers: headers + ["Content-Type: application/json"],
                body: Array("{}".utf8)
            )
            #expect(sent.status == 401)
        }
        #expect(try await server.exchange("GET", "/?t=wrong").status == 401)
        let login = try await server.exchange("GET", "/?t=\(token)")
        #expect(login.status == 303)
        #expect(login.head.contains("spankit=\(token); Path=/; HttpOnly; SameSite=Strict"))
        for header in ["Authorization: Bearer \(token)", "Cookie: a=b; spankit=\(token)"] {
            #expect(try await server.exchange("GET", "/api/status", headers: [header]).status == 200)
        }
        try await server.stop()
    }

    @Test("headers above 80 KiB and a damaged request line are refused, and others are served")
    func boundsHeaders() async throws {
        let server = try await RunningBackend()
        let own = "Host: 127.0.0.1:\(server.port)"
        // The connection may be reset before the answer is read.
        let long = try? await server.raw(["GET / HTTP/1.1", own, "X: \(String(repeating: "x", count: 200_000))"])
        #expect(long == nil || long?.status == 400)
        #expect(try await server.raw(["NONSENSE", own]).status == 400)
        #expect(try await server.exchange("GET", "/api/status").status == 200)
        try await server.stop()
    }

    @Test("it listens on 127.0.0.1 only")
    func listensOnLoopback() async throws {
        let server = try await RunningBackend()
        // Lines of /proc/net: "0: ADDRESS:PORT REMOTE STATE …" in hexadecimal, state 0A for listening.
        let port = String(format: ":%04X", server.port)
        for (table, expected) in [("tcp", ["0100007F\(port)"]), ("tcp6", [])] {
            let lines = try String(contentsOfFile: "/proc/net/\(table)", encoding: .utf8).split(separator: "\n")
            let listening = lines.map { $0.split(separator: " ") }.filter { $0.count > 3 && $0[3] == "0A" }
            #expect(listening.map { String($0[1]) }.filter { $0.hasSuffix(port) } == expected, "\(table)")
        }
        try await server.stop()
    }

    @Test("clients that send half a request and wait are disconnected, and others are served meanwhile")
    func disconnectsIdleClients() async throws {
        let server = try await RunningBackend(idleTime: .seconds(3))
        let halves = try await onThread { [port = server.port] in
            try [
                "GET / HTTP/1.1\r\nHost: 127.0.0.1",
                "POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Type: ",
            ]
            .flatMap { half in
                try (0..<20).map { _ in
                    let socket = try LoopbackSocket(connectingTo: port)
                    socket.send(Array(half.utf8))
                    return socket
                }
            }
        }
        // On a busy machine, this client may be too slow as well.
        try await eventually("another client is served", try? await server.get("/api/status").status) { $0 == 200 }
        for socket in halves {
            let answer = try await onThread {
                defer { socket.close() }
                return try socket.receiveAll()
            }
            #expect(answer.isEmpty)
        }
        try await server.stop()
    }

    @Test("a body that comes byte by byte is refused after its time")
    func refusesSlowBodies() async throws {
        let server = try await RunningBackend(bodyTime: .milliseconds(200))
        let answer = try await onThread { [port = server.port] in
            let socket = try LoopbackSocket(connectingTo: port)
            defer { socket.close() }
            let head = ["POST /v1/traces HTTP/1.1", "Host: 127.0.0.1:\(port)", "Content-Type: application/json"]
            socket.send(Array((head + ["Content-Length: 100000", "", ""]).joined(separator: "\r\n").utf8))
            var answer: [UInt8] = []
            socket.setTimeLimit(.milliseconds(20))
            for _ in 0..<20_000 {
                socket.send([UInt8(ascii: " ")])
                // The time limit of the socket is the pause between two bytes.
                guard let bytes = try? socket.receive() else { continue }
                answer += bytes
                break
            }
            return answer
        }
        #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 408"))
        try await server.stop()
    }

    @Test(
        "values that are nested a hundred thousand times are refused or stored, in both encodings, and every view still answers"
    )
    func boundsNesting() async throws {
        let server = try await RunningBackend(redaction: nil)
        let depth = 100_000
        let span =
            "\"traceId\":\"\(PageSample.hex(5, 32))\",\"spanId\":\"\(PageSample.hex(5, 16))\",\"name\":\"deep\""
        let json =
            "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\(span),\"attributes\":[{\"key\":\"k\",\"value\":"
            + String(repeating: "{\"arrayValue\":{\"values\":[", count: depth) + String(repeating: "]}}", count: depth)
            + "}]}]}]}]}"
        let refused = try await server.exchange(
            "POST",
            "/v1/traces",
            headers: ["Content-Type: application/json"],
            body: Array(json.utf8)
        )
        #expect(refused.status == 400)
        // The innermost value first: each level is a field with a length.
        func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
            var field: [UInt8] = []
            OTLPAssembly.append(number, content, to: &field)
            return field
        }
        var value: [UInt8] = []
        for _ in 0..<2_000 { value = field(5, field(1, value)) }
        let attribute = field(1, Array("k".utf8)) + field(2, value)
        let ids = field(1, [UInt8](repeating: 5, count: 16)) + field(2, [UInt8](repeating: 5, count: 8))
        let body = field(1, field(2, field(2, ids + field(5, Array("deep".utf8)) + field(9, attribute))))
        let sent = try await server.exchange(
            "POST",
            "/v1/traces",
            headers: ["Content-Type: application/x-protobuf"],
            body: body
        )
        #expect(sent.status == 200 || sent.status == 400)
        let trace = String(repeating: "05", count: 16)
        for path in ["/api/traces?q=deep", "/api/operations?source=spans", "/api/errors", "/api/keys", "/api/export"] {
            #expect(try await server.exchange("GET", path).status == 200, "\(path)")
        }
        for path in ["/api/trace/\(trace)", "/api/trace/\(trace)/tree"] {
            #expect(try await server.exchange("GET", path).status == (sent.status == 200 ? 200 : 404), "\(path)")
        }
        try await server.stop()
    }

    @Test("a gRPC client gets a reason that it can print")
    func refusesGRPC() async throws {
        let server = try await RunningBackend()
        let answer = try await server.rawBytes(
            Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
        )
        // SETTINGS, then GOAWAY.
        #expect(answer.count > 18 && answer[3] == 4 && answer[12] == 7)
        #expect(String(decoding: answer, as: UTF8.self).contains("set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"))
        try await server.stop()
    }
}
