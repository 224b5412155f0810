import Foundation

/// What tokens cost, from a table that you keep: prices change, and none are built in.
///
/// ```json
/// {"version": "2026-11-01", "currency": "USD", "models": {
///   "claude-sonnet-4-5": {"input": 3, "output": 15, "cache_read": 0.3, "cache_write": 3.75}}}
/// ```
/// Prices are for one million tokens. A cost is shown with the table's version and stays in local reports: OpenTelemetry has no
/// attribute for it.
public struct PriceTable: Sendable, Hashable {
    /// For one million tokens each.
    public struct Prices: Sendable, Hashable {
        /// Tokens read that have nothing to do with the cache.
        public var input: Double
        /// Tokens written.
        public var output: Double
        /// Tokens that came out of the cache; nil where none do, or the price is not known.
        public var cacheRead: Double?
        /// Tokens put into the cache; nil where none are, or the price is not known.
        public var cacheWrite: Double?

        /// Creates prices for one million tokens.
        public init(input: Double, output: Double, cacheRead: Double? = nil, cacheWrite: Double? = nil) {
            self.input = input
            self.output = output
            self.cacheRead = cacheRead
            self.cacheWrite = cacheWrite
        }
    }

    /// Names the state of the table, such as `2026-11-01`.
    public let version: String
    /// Such as `USD`.
    public let currency: String
    private let models: [String: Prices]

    /// Creates a table.
    public init(version: String, currency: String, models: [String: Prices]) {
        self.version = version
        self.currency = currency
        self.models = models
    }

    /// The prices of a model: by its exact name, or by the name without the date that providers put behind it
    /// (`claude-sonnet-4-5-20250929`, `gpt-4o-2024-08-06`, `…-latest`).
    public func prices(of model: String) -> Prices? {
        models[model] ?? Self.undated(model).flatMap { models[$0] }
    }

    /// What the tokens of one call cost; nil where a price or a count that is needed is not known.
    public func cost(of usage: TokenUsage, model: String) -> Cost? {
        guard let prices = prices(of: model), let input = usage.input, let output = usage.output else { return nil }
        let (read, write) = (usage.cacheRead ?? 0, usage.cacheWrite ?? 0)
        guard read == 0 || prices.cacheRead != nil, write == 0 || prices.cacheWrite != nil else { return nil }
        let sum =
            Double(input - read - write) * prices.input + Double(read) * (prices.cacheRead ?? 0)
            + Double(write) * (prices.cacheWrite ?? 0) + Double(output) * prices.output
        return Cost(amount: sum / 1_000_000, currency: currency, tableVersion: version)
    }

    private static func undated(_ model: String) -> String? {
        let patterns = [#/-[0-9]{8}$/#, #/-[0-9]{4}-[0-9]{2}-[0-9]{2}$/#, #/-latest$/#]
        for pattern in patterns {
            if let match = model.firstMatch(of: pattern) { return String(model[..<match.range.lowerBound]) }
        }
        return nil
    }
}

/// What tokens cost, by one state of one table.
public struct Cost: Sendable, Hashable {
    /// In the currency's main unit.
    public var amount: Double
    /// Such as `USD`.
    public var currency: String
    /// Of the table it was computed with.
    public var tableVersion: String

    /// Creates a cost.
    public init(amount: Double, currency: String, tableVersion: String) {
        self.amount = amount
        self.currency = currency
        self.tableVersion = tableVersion
    }
}
