import AsyncHTTPClient
import Logging
import Tracing

/// A client of the warehouse that asks for several articles concurrently.
public struct Checkout: Sendable {
    /// The error for an answer of the warehouse that is not a number.
    public struct Unavailable: Error {
        /// The article of the request.
        public let article: String
        /// The HTTP status.
        public let status: UInt
    }

    private let warehouse: String
    private let logger = Logger(label: "shop")

    /// Creates a checkout.
    /// - Parameter warehouse: The URL of the warehouse without a path.
    public init(warehouse: String) {
        self.warehouse = warehouse
    }

    /// The stock of each article.
    public func stock(of articles: [String]) async throws -> [String: Int] {
        try await withSpan("checkout") { span in
            span.attributes["articles"] = articles.count
            logger.info("asking for \(articles.joined(separator: ", "))")
            return try await withThrowingTaskGroup(of: (String, Int).self) { group in
                for article in articles { group.addTask { try await (article, stock(of: article)) } }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
        }
    }

    /// The stock of an article. The HTTP client starts a span with the bootstrapped tracer and sends `traceparent`.
    private func stock(of article: String) async throws -> Int {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: "\(warehouse)/stock/\(article)"),
            timeout: .seconds(10),
            logger: logger
        )
        let body = String(buffer: try await response.body.collect(upTo: 1_024))
        guard let count = Int(body) else { throw Unavailable(article: article, status: response.status.code) }
        logger.info("\(count) of \(article)")
        return count
    }
}
