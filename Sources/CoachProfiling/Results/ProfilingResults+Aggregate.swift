import SpanKitPercentiles
import SpanKitReports
import SpanKitSummaries

extension ProfilingResults {
    /// Several scenarios, of one run or of many, taken together and judged. A file has it for other programs; here it is always
    /// computed from the scenarios.
    package struct Aggregate: Encodable, Sendable {
        /// How many messages were answered.
        package let messageCount: Int
        /// All operations, costliest first.
        package let operations: [Operation]
        /// What the language models took; nil where no message names one, as in files of earlier releases.
        package let models: [ModelUse]?
        /// Calls of models that stand out; nil where none does.
        package let modelOutliers: [StandingOutCall]?
        /// Compares the time per message with the target; nil without messages.
        package let assessment: Assessment?
        /// Where the time goes, the largest share first.
        package let bottlenecks: [Bottleneck]
        /// What was expected before anything was measured, and what came out.
        package let hypotheses: [Hypothesis]
        /// What to do next, the most rewarding first.
        package let recommendations: [Recommendation]

        /// What the generic reports show of it.
        package let analysis: BottleneckAnalysis
        package let calls: ModelCallTotals

        private enum CodingKeys: String, CodingKey {
            case messageCount, operations, models, modelOutliers, assessment, bottlenecks, hypotheses, recommendations
        }

        /// Merges the histograms of all scenarios and analyses the whole.
        /// - Parameter sources: the files that the scenarios came from.
        /// - Throws: ``HistogramError`` when two histograms of one name cannot be merged.
        package init(scenarios: [Scenario], sources: [String] = []) throws(HistogramError) {
            var merged: [OperationSnapshot] = []
            for scenario in scenarios { try merged.merge(scenario.operations.map(\.snapshot)) }
            let messages = scenarios.flatMap(\.messages)
            operations = merged.costliestFirst().map(Operation.init)
            messageCount = messages.count
            calls = ModelCallTotals(scenarios)
            models = calls.isEmpty ? nil : calls.groups(by: .model).map { ModelUse($0) }
            let outliers = calls.outliers.compactMap { StandingOutCall($0) }
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
            let statistics = Dictionary(
                merged.map { ($0.name, $0.statistics) },
                uniquingKeysWith: { first, _ in first }
            )
            bottlenecks = profiles.filter { $0.ownNanoseconds > 0 || ($0.measured?.ownNanoseconds ?? 0) > 0 }
                .map { Bottleneck($0, variability: statistics[$0.name]?.variability ?? 1) }
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

        /// Runs of steps that failed. The one that an interruption ended has not.
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
