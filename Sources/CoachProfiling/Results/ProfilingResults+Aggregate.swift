import SpanKitPercentiles
import SpanKitReports
import SpanKitSummaries

extension ProfilingResults {
    /// The analysis of scenarios of one or several runs.
    ///
    /// It is written to the results file for other programs. This program always computes it from the scenarios.
    struct Aggregate: Encodable, Sendable {
        /// The number of answered messages.
        let messageCount: Int
        /// The merged operations, costliest first.
        let operations: [Operation]
        /// The calls of language models, or nil if no message names a model.
        let models: [ModelUse]?
        /// The calls that are far from the median of their model, if any.
        let modelOutliers: [OutlyingCall]?
        /// The time per message compared with the target, or nil without messages.
        let assessment: Assessment?
        /// The operations with their own time, the largest first.
        let bottlenecks: [Bottleneck]
        let hypotheses: [Hypothesis]
        /// The recommendations, sorted by gain relative to effort, the best first.
        let recommendations: [Recommendation]

        /// The analysis in the form that the generic reports read.
        let analysis: BottleneckAnalysis
        let calls: ModelCallTotals

        private enum CodingKeys: String, CodingKey {
            case messageCount, operations, models, modelOutliers, assessment, bottlenecks, hypotheses, recommendations
        }

        /// Merges the histograms of the scenarios and analyses them.
        /// - Parameter sources: The names of the files that contain the scenarios.
        /// - Throws: `HistogramError` if two histograms of the same operation cannot be merged.
        init(scenarios: [Scenario], sources: [String] = []) throws(HistogramError) {
            var merged: [OperationSnapshot] = []
            for scenario in scenarios { try merged.merge(scenario.operations.map(\.snapshot)) }
            let messages = scenarios.flatMap(\.messages)
            operations = merged.costliestFirst().map(Operation.init)
            messageCount = messages.count
            calls = ModelCallTotals(scenarios)
            models = calls.isEmpty ? nil : calls.groups(by: .model).map { ModelUse($0) }
            let outliers = calls.outliers.compactMap { OutlyingCall($0) }
            modelOutliers = outliers.isEmpty ? nil : outliers
            assessment = Assessment(messages: messages)
            let profiles = ConversationSteps.map.profiles(
                of: merged,
                count: messages.count,
                addingToModel: assessment?.isProjected == true
                    ? messages.reduce(Int64(0)) { $0.addingSaturating($1.projectionNanoseconds) } : nil,
                failures: Self.failures(scenarios),
                calls: calls
            )
            let variability = Dictionary(merged.map { ($0.name, $0.statistics.variability) }) { first, _ in first }
            bottlenecks = profiles.filter { $0.ownNanoseconds > 0 || ($0.measured?.ownNanoseconds ?? 0) > 0 }
                .map { Bottleneck($0, variability: variability[$0.name] ?? 1) }
                .sorted {
                    $0.projectedSelfNanoseconds != $1.projectedSelfNanoseconds
                        ? $0.projectedSelfNanoseconds > $1.projectedSelfNanoseconds : $0.operation < $1.operation
                }
            hypotheses = Hypothesis.check(against: profiles, messageCount: messages.count)
            analysis = BottleneckAnalysis(
                sources: sources,
                conversationCount: messages.count,
                conversationNoun: "message",
                operations: profiles,
                background: Self.background(assessment, hypotheses, profiles, messages.count)
            )
            recommendations = Recommendation.all(in: analysis)
        }

        /// The number of failed runs of each step. An interrupted run does not count as failed.
        private static func failures(_ scenarios: [Scenario]) -> [String: UInt64] {
            var failures: [String: UInt64] = [:]
            for scenario in scenarios where scenario.outcome != .interrupted {
                for operation in scenario.operations.map(\.snapshot) {
                    failures[operation.name] = (failures[operation.name] ?? 0).addingSaturating(operation.errorCount)
                }
            }
            return failures
        }

        private static func background(
            _ assessment: Assessment?,
            _ hypotheses: [Hypothesis],
            _ profiles: [OperationProfile],
            _ messageCount: Int
        ) -> BottleneckAnalysis.Background {
            var background = BottleneckAnalysis.Background()
            guard let assessment else { return background }
            background.goal = (assessment.targetNanoseconds, assessment.projected.averageNanoseconds)
            background.verdict = assessment.sentence
            background.notes = [assessment.projectionNote].compactMap { $0 }
            if messageCount < Hypothesis.fewestMessages {
                background.notes.append(
                    "Only \(Readable.count(messageCount, of: "message")) \(messageCount == 1 ? "was" : "were") measured; "
                        + "measure at least \(Hypothesis.fewestMessages) before relying on p95 and p99."
                )
            }
            guard !profiles.isEmpty else { return background }
            let whole = profiles.reduce(0) { $0 + $1.ownNanoseconds } / Double(max(1, messageCount))
            background.tables = [
                (
                    title: "Hypotheses",
                    rows: Hypothesis.listing(hypotheses, of: whole, isProjected: assessment.isProjected),
                    about: "Shares of a message and times, expected of the original system "
                        + "(\(Readable.durationInText(Assessment.baseline)) a message). The verdict is about the "
                        + "\(assessment.isProjected ? "projected " : "")share: where everything else became faster, the same "
                        + "time is a larger share."
                )
            ]
            return background
        }
    }
}
