import AsyncHTTPClient
import Logging
import Tracing

/// A client of the warehouse that asks for several articles concurrently.
public struct Checkout: Sendable {
    /// The error for an answer of the warehouse that is not a number.
    public struct Unavailable: Error {
        /// The article of the request.
        public let article: String
        /// The response.
        public let body: String
    }

    private let warehouse: String
    private let logger = Logger(label: "shop")

    /// Creates a checkout.
    /// - Parameter warehouse: The URL of the warehouse without a path.
    public init(warehouse: String) {
        self.warehouse = warehouse
    }

    /// The stock of each article. Also fetches labels for the leek.
    public func stock(of articles: [String]) async throws -> [String: Int] {
        try await withSpan("checkout") { span in
            span.attributes["articles"] = articles.count
            logger.info("asking for \(articles.joined(separator: ", "))")
            for label in try await labels(of: "leek") { logger.info("label \(label)") }
            return try await withThrowingTaskGroup(of: (String, Int).self) { group in
                for article in articles { group.addTask { try await (article, stock(of: article)) } }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
        }
    }

    /// The labels of an article, one for each line of the response, which the warehouse streams.
    public func labels(of article: String) async throws -> [String] {
        try await text(at: "labels/\(article)").split(separator: "\n").map(String.init)
    }

    private func stock(of article: String) async throws -> Int {
        let body = try await text(at: "stock/\(article)")
        guard let count = Int(body) else { throw Unavailable(article: article, body: body) }
        logger.info("\(count) of \(article)")
        return count
    }

    /// The response to a request. The HTTP client starts a span with the bootstrapped tracer and sends `traceparent`.
    private func text(at path: String) async throws -> String {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: "\(warehouse)/\(path)"),
            timeout: .seconds(10),
            logger: logger
        )
        return String(buffer: try await response.body.collect(upTo: 1_024))
    }
}
