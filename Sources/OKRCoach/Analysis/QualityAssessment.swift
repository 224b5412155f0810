/// The quality of an OKR: one score with its reason for each dimension.
public struct QualityAssessment: Sendable, Equatable, Codable {
    /// An aspect of quality.
    public enum Dimension: String, Sendable, Codable, CaseIterable {
        /// Whether the objective is easy to understand and remember.
        case clarity
        /// Whether the OKR describes a change rather than work.
        case outcome
        /// Whether the key results have starting values and targets.
        case measurability
        /// Whether the targets are neither certain nor impossible.
        case ambition
        /// Whether the OKR has an owner, an objective, and two to five key results.
        case alignment
        /// Whether there is a date.
        case timeFrame
    }

    /// The score of one dimension.
    public struct Score: Sendable, Equatable, Codable {
        /// The aspect that is scored.
        public var dimension: Dimension
        /// The score, from 0 (missing) to 1 (complete).
        public var value: Double
        /// The reason, in one sentence for the user.
        public var reason: String
    }

    /// One score for each dimension, in the order of ``Dimension``.
    public var scores: [Score]

    /// The weighted mean of the scores: measurability and outcome count double.
    public var overall: Double {
        func weight(_ score: Score) -> Double {
            score.dimension == .measurability || score.dimension == .outcome ? 2 : 1
        }
        let weights = scores.reduce(0) { $0 + weight($1) }
        return weights == 0 ? 0 : scores.reduce(0) { $0 + $1.value * weight($1) } / weights
    }

    /// The score of a dimension, from 0 to 1.
    public subscript(dimension: Dimension) -> Double {
        scores.first { $0.dimension == dimension }?.value ?? 0
    }
}
