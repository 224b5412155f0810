import SpanKitPercentiles

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
    /// What is known besides.
    package let background: Background

    /// What the program that ran the conversations adds.
    package struct Background: Sendable {
        /// What a conversation should take, and what it takes on average, in nanoseconds.
        package var goal: (target: UInt64, average: UInt64)?
        /// A sentence on the whole.
        package var verdict: String?
        /// Sentences on the numbers.
        package var notes: [String] = []
        /// What else is to be shown, each with a sentence on how to read it.
        package var tables: [(title: String, rows: Listing, about: String)] = []

        package init() {}
    }

    /// Less than this part of all time is not worth a line, unless it has advice.
    private static let smallestShare = 0.001

    /// - Parameter patterns: of the traces of the same runs, where there are some.
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
            func worth(_ entry: (rule: ImprovementRule, gain: Double)) -> Double {
                entry.gain / Double(entry.rule.effort.rawValue)
            }
            return Finding(operation: operation, advice: advice.sorted { worth($0) > worth($1) })
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

    /// All advice, the most gain for the effort first.
    package var advice: [(operation: OperationProfile, rule: ImprovementRule, gain: Double)] {
        Self.advice(of: findings)
    }

    static func advice(
        of findings: some Sequence<Finding>
    ) -> [(operation: OperationProfile, rule: ImprovementRule, gain: Double)] {
        findings.flatMap { finding in finding.advice.map { (finding.operation, $0.rule, $0.gain) } }
            .sorted { $0.2 / Double($0.1.effort.rawValue) > $1.2 / Double($1.1.effort.rawValue) }
    }

    /// The same with what the traces of the same runs show.
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

    /// Of traces from anybody.
    /// - Parameter calls: those of language models.
    package init(
        sources: [String],
        _ totals: TraceTotals,
        _ patterns: TracePatterns,
        calls: ModelCallTotals = ModelCallTotals(),
        names: NameTable
    ) {
        let all = totals.byTime
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
