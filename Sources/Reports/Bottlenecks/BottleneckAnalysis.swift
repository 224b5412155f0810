import Percentiles

/// Where the time of a run goes, what may be done about it, and what is worth doing first.
package struct BottleneckAnalysis: Sendable {
    /// One operation with what follows for it.
    package struct Finding: Sendable {
        package var operation: OperationProfile
        /// What to do, the most gain for the effort first, with what it should gain altogether in nanoseconds.
        package var advice: [(rule: ImprovementRule, gain: Double)]

        /// Gain for effort: what the findings are ordered by.
        var worth: Double { advice.first.map { $0.gain / Double($0.rule.effort.rawValue) } ?? 0 }
    }

    /// How the runs are called.
    package let sources: [String]
    /// Conversations: traces, or answered messages.
    package let conversationCount: Int
    /// What one of them is called.
    package let conversationNoun: String
    /// All time, in nanoseconds.
    package let totalNanoseconds: Double
    /// By gain for effort, the largest first; operations without advice behind them by their own time.
    package let findings: [Finding]
    /// Operations that take next to nothing and have no advice.
    package let others: [OperationProfile]
    /// What was expected of a coaching conversation, against what was measured; empty for anything else.
    package let hypotheses: [Hypothesis]
    /// Time per message against the target; nil for traces.
    package let assessment: Assessment?

    /// Less than this part of all time is not worth a line, unless it has advice.
    private static let smallestShare = 0.001

    init(
        sources: [String],
        conversationCount: Int,
        conversationNoun: String,
        operations: [OperationProfile],
        hypotheses: [Hypothesis] = [],
        assessment: Assessment? = nil
    ) {
        self.sources = sources
        self.conversationCount = conversationCount
        self.conversationNoun = conversationNoun
        self.hypotheses = hypotheses
        self.assessment = assessment
        totalNanoseconds = operations.reduce(0) { $0 + $1.ownNanoseconds }
        let all = operations.map { operation in
            var advice: [(rule: ImprovementRule, gain: Double)] = []
            for rule in ImprovementRule.allCases {
                if let gain = rule.gain(operation) { advice.append((rule, gain)) }
            }
            func worth(_ entry: (rule: ImprovementRule, gain: Double)) -> Double {
                entry.gain / Double(entry.rule.effort.rawValue)
            }
            return Finding(operation: operation, advice: advice.sorted { worth($0) > worth($1) })
        }
        func isWorthALine(_ finding: Finding) -> Bool {
            finding.operation.share >= Self.smallestShare || !finding.advice.isEmpty
        }
        findings = all.filter(isWorthALine).sorted { left, right in
            left.worth != right.worth
                ? left.worth > right.worth : left.operation.ownNanoseconds > right.operation.ownNanoseconds
        }
        others = all.filter { !isWorthALine($0) }.map(\.operation)
    }

    /// Of results files of `spankit profile`, with the traces of the same runs where there are some.
    package init(_ merged: MergedResults, patterns: (TracePatterns, NameTable)? = nil) {
        let aggregate = merged.aggregate
        let projected = aggregate.bottlenecks.reduce(0.0) { $0 + Double($1.projectedSelfNanoseconds) }
        let histograms = Dictionary(
            aggregate.operations.map { ($0.snapshot.name, $0.snapshot.histogram) },
            uniquingKeysWith: { first, _ in first }
        )
        var operations = aggregate.bottlenecks.map { part in
            let histogram = histograms[part.operation] ?? ExponentialHistogram()
            let own = Double(part.projectedSelfNanoseconds)
            // The whole contains its steps; its own time has no distribution of its own.
            let isWhole = part.operation == ConversationSteps.total
            return OperationProfile(
                name: part.operation,
                category: WorkCategory(of: part.group),
                count: part.count,
                callsPerConversation: part.callsPerMessage,
                ownNanoseconds: own,
                share: projected > 0 ? own / projected : 0,
                variability: histogram.count >= OperationStatistics.fewestForP99 ? part.variability : nil,
                spread: Self.spread(histogram),
                averageMemoryDeltaBytes: part.averageMemoryDeltaBytes,
                shape: isWhole ? .unknown : DistributionShape(histogram),
                isModelCall: part.group == .modelCall,
                tailExcess: isWhole ? 0 : histogram.excess(above: 0.95),
                slowModeExcess: isWhole ? 0 : Self.slowModeExcess(histogram)
            )
        }
        if let (patterns, names) = patterns { Self.apply(patterns, names, to: &operations) }
        self.init(
            sources: merged.sources.map(\.file),
            conversationCount: aggregate.messageCount,
            conversationNoun: "message",
            operations: operations,
            hypotheses: aggregate.hypotheses,
            assessment: aggregate.assessment
        )
    }

    /// Of traces from anybody.
    package init(sources: [String], _ totals: TraceTotals, _ patterns: TracePatterns, names: NameTable) {
        let all = totals.byTime
        let whole = all.reduce(0.0) { $0 + Double($1.selfTimes.sumNanoseconds) }
        var operations = all.map { one in
            let own = Double(one.selfTimes.sumNanoseconds)
            return OperationProfile(
                name: one.name,
                category: one.category,
                count: one.durations.count,
                callsPerConversation: Double(one.durations.count) / Double(max(1, totals.traceCount)),
                ownNanoseconds: own,
                share: whole > 0 ? own / whole : 0,
                variability: one.selfTimes.count >= OperationStatistics.fewestForP99
                    ? OperationStatistics(name: one.name, histogram: one.selfTimes).variability : nil,
                spread: Self.spread(one.selfTimes),
                averageMemoryDeltaBytes: one.durations.averageMemoryDeltaBytes,
                shape: DistributionShape(one.selfTimes),
                isModelCall: one.isModelCall,
                tailExcess: one.selfTimes.excess(above: 0.95),
                slowModeExcess: Self.slowModeExcess(one.selfTimes)
            )
        }
        Self.apply(patterns, names, to: &operations)
        self.init(
            sources: sources,
            conversationCount: totals.traceCount,
            conversationNoun: "trace",
            operations: operations
        )
    }

    private static func spread(_ histogram: ExponentialHistogram) -> Double? {
        let quantiles = histogram.quantiles([0.5, 0.95]).map(\.estimate)
        guard histogram.count >= DistributionShape.fewest, quantiles.count == 2, quantiles[0] > 0 else { return nil }
        return quantiles[1] / quantiles[0]
    }

    private static func slowModeExcess(_ histogram: ExponentialHistogram) -> Double {
        guard let mode = DistributionShape.slowMode(of: histogram) else { return 0 }
        return mode.share * mode.excess * Double(histogram.count)
    }

    private static func apply(_ patterns: TracePatterns, _ names: NameTable, to operations: inout [OperationProfile]) {
        let places = Dictionary(
            operations.indices.map { (operations[$0].name, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for found in patterns.repeatedCalls() {
            guard let place = places[names[found.child]], operations[place].repetition == nil else { continue }
            operations[place].repetition = (names[found.parent], found.perParent)
        }
        for (pair, orderVaries) in patterns.sequentialCalls() {
            guard let first = places[names[pair.first]], let second = places[names[pair.second]] else { continue }
            // Computations would share the processor; without a sign that they are independent nothing is said.
            let waits = operations[first].category != .computation && operations[second].category != .computation
            guard waits || orderVaries else { continue }
            // Said once, of the longer of the two.
            let (place, other) =
                operations[first].ownNanoseconds >= operations[second].ownNanoseconds
                ? (first, second) : (second, first)
            let gain = Double(pair.gain)
            guard operations[place].sequence.map({ gain > $0.gain }) ?? true else { continue }
            operations[place].sequence = (operations[other].name, gain, orderVaries)
        }
    }
}
