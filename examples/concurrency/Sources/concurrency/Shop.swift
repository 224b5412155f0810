import Foundation
import Hummingbird
import Tracing

/// A server with two mistakes: an actor that computes, and a call that blocks its thread.
struct Shop: Sendable {
    let warehouse = Warehouse()
    private let prices = PriceList()

    /// The server, which listens on a free port of the loopback interface.
    /// - Parameter onRunning: Called with the port when the server is running.
    func application(onRunning: @escaping @Sendable (Int) -> Void) -> some ApplicationProtocol {
        let router = Router()
        router.add(middleware: TracingMiddleware())
        router.get("price/:article") { _, context in
            let article = try context.parameters.require("article")
            return await withSpan("look up price") { _ in "\(await prices.price(of: article))" }
        }
        router.get("report") { _, _ in
            // Mistake: the call blocks a thread of the pool. It belongs on a thread of its own.
            try withSpan("read report") { _ in try SlowFile().read() }
        }
        router.get("stock/:article") { _, context in
            let article = try context.parameters.require("article")
            return await withSpan("ask warehouse") { _ in "\(await warehouse.stock(of: article))" }
        }
        return Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in onRunning(channel.localAddress?.port ?? 0) }
        )
    }
}

/// The prices, for one task at a time.
actor PriceList {
    /// Mistake: an actor runs one task at a time, so all other requests wait while this one computes.
    func price(of article: String) -> Int {
        let end = ContinuousClock.now + .milliseconds(20)
        var price = 1
        while ContinuousClock.now < end { price = (price * 31 + article.count) % 1_000 }
        return price
    }
}

/// A file that takes 500 ms to read, as on a slow disk or on a network.
struct SlowFile {
    /// Reads the file. The thread is blocked until then.
    func read() throws -> String {
        let pipe = Pipe()
        let writing = pipe.fileHandleForWriting
        onThread(after: 0.5) {
            try? writing.write(contentsOf: Data("42 leeks were sold".utf8))
            try? writing.close()
        }
        return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }
}

/// A service that answers after 200 ms. The task is suspended until then, and blocks no thread.
struct Warehouse: Sendable {
    /// An element for each question.
    let questions: AsyncStream<Void>
    private let asked: AsyncStream<Void>.Continuation

    init() {
        (questions, asked) = AsyncStream.makeStream()
    }

    func stock(of article: String) async -> Int {
        await withCheckedContinuation { continuation in
            onThread(after: 0.2) { continuation.resume(returning: 10 * article.count) }
            asked.yield()
        }
    }
}

/// Runs a closure on a thread of its own, after some seconds.
private func onThread(after seconds: Double, _ body: @escaping @Sendable () -> Void) {
    Thread.detachNewThread {
        Thread.sleep(forTimeInterval: seconds)
        body()
    }
}
