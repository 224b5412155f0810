import Hummingbird
import Logging
import Metrics
import Tracing

/// A service that returns the stock of an article: `GET /stock/{article}`.
public struct Warehouse: Sendable {
    private static let shelves = ["carrot": [12, 30], "leek": [7], "potato": [40, 40, 3]]

    private let logger = Logger(label: "warehouse")
    private let counted = Counter(label: "warehouse.shelves.counted")

    /// Creates the service.
    public init() {}

    /// The server, which listens on the loopback interface.
    /// - Parameters:
    ///   - port: The port, or 0 for a free one.
    ///   - addRoutes: A function that adds routes.
    ///   - onRunning: A function that is called with the port when the server is running.
    public func application(
        port: Int,
        addRoutes: (Router<BasicRequestContext>) -> Void,
        onRunning: @escaping @Sendable (Int) -> Void
    ) -> some ApplicationProtocol {
        let router = Router()
        // Reads `traceparent` and starts a span for the request.
        router.add(middleware: TracingMiddleware())
        // Middleware applies to the routes after it, so these do without `SpanWhileWritingMiddleware`.
        addRoutes(router)
        // Counts the requests and their durations when the body is written, still in the span of the request.
        router.add(middleware: SpanWhileWritingMiddleware())
        router.add(middleware: MetricsMiddleware())
        router.add(middleware: LogRequestsMiddleware(.info))
        router.get("stock/:article") { _, context in
            let article = try context.parameters.require("article")
            return try await "\(count(article))"
        }
        return Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in onRunning(channel.localAddress?.port ?? port) },
            logger: logger
        )
    }

    private func count(_ article: String) async throws -> Int {
        try await withSpan("count shelves") { span in
            guard let shelves = Self.shelves[article] else { throw HTTPError(.notFound) }
            span.attributes["shelves"] = shelves.count
            try await Task.sleep(for: .milliseconds(3 * shelves.count))
            counted.increment(by: shelves.count)
            logger.info("counted \(article)")
            return shelves.reduce(0, +)
        }
    }
}
