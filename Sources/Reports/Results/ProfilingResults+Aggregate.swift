import Percentiles
import Summaries

extension ProfilingResults {
    /// Several scenarios, of one run or of many, taken together and judged.
    package struct Aggregate: Codable, Sendable, Equatable {
        /// How many messages were answered.
        package var messageCount: Int
        /// All operations, costliest first.
        package var operations: [Operation]
        /// What the language models took; nil where no message names one, as in files of earlier releases.
        package var models: [ModelUse]?
        /// Calls of models that stand out; nil where none does.
        package var modelOutliers: [ModelOutlier]?
        /// How the time per message stands against the target; nil without messages.
        package var assessment: Assessment?
        /// Where the time goes, the largest share first.
        package var bottlenecks: [Bottleneck]
        /// What was expected before anything was measured, and what came out.
        package var hypotheses: [Hypothesis]
        /// What to do next, the most rewarding first.
        package var recommendations: [Recommendation]

        /// Merges the histograms of all scenarios and analyses the whole.
        /// - Throws: ``HistogramError`` when two histograms of one name cannot be merged.
        package init(scenarios: [Scenario]) throws(HistogramError) {
            var merged: [OperationSnapshot] = []
            for scenario in scenarios { try merged.merge(scenario.operations.map(\.snapshot)) }
            let messages = scenarios.flatMap(\.messages)
            operations = merged.costliestFirst().map(Operation.init)
            messageCount = messages.count
            let uses = ModelUse.uses(in: messages)
            models = uses.isEmpty ? nil : uses
            let outliers = ModelOutlier.outliers(in: scenarios)
            modelOutliers = outliers.isEmpty ? nil : outliers
            assessment = Assessment(messages: messages)
            let breakdown = TimeBreakdown(operations: merged, messages: messages)
            bottlenecks = breakdown.bottlenecks()
            hypotheses = Hypothesis.check(against: breakdown)
            recommendations = Recommendation.drawn(from: breakdown, bottlenecks: bottlenecks, assessment: assessment)
        }
    }
}
