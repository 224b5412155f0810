import SpanKitHTTP
import SpanKitTestSupport
import Synchronization
import Testing

@Suite("Requests that are awaited", .generousTimeLimit)
struct HTTPClientTests {
    private func request(_ server: FaultServer) -> HTTPRequest {
        HTTPRequest(url: server.url, headers: HTTPHeaders([("x-key", "a"), ("x-empty", "")]), body: Array("body".utf8))
    }

    @Test("headers and body are sent, and the response is returned")
    func answer() async throws {
        let server = try FaultServer(
            .status(
                503,
                headers: [("Retry-After", "7"), ("Content-Type", "Text/Plain; a=b")],
                body: Array("later".utf8)
            )
        )
        defer { server.stop() }
        let answer = await HTTPClient.send(request(server))
        #expect(answer.status == 503 && answer.failure == nil && answer.body == Array("later".utf8))
        #expect(answer.retryAfter == "7" && answer.contentType == "text/plain" && answer.sentBytes == 4)
        let received = try #require(try await server.requests(atLeast: 1).first)
        #expect(received["x-key"] == "a" && received["x-empty"] == "")
        #expect(received.body == Array("body".utf8))
    }

    @Test("a resource is got without a body, and the same client can post again")
    func get() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        var get = HTTPRequest(url: server.url, headers: HTTPHeaders([("x-key", "a")]), body: [])
        get.method = .get
        let client = try #require(HTTPClient(connections: 1))
        for request in [get, request(server), get] {
            var answer = client.start(request, token: 0)
            while answer == nil { answer = client.poll(for: .seconds(1)).first?.answer }
            #expect(answer?.status == 200 && answer?.failure == nil)
        }
        let received = try await server.requests(atLeast: 3)
        #expect(received.map(\.method) == ["GET", "POST", "GET"])
        #expect(received.map { String(decoding: $0.body, as: UTF8.self) } == ["", "body", ""])
    }

    @Test("a response without an end is stopped at the limit")
    func hugeBody() async throws {
        let server = try FaultServer(.bigBody(4_000_000))
        defer { server.stop() }
        var request = request(server)
        request.maximumResponseBytes = 100_000
        #expect(await HTTPClient.send(request).failure == .answerTooLarge)
    }

    @Test("used chunks are not kept, and a transfer can be ended successfully after a chunk")
    func chunks() async throws {
        let server = try FaultServer(.bigBody(4_000_000))
        defer { server.stop() }
        let chunks = Atomic(0)
        let answer = await HTTPClient.send(request(server)) { head, bytes in
            guard head.status == 200, !bytes.isEmpty else { return .keep }
            return chunks.add(1, ordering: .relaxed).newValue == 2 ? .last : .used
        }
        #expect(answer.status == 200 && answer.failure == nil && answer.body.isEmpty)
        #expect(chunks.load(ordering: .relaxed) == 2)
    }

    @Test("cancelling the task ends a request that has no time limit")
    func cancellation() async throws {
        let server = try FaultServer(.neverAnswer)
        defer { server.stop() }
        let task = Task { [request = request(server)] in await HTTPClient.send(request) }
        _ = try await server.requests(atLeast: 1)
        task.cancel()
        #expect(await task.value.failure == .cancelled)
    }

    @Test("wrong settings are distinguished from connection failures")
    func settings() async {
        let answer = await HTTPClient.send(HTTPRequest(url: "http://[/", headers: HTTPHeaders([]), body: []))
        guard case .settings = answer.failure else {
            Issue.record("\(answer)")
            return
        }
    }

    @Test("a port without a listener gives no response, and nothing is sent")
    func refused() async throws {
        let port = try RefusedPort()
        let answer = await HTTPClient.send(HTTPRequest(url: port.url, headers: HTTPHeaders([]), body: [1]))
        guard case .noConnection(.refused, _) = answer.failure else {
            Issue.record("\(answer)")
            return
        }
        #expect(answer.status == 0 && answer.sentBytes == 0)
    }

    @Test("a connection that is reset is closed, and no failure of a proxy")
    func reset() async throws {
        let server = try FaultServer(.resetMidBody)
        defer { server.stop() }
        let answer = await HTTPClient.send(
            HTTPRequest(url: server.url, headers: HTTPHeaders([]), body: [UInt8](repeating: 1, count: 1_000))
        )
        guard case .noConnection(.closed, _) = answer.failure else {
            Issue.record("\(answer)")
            return
        }
    }
}
