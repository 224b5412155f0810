import Foundation

/// The prices of tokens. You provide them, because prices change; none are built in.
///
/// ```json
/// {"version": "2026-11-01", "currency": "USD", "models": {
///   "claude-sonnet-4-5": {"input": 3, "output": 15, "cache_read": 0.3, "cache_write": 3.75}}}
/// ```
/// Prices are for one million tokens. Costs only appear in local reports, together with the table's version, because OpenTelemetry
/// has no attribute for them.
public struct PriceTable: Sendable, Hashable {
    /// The prices of a model, each for one million tokens.
    public struct Prices: Sendable, Hashable {
        /// The price of input tokens that are neither read from the cache nor written to it.
        public var input: Double
        /// The price of output tokens.
        public var output: Double
        /// The price of input tokens that are read from the cache; nil if unknown.
        public var cacheRead: Double?
        /// The price of input tokens that are written to the cache; nil if unknown.
        public var cacheWrite: Double?

        /// Creates the prices of a model, each for one million tokens.
        public init(input: Double, output: Double, cacheRead: Double? = nil, cacheWrite: Double? = nil) {
            self.input = input
            self.output = output
            self.cacheRead = cacheRead
            self.cacheWrite = cacheWrite
        }
    }

    /// The version of the table, such as `2026-11-01`.
    public let version: String
    /// The currency, such as `USD`.
    public let currency: String
    private let models: [String: Prices]

    /// Creates a price table.
    /// - Parameters:
    ///   - version: the version of the table, such as `2026-11-01`.
    ///   - currency: the currency, such as `USD`.
    ///   - models: the prices by the name of the model.
    public init(version: String, currency: String, models: [String: Prices]) {
        self.version = version
        self.currency = currency
        self.models = models
    }

    /// Returns the prices of a model; nil if the table has none.
    ///
    /// A model is found by its exact name, or by its name without a date or `-latest` at the end
    /// (`claude-sonnet-4-5-20250929`, `gpt-4o-2024-08-06`).
    public func prices(of model: String) -> Prices? {
        models[model] ?? Self.undated(model).flatMap { models[$0] }
    }

    /// Returns the cost of one call's tokens; nil if a price or a count that it depends on is unknown.
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

/// The cost of tokens.
public struct Cost: Sendable, Hashable {
    /// The amount in the main unit of the currency.
    public var amount: Double
    /// The currency, such as `USD`.
    public var currency: String
    /// The version of the price table that the cost was computed with.
    public var tableVersion: String

    /// Creates a cost.
    public init(amount: Double, currency: String, tableVersion: String) {
        self.amount = amount
        self.currency = currency
        self.tableVersion = tableVersion
    }
}
