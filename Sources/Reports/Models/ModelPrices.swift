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

/// What calls cost, by one state of one price table.
package struct ModelCost: Codable, Sendable, Equatable {
    /// In the currency's main unit.
    package var amount: Double
    /// Such as `USD`.
    package var currency: String
    /// Of the table it was computed with.
    package var priceTableVersion: String

    package init(amount: Double, currency: String, priceTableVersion: String) {
        self.amount = amount
        self.currency = currency
        self.priceTableVersion = priceTableVersion
    }
}

extension [ModelCost] {
    /// Each table once.
    package var summed: [ModelCost] { reduce(into: []) { $0.add($1) } }

    /// Costs of different tables are not added up.
    mutating func add(_ cost: ModelCost) {
        let place = firstIndex {
            $0.currency == cost.currency && $0.priceTableVersion == cost.priceTableVersion
        }
        if let place { self[place].amount += cost.amount } else { append(cost) }
    }
}
