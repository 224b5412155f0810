import SpanKitPercentiles

/// The bottlenecks of a run: where the time goes, and which improvements are worth the most.
package struct BottleneckAnalysis: Sendable {
    /// An operation with the improvements that apply to it.
    package struct Finding: Sendable {
        package var operation: OperationProfile
        /// The improvements by gain for effort, the best first. Gains are in nanoseconds over the whole run.
        package var advice: [(rule: ImprovementRule, gain: Double)]

        /// The gain for effort of the best improvement.
        var worth: Double { advice.first.map(BottleneckAnalysis.worth) ?? 0 }
    }

    /// The names of the runs.
    package let sources: [String]
    /// The number of traces or of answered messages.
    package let conversationCount: Int
    /// The noun for one of them.
    package let conversationNoun: String
    /// The sum of all self times in nanoseconds.
    package let totalNanoseconds: Double
    /// The findings by gain for effort, the best first, then those without advice by self time.
    package let findings: [Finding]
    /// The operations that take very little time and have no advice.
    package let others: [OperationProfile]
    package let background: Background

    /// Additional information from the program that ran the conversations.
    package struct Background: Sendable {
        /// The target and the average duration of a conversation in nanoseconds.
        package var goal: (target: UInt64, average: UInt64)?
        /// A sentence about the whole run.
        package var verdict: String?
        /// Sentences about the numbers.
        package var notes: [String] = []
        /// Additional tables, each with a sentence that explains it.
        package var tables: [(title: String, rows: Listing, about: String)] = []

        package init() {}
    }

    /// The share of all time from which an operation without advice is a finding.
    private static let smallestShare = 0.001

    /// - Parameter patterns: The patterns in the traces of the same runs.
    package init(
        sources: [String],
        conversationCount: Int,
        conversationNoun: String,
        operations: [OperationProfile],
        patterns: (TracePatterns, NameTable)? = nil,
        background: Background = Background()
    ) {
        self.sources = sources
        self.conversationCount = conversationCount
        self.conversationNoun = conversationNoun
        self.background = background
        var operations = operations
        if let (patterns, names) = patterns { Self.apply(patterns, names, to: &operations) }
        totalNanoseconds = operations.reduce(0) { $0 + $1.ownNanoseconds }
        let all = operations.map { operation in
            var advice: [(rule: ImprovementRule, gain: Double)] = []
            for rule in ImprovementRule.allCases {
                if let gain = rule.gain(operation) { advice.append((rule, gain)) }
            }
            return Finding(operation: operation, advice: advice.sorted { Self.worth($0) > Self.worth($1) })
        }
        func isWorthALine(_ finding: Finding) -> Bool {
            max(finding.operation.share, finding.operation.measured?.share ?? 0) >= Self.smallestShare
                || !finding.advice.isEmpty
        }
        findings = all.filter(isWorthALine).sorted { left, right in
            left.worth != right.worth
                ? left.worth > right.worth : left.operation.ownNanoseconds > right.operation.ownNanoseconds
        }
        others = all.filter { !isWorthALine($0) }.map(\.operation)
    }

    /// The advice of all findings or of the first ones, by gain for effort, the best first.
    package func advice(limit: Int = .max) -> [(operation: OperationProfile, rule: ImprovementRule, gain: Double)] {
        findings.prefix(limit).flatMap { finding in finding.advice.map { (finding.operation, $0.rule, $0.gain) } }
            .sorted { Self.worth(($0.1, $0.2)) > Self.worth(($1.1, $1.2)) }
    }

    private static func worth(_ advice: (rule: ImprovementRule, gain: Double)) -> Double {
        advice.gain / Double(advice.rule.effort.rawValue)
    }

    /// The analysis with the patterns in the traces of the same runs.
    package func adding(_ patterns: TracePatterns, _ names: NameTable) -> BottleneckAnalysis {
        BottleneckAnalysis(
            sources: sources,
            conversationCount: conversationCount,
            conversationNoun: conversationNoun,
            operations: findings.map(\.operation) + others,
            patterns: (patterns, names),
            background: background
        )
    }

    /// Analyzes traces.
    /// - Parameter calls: The model calls in the traces.
    package init(
        sources: [String],
        _ totals: TraceTotals,
        _ patterns: TracePatterns,
        calls: ModelCallTotals = ModelCallTotals(),
        names: NameTable
    ) {
        let all = totals.mergingServices.byTime
        let whole = all.reduce(0.0) { $0 + Double($1.selfTimes.sumNanoseconds) }
        let operations = all.map { one in
            let own = Double(one.selfTimes.sumNanoseconds)
            var profile = OperationProfile(
                one.name,
                one.category,
                shapeOf: one.selfTimes,
                count: one.durations.count,
                of: totals.traceCount,
                own: own,
                share: whole > 0 ? own / whole : 0
            )
            profile.averageMemoryDeltaBytes = one.durations.averageMemoryDeltaBytes
            profile.isModelCall = one.isModelCall
            if one.isModelCall { profile.modelCalls = calls.evidence }
            return profile
        }
        self.init(
            sources: sources,
            conversationCount: totals.traceCount,
            conversationNoun: "trace",
            operations: operations,
            patterns: (patterns, names)
        )
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
            // Computations share the processor, so they are reported only if they are known to be independent.
            let waits = operations[first].category != .computation && operations[second].category != .computation
            guard waits || orderVaries else { continue }
            // The pair is reported once, for the longer operation.
            let (place, other) =
                operations[first].ownNanoseconds >= operations[second].ownNanoseconds
                ? (first, second) : (second, first)
            let gain = Double(pair.gain)
            guard operations[place].sequence.map({ gain > $0.gain }) ?? true else { continue }
            operations[place].sequence = (operations[other].name, gain, orderVaries)
        }
    }
}
