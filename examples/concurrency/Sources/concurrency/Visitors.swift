import AsyncHTTPClient
import Foundation
import ServiceLifecycle
import SpanKitConcurrency

/// Sends requests to the shop when it is running.
struct Visitors: Service {
    private let shop: Shop
    private let isEndless: Bool
    private let ports: AsyncStream<Int>
    private let running: AsyncStream<Int>.Continuation

    /// - Parameter isEndless: Whether the requests are repeated until the process is interrupted.
    init(shop: Shop, isEndless: Bool) {
        (self.shop, self.isEndless) = (shop, isEndless)
        (ports, running) = AsyncStream.makeStream()
    }

    /// Begins with the requests.
    func begin(at port: Int) { running.yield(port) }

    func run() async throws {
        var configuration = HTTPClient.Configuration()
        // A trace begins at the server.
        configuration.tracing.tracer = nil
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1_000
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        for await port in ports {
            try await measurementBegins()
            print("The shop listens on http://127.0.0.1:\(port)")
            repeat {
                try await visit(Site(url: "http://127.0.0.1:\(port)", client: client))
            } while isEndless && !Task.isShuttingDownGracefully
            break
        }
        try await client.shutdown()
    }

    /// Waits for the end of the test that SpanKitConcurrency makes when the telemetry starts. If the runtime is not a known one, a line
    /// says so, and spans have no parts.
    private func measurementBegins() async throws {
        for _ in 0..<100 where !TaskTimes.isActive { try await Task.sleep(for: .milliseconds(20)) }
    }

    private func visit(_ site: Site) async throws {
        // One actor has all prices.
        try await site.get("price/leek", times: 6)
        // While two requests wait for the warehouse, as many reports as the pool has threads block all of them. When the warehouse has
        // answered, there is no thread for the two requests.
        async let stock: Void = site.get("stock/leek", times: 2)
        var questions = shop.warehouse.questions.makeAsyncIterator()
        for _ in 0..<2 { await questions.next() }
        try await site.get("report", times: ProcessInfo.processInfo.activeProcessorCount)
        try await stock
    }
}

/// A server that is asked.
private struct Site: Sendable {
    let url: String
    let client: HTTPClient

    /// Sends the same request several times at once, and waits for the answers.
    func get(_ path: String, times: Int) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<times {
                group.addTask {
                    let response = try await client.execute(
                        HTTPClientRequest(url: "\(url)/\(path)"),
                        timeout: .seconds(30)
                    )
                    _ = try await response.body.collect(upTo: 1_024)
                }
            }
            try await group.waitForAll()
        }
    }
}
