import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitTestSupport

@testable import SpanKitServe
@testable import SpanKitStore

/// A server with a store in a folder of its own, in the process of the tests.
final class RunningBackend: Sendable {
    let backend: Backend
    let port: UInt16
    var store: Store { backend.store }
    private let folder: TemporaryFolder
    private let server: BackendServer
    private let task: Task<Void, any Error>

    init(
        origins: [String] = [],
        token: String? = nil,
        limits: StoreLimits = StoreLimits(),
        redaction: Redaction? = nil,
        idleTime: Duration = .generous,
        bodyTime: Duration = .generous
    ) async throws {
        folder = TemporaryFolder("serve")
        backend = Backend(try Store(path: folder.path("store.sqlite"), limits: limits), redaction: redaction)
        let server = BackendServer(
            backend,
            port: 0,
            origins: origins,
            token: token,
            idleTime: idleTime,
            bodyTime: bodyTime
        )
        self.server = server
        let (ports, announcement) = AsyncStream<UInt16>.makeStream()
        task = Task {
            defer { announcement.finish() }
            try await server.run { announcement.yield(UInt16($0)) }
        }
        guard let port = await ports.first(where: { _ in true }) else { throw CancellationError() }
        self.port = port
    }

    /// Stops the server and closes the store.
    func stop() async throws {
        server.stop()
        try await task.value
        store.close()
    }

    /// Sends a request from a thread that may block.
    func exchange(
        _ method: String = "GET",
        _ path: String,
        headers: [String] = [],
        body: [UInt8] = []
    ) async throws -> HTTPExchange {
        let port = port
        return try await onThread { try HTTPExchange(method, port: port, path: path, headers: headers, body: body) }
    }
}

extension RunningBackend {
    struct RawAnswer: Sendable {
        let status: Int
        let head: String
    }

    /// Sends lines as they are, and ends the request.
    func raw(_ lines: [String]) async throws -> RawAnswer {
        let bytes = try await rawBytes(Array((lines + ["Connection: close", "", ""]).joined(separator: "\r\n").utf8))
        let text = String(decoding: bytes, as: UTF8.self)
        return RawAnswer(status: Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0, head: text)
    }

    /// Sends bytes, and reads until the server closes.
    func rawBytes(_ bytes: [UInt8]) async throws -> [UInt8] {
        let port = port
        return try await onThread {
            let socket = try LoopbackSocket(connectingTo: port)
            defer { socket.close() }
            _ = socket.send(bytes)
            return try socket.receiveAll()
        }
    }
}

/// Runs blocking code on a thread of its own.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        WaitingThread.run { continuation.resume(with: Swift.Result { try body() }) }
    }
}
