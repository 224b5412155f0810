/// What calls cost, by one state of the price table that somebody gave.
package struct ModelPrices: Sendable {
    /// Such as `USD`.
    package let currency: String
    /// Of the table.
    package let version: String
    /// What one call costs, in the currency's main unit; nil where a price or a count that is needed is not known.
    package let cost: @Sendable (ModelCallFacts) -> Double?

    package init(currency: String, version: String, cost: @escaping @Sendable (ModelCallFacts) -> Double?) {
        self.currency = currency
        self.version = version
        self.cost = cost
    }
}
