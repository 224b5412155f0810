/// How good an OKR is, by dimension, each with its reason.
public struct QualityAssessment: Sendable, Equatable, Codable {
    /// What is judged.
    public enum Dimension: String, Sendable, Codable, CaseIterable {
        /// Does another reader understand it?
        case clarity
        /// Does it say what changes, rather than what is done?
        case outcome
        /// Are there numbers with start and target?
        case measurability
        /// Is the step neither certain nor impossible?
        case ambition
        /// Do the key results belong to the objective, and does it have an owner?
        case alignment
        /// Is there a date?
        case timeFrame
    }

    /// One judgement.
    public struct Score: Sendable, Equatable, Codable {
        /// What is judged.
        public var dimension: Dimension
        /// From 0 (missing) to 1 (nothing to add).
        public var value: Double
        /// Why, in one sentence for the user.
        public var reason: String
    }

    /// One score for each dimension, in their order.
    public var scores: [Score]

    /// The weighted mean of the scores: measurability and outcome count double.
    public var overall: Double {
        let weighted = scores.map { score -> (Double, Double) in
            let weight: Double = score.dimension == .measurability || score.dimension == .outcome ? 2 : 1
            return (score.value * weight, weight)
        }
        let weights = weighted.reduce(0) { $0 + $1.1 }
        return weights == 0 ? 0 : weighted.reduce(0) { $0 + $1.0 } / weights
    }

    /// The score of one dimension.
    public subscript(dimension: Dimension) -> Double {
        scores.first { $0.dimension == dimension }?.value ?? 0
    }
}
