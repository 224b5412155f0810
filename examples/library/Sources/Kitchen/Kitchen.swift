import Tracing

/// A library that uses only swift-distributed-tracing.
public struct Kitchen: Sendable {
    /// Creates a kitchen.
    public init() {}

    /// Cooks a meal. The vegetables are chopped while the oven gets hot.
    public func cook() async throws -> String {
        try await withSpan("cook") { span in
            async let vegetables = chop(["carrot", "leek", "potato"])
            try await heatOven()
            let meal = try await "\(vegetables.joined(separator: ", ")), roasted"
            span.attributes["meal"] = meal
            return meal
        }
    }

    private func chop(_ vegetables: [String]) async throws -> [String] {
        try await withSpan("chop") { span in
            span.attributes["count"] = vegetables.count
            return try await withThrowingTaskGroup(of: String.self) { group in
                for vegetable in vegetables {
                    group.addTask {
                        try await withSpan("chop \(vegetable)") { _ in
                            try await Task.sleep(for: .milliseconds(5))
                            return vegetable
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted()
            }
        }
    }

    private func heatOven() async throws {
        try await withSpan("heat oven") { span in
            try await Task.sleep(for: .milliseconds(20))
            span.addEvent("hot")
        }
    }
}
