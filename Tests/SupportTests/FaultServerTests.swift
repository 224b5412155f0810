import Foundation
import SpanKitTestSupport
import Testing

@Suite("The fault server behaves as its answers say", .generousTimeLimit)
struct FaultServerTests {
    private let body = Array(#"{"resourceSpans":[]}"#.utf8)

    @Test("a request is recorded as sent, and requests on a kept connection have the same number")
    func record() async throws {
        let server = try FaultServer()
        defer { server.stop() }
        let client = try RawClient(server.port)
        client.post(body, ["Content-Type: application/json", "X-Twice: 1", "x-twice: 2"], path: "/v1/traces?a=b")
        #expect(try client.reply().text == "{}")
        client.post(Gzip.compress(body), ["Content-Encoding: gzip"])
        #expect(try client.reply().status == 200)
        client.close()
        _ = try RawClient.exchange(server)
        let requests = try await server.requests(atLeast: 3)
        #expect(requests.map(\.connection) == [0, 0, 1])
        #expect(requests.map(\.method) == ["POST", "POST", "POST"])
        #expect(requests[0].path == "/v1/traces?a=b")
        #expect(requests[0].headers.map(\.name) == ["Host", "Content-Type", "X-Twice", "x-twice", "Content-Length"])
        #expect(requests[0].body == body)
        #expect(requests[1].body != body)
        #expect(requests[1].decodedBody == body)
        #expect(requests[0].arrival <= requests[1].arrival)
        #expect(server.connectionCount == 2)
    }

    @Test("a chunked body is joined, and a body of broken gzip has no content")
    func chunks() throws {
        let server = try FaultServer()
        defer { server.stop() }
        let client = try RawClient(server.port)
        defer { client.close() }
        let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
        for piece in [head, "3;x=y\r\nabc\r", "\nA\r\n0123456789\r\n0\r\n", "Trailer: t\r\n\r\n"] {
            client.socket.send(Array(piece.utf8))
        }
        #expect(try client.reply().status == 200)
        #expect(server.requests.map(\.body) == [Array("abc0123456789".utf8)])
        #expect(server.requests[0].isComplete)
        #expect(server.requests[0].decodedBody == nil)
    }

    @Test("answers are sent in order, the last one repeatedly, and a closure gets the request and its number")
    func scripts() throws {
        let listed = try FaultServer(.text(500, "a"), .html404, .ok)
        defer { listed.stop() }
        #expect(try (0..<4).map { _ in try RawClient.exchange(listed).status } == [500, 404, 200, 200])
        let asked = try FaultServer { request, number in .text(200 + number, request.text) }
        defer { asked.stop() }
        let replies = try ["x", "y"].map { try RawClient.exchange(asked, $0) }
        #expect(replies.map(\.status) == [200, 201])
        #expect(replies.map(\.text) == ["x", "y"])
    }

    @Test("a client of a server that never answers or never reads waits until the server stops")
    func silence() throws {
        for answer in [Answer.neverAnswer, .acceptOnly] {
            let server = try FaultServer(answer)
            let client = try RawClient(server.port)
            defer { client.close() }
            client.socket.setTimeLimit(.milliseconds(100))
            client.post(body)
            #expect(client.failure() == EAGAIN)
            client.socket.setTimeLimit(.generous)
            try eventually("the connection is accepted", server.connectionCount) { $0 == 1 }
            if case .neverAnswer = answer {
                #expect(server.waitForRequests(1))
                #expect(server.requests.map(\.body) == [body])
            } else {
                #expect(server.requests.isEmpty)
            }
            server.stop()
            #expect(client.failure() == nil || client.failure() == ECONNRESET)
        }
    }

    @Test("connections are reset before the read, in the body or in the answer, or are closed")
    func resets() throws {
        let server = try FaultServer(.resetBeforeRead, .resetMidBody, .resetMidAnswer, .storeThenClose)
        defer { server.stop() }
        func failure() throws -> Int32? {
            let client = try RawClient(server.port)
            defer { client.close() }
            // A reset that is here before the first byte is sent fails the sending, and reading then finds just the end.
            let isSent = client.post([UInt8](repeating: 1, count: 10_000))
            return isSent ? client.failure() : ECONNRESET
        }
        #expect(try (0..<3).map { _ in try failure() } == [ECONNRESET, ECONNRESET, ECONNRESET])
        #expect(try failure() == nil)
        #expect(server.requests.map(\.body.count) == [5_000, 10_000, 10_000])
        #expect(server.requests.map(\.isComplete) == [false, true, true])
    }

    @Test("a reset before the read waits for the next request on a kept connection")
    func resetOnKeptConnection() throws {
        let server = try FaultServer(.ok, .resetBeforeRead, .text(202, ""))
        defer { server.stop() }
        let client = try RawClient(server.port)
        defer { client.close() }
        client.post(body)
        #expect(try client.reply().status == 200)
        client.socket.setTimeLimit(.milliseconds(100))
        #expect(client.failure() == EAGAIN)
        client.socket.setTimeLimit(.generous)
        client.post(body)
        #expect(client.failure() == ECONNRESET)
        #expect(try RawClient.exchange(server).status == 202)
    }

    @Test("bodies are not kept if the test measures memory")
    func bodiesNotKept() throws {
        let server = try FaultServer(keepsBodies: false) { request, _ in .text(200, request.text) }
        defer { server.stop() }
        #expect(try RawClient.exchange(server, "abc").text == "abc")
        #expect(server.requests.map(\.body) == [[]])
    }

    @Test("a reset in an answer sends half of it")
    func halfAnswer() throws {
        let server = try FaultServer(.resetMidAnswer)
        defer { server.stop() }
        let client = try RawClient(server.port)
        defer { client.close() }
        client.post(body)
        let text = String(decoding: try client.socket.receive(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.contains("Content-Length: 1000\r\n"))
    }

    @Test("a slow answer is sent in small pieces, and a late one after a delay")
    func slowness() throws {
        let server = try FaultServer(.slow(bytesPerSecond: 1_000), .delay(.milliseconds(50), then: .text(502, "late")))
        defer { server.stop() }
        let client = try RawClient(server.port)
        defer { client.close() }
        // Only lower bounds: a machine that is busy is later still.
        var before = ContinuousClock.now
        client.post(body)
        // Fifty bytes, then a pause of 50 ms, and so on; none after the last.
        let pauses = try client.reply().head.utf8.count / 50
        #expect(pauses > 0)
        #expect(ContinuousClock.now - before >= .milliseconds(50) * pauses)
        before = .now
        client.post(body)
        #expect(try client.reply().text == "late")
        #expect(ContinuousClock.now - before >= .milliseconds(50))
    }

    @Test("an idle connection is closed, or reset when it is used again, without a header")
    func staleConnections() throws {
        let server = try FaultServer(.closeKeepAliveAfterAnswer(), .resetWhenReused())
        defer { server.stop() }
        let closed = try RawClient(server.port)
        closed.post(body)
        #expect(try closed.reply()["Connection"] == nil)
        #expect(closed.failure() == nil)
        closed.close()
        let reset = try RawClient(server.port)
        defer { reset.close() }
        reset.post(body)
        #expect(try reset.reply().status == 200)
        reset.post(body)
        #expect(reset.failure() == ECONNRESET)
        #expect(server.requests.count == 2)
    }

    @Test("during a pause connections are refused and ended, and afterwards the same port answers again")
    func pauses() throws {
        let server = try FaultServer()
        defer { server.stop() }
        let port = server.port
        for _ in 0..<3 {
            let client = try RawClient(port)
            client.post(body)
            #expect(try client.reply().status == 200)
            server.pause()
            #expect(client.failure() == nil)
            client.close()
            let error = #expect(throws: SystemError.self) { try RawClient(port) }
            #expect(error?.code == ECONNREFUSED)
            try server.resume()
        }
        #expect(try RawClient.exchange(server).status == 200)
        #expect(server.port == port)
    }

    @Test("a connection is refused after the stop, and on a port without a listener")
    func refusal() throws {
        let refused = try RefusedPort()
        let server = try FaultServer()
        server.stop()
        server.stop()
        for port in [refused.port, server.port] {
            #expect(#expect(throws: SystemError.self) { try RawClient(port) }?.code == ECONNREFUSED)
        }
    }

    @Test("requests of many concurrent clients are all recorded")
    func crowd() throws {
        let server = try FaultServer()
        defer { server.stop() }
        OperatingSystemThread.run(16) {
            guard let client = try? RawClient(server.port) else { return }
            for _ in 0..<20 {
                client.post([UInt8](repeating: 7, count: 3_000))
                _ = try? client.reply()
            }
            client.close()
        }
        #expect(server.waitForRequests(320))
        #expect(server.requests.count == 320)
        #expect(server.requests.allSatisfy { $0.isComplete && $0.body.count == 3_000 })
        #expect(Set(server.requests.map(\.connection)).count == 16)
    }
}
