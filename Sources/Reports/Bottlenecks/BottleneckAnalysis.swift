import SpanKitPercentiles
import SpanKitPlatform
import SpanKitSummaries

/// The bottlenecks of a run: where the time goes, and which improvements are worth the most.
package struct BottleneckAnalysis: Sendable {
    /// An operation with the improvements that apply to it.
    package struct Finding: Sendable {
        package var operation: OperationProfile
        /// The improvements, sorted by gain relative to effort, the best first. Gains are in nanoseconds over the whole
        /// run.
        package var advice: [(rule: ImprovementRule, gain: Double)]

        /// The largest fraction of the total time that the operation takes, by any measure.
        fileprivate func largestShare(of whole: Double) -> Double {
            let critical = whole > 0 ? (operation.criticalNanoseconds ?? 0) / whole : 0
            return max(operation.share, operation.measured?.share ?? 0, critical)
        }

        /// The gain relative to effort of the best improvement.
        var worth: Double { advice.first.map(BottleneckAnalysis.worth) ?? 0 }
    }

    /// The names of the runs.
    package let sources: [String]
    /// The number of traces whose longest root has a start and an end, or of answered messages.
    package let conversationCount: Int
    /// The number of other traces. Their time is not counted.
    package let untimedCount: Int
    /// The noun for what ``conversationCount`` counts.
    package let conversationNoun: String
    /// The duration of all traces or messages in nanoseconds.
    package let totalNanoseconds: Double
    /// The findings with advice, sorted by gain relative to effort, the best first, then the others, sorted by self
    /// time.
    package let findings: [Finding]
    /// Whether the operations belong to several services.
    package let hasServices: Bool
    /// The operations that take very little time and have no advice.
    package let others: [OperationProfile]
    package let background: Background
    /// Sentences about time that no gain includes, and about spans and operations that were not examined.
    package let limits: [String]

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

    /// The minimum fraction of the total time for an operation without advice to be a finding.
    private static let smallestShare = 0.001

    /// - Parameters:
    ///   - whole: The duration of all traces or messages in nanoseconds; `nil` if it is the sum of the operations.
    ///   - patterns: The patterns in the traces of the same runs.
    package init(
        sources: [String],
        conversationCount: Int,
        conversationNoun: String,
        operations: [OperationProfile],
        whole: Double? = nil,
        patterns: (TracePatterns, NameTable)? = nil,
        background: Background = Background()
    ) {
        self.sources = sources
        self.conversationCount = conversationCount
        self.conversationNoun = conversationNoun
        self.background = background
        var operations = operations
        hasServices = Set(operations.map(\.key.service)).count > 1
        if let (patterns, names) = patterns { Self.apply(patterns, names, to: &operations) }
        let whole = whole ?? operations.reduce(0) { $0 + $1.ownNanoseconds }
        totalNanoseconds = whole
        untimedCount = patterns?.0.limits.untimedTraceCount ?? 0
        limits = patterns.map { Self.limits(of: $0.0, operations, whole) } ?? []
        let all = operations.map { operation in
            var advice: [(rule: ImprovementRule, gain: Double)] = []
            for rule in ImprovementRule.allCases {
                if let gain = rule.gain(operation) { advice.append((rule, gain)) }
            }
            return Finding(operation: operation, advice: advice.sorted { Self.worth($0) > Self.worth($1) })
        }
        func isWorthALine(_ finding: Finding) -> Bool {
            finding.largestShare(of: whole) >= Self.smallestShare || !finding.advice.isEmpty
        }
        findings = all.filter(isWorthALine).sorted { left, right in
            left.worth != right.worth
                ? left.worth > right.worth : left.operation.impactNanoseconds > right.operation.impactNanoseconds
        }
        others = all.filter { !isWorthALine($0) }.map(\.operation)
    }

    /// Sentences about what the numbers do not contain.
    private static func limits(of patterns: TracePatterns, _ operations: [OperationProfile], _ whole: Double)
        -> [String]
    {
        var limits: [String] = []
        let shared = whole - operations.reduce(0) { $0 + $1.impactNanoseconds }
        let isOfTraces = operations.contains { $0.criticalNanoseconds != nil }
        if isOfTraces, shared > 0.01 * whole {
            let time = Readable.durationInText(wholeNanoseconds(shared / Double(max(1, patterns.traceCount))))
            limits.append(
                "\(time) of a trace (\(Readable.percent(shared / whole))) belong to no operation, because several run at the same "
                    + "time: making one of them faster saves nothing."
            )
        }
        if patterns.unawaitedCount > 0 {
            let spans = Readable.count(patterns.unawaitedCount, of: "span", "ends", "end")
            limits.append(
                "\(spans) after the parent, which did not wait: the time after its end is not counted as a possible gain."
            )
        }
        limits += patterns.limits.sentences(asIn: "spankit critical")
        if patterns.unexaminedCount > 0 {
            let operations = Readable.count(patterns.unexaminedCount, of: "operation", "was", "were")
            limits.append("\(operations) not examined: a trace has too many names. Record names without ids.")
        }
        return limits
    }

    /// The advice of all findings, sorted by gain relative to effort, the best first, up to a limit.
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
            whole: totalNanoseconds,
            patterns: (patterns, names),
            background: background
        )
    }

    /// Analyzes traces.
    package init(sources: [String], _ totals: TraceTotals, _ patterns: TracePatterns, names: NameTable) {
        let whole = Double(patterns.wholeNanoseconds)
        let impacts = Dictionary(
            patterns.impacts.map { ($0.key.key(names), $0.value) },
            uniquingKeysWith: { first, _ in first }
        )
        let operations = totals.byTime.map { one in
            let impact = impacts[one.key] ?? OperationImpact()
            var profile = OperationProfile(
                one.key,
                one.category,
                shapeOf: one.selfTimes,
                count: one.count,
                of: patterns.traceCount,
                untimed: patterns.limits.untimedTraceCount,
                own: Double(one.selfTimes.sumNanoseconds),
                impact: impact,
                whole: whole
            )
            profile.averageMemoryDeltaBytes = one.durations.averageMemoryDeltaBytes
            if let parts = one.parts, parts.own > 0 {
                func share(_ part: UInt128) -> Double { Double(part) / Double(parts.own) }
                profile.waits = (share(parts.ownForActor), share(parts.ownForThread), share(parts.ownSuspended))
            }
            profile.isModelCall = impact.calls.callCount > 0
            if profile.isModelCall { profile.modelCalls = impact.calls }
            return profile
        }
        self.init(
            sources: sources,
            conversationCount: patterns.traceCount,
            conversationNoun: "trace",
            operations: operations,
            whole: whole,
            patterns: (patterns, names)
        )
    }

    private static func apply(_ patterns: TracePatterns, _ names: NameTable, to operations: inout [OperationProfile]) {
        let places = Dictionary(
            operations.indices.map { (operations[$0].key, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        /// The index of an operation's profile. It is found by name if the profiles are from results files, which do
        /// not contain services.
        func place(of operation: OperationNumbers) -> Int? {
            let key = operation.key(names)
            return places[key] ?? places[key.withoutService]
        }
        let hasServices = Set(operations.map(\.key.service)).count > 1
        for found in patterns.repeatedCalls() {
            guard let place = place(of: found.child), operations[place].repetition == nil else {
                continue
            }
            operations[place].repetition = .init(
                parent: found.parent.key(names).title(withService: hasServices),
                calls: found.perParent,
                gain: Double(found.gain),
                example: found.example.trace
            )
        }
        for (pair, reverseCount) in patterns.sequentialCalls() {
            guard let first = place(of: pair.first), let second = place(of: pair.second), first != second else {
                continue
            }
            // Computations share the processor, so they are reported only if they are known to be independent.
            let waits = operations[first].category != .computation && operations[second].category != .computation
            guard waits || reverseCount > 0 else { continue }
            // The pair is reported once, for the longer operation.
            let isFirst = operations[first].impactNanoseconds >= operations[second].impactNanoseconds
            let (place, other) = isFirst ? (first, second) : (second, first)
            let gain = Double(pair.gain)
            guard operations[place].sequence.map({ gain > $0.gain }) ?? true else { continue }
            operations[place].sequence = .init(
                other: operations[other].key.title(withService: hasServices),
                gain: gain,
                counts: isFirst ? (pair.count, reverseCount) : (reverseCount, pair.count),
                example: pair.example.trace
            )
        }
    }
}
