import SpanKitPercentiles
import SpanKitSummaries

/// The comparison of two runs: the operations that changed, the statistical confidence, and the impact.
///
/// An operation has changed if the difference is at least 1 % and significant: among comparisons of two equal runs, fewer than
/// one in a hundred show such a difference in any operation. Self times are compared if both runs contain them, so that
/// the change of a child is not attributed to its parents.
package struct RunComparison: Sendable {
    /// The difference of one operation between the runs.
    package struct Change: Sendable {
        package enum Verdict: String, Sendable {
            case slower, faster
            /// Most runs are unchanged; the slowest ones are slower.
            case tailSlower = "tail slower"
            /// Most runs are unchanged; the slowest ones are faster.
            case tailFaster = "tail faster"
            case unchanged = "no change"
            case tooFew = "too few runs"
            case added, removed
        }

        package var key: OperationKey
        package var name: String { key.name.text }
        package var verdict: Verdict
        /// The numbers of runs.
        package var counts: (before: UInt64, after: UInt64)
        /// The relative change of the mean; `nil` if one of the runs does not contain the operation.
        package var mean: Double?
        /// The relative change of the median.
        package var p50: Double?
        /// The relative change of the p95.
        package var p95: Double?
        /// The probability of such a difference between two equal runs; 1 if it is not known.
        package var chance: Double
        /// The change of the total time in nanoseconds, if the operation runs as often as in the earlier run.
        package var weight: Double

        package var isChange: Bool { verdict != .unchanged && verdict != .tooFew }
    }

    static let significance = 0.01
    static let smallestChange = 0.01

    package let before: RunStatistics
    package let after: RunStatistics
    /// The changes by impact, the largest first, then the unchanged operations by name.
    package let changes: [Change]
    private let verdicts: [OperationKey: Change.Verdict]

    /// Whether operations with the same name in several services are compared separately.
    package let hasServices: Bool
    /// The run that does not contain services although the other one contains several; `nil` if there is no such run.
    package let runWithoutServices: RunStatistics?

    /// - Parameter mergesServices: Whether operations with the same name are merged across services. They are also
    ///   merged if a run does not contain services, or if each run has only one service, whose name may have changed.
    package init(_ before: RunStatistics, _ after: RunStatistics, mergesServices: Bool = false) {
        let runs = [before, after]
        let bare = runs.first { $0.services.isEmpty && !$0.operations.isEmpty }
        let isOfServices = runs.contains { $0.services.count > 1 }
        runWithoutServices = isOfServices && !mergesServices ? bare : nil
        hasServices = isOfServices && !mergesServices && bare == nil
        let (before, after) =
            hasServices ? (before, after) : (before.mergingServices, after.mergingServices)
        self.before = before
        self.after = after
        let keys = Set(before.operations.keys).union(after.operations.keys)
        changes = keys.map { Self.change(of: $0, before.operations[$0], after.operations[$0], tests: keys.count) }
            .sorted { left, right in
                if left.isChange != right.isChange { return left.isChange }
                if left.weight.magnitude != right.weight.magnitude, left.isChange {
                    return left.weight.magnitude > right.weight.magnitude
                }
                return left.key < right.key
            }
        verdicts = Dictionary(uniqueKeysWithValues: changes.map { ($0.key, $0.verdict) })
    }

    /// The verdict on an operation; `nil` if neither run contains it.
    func verdict(on key: OperationKey) -> Change.Verdict? { verdicts[key] }

    /// The operation's name in reports.
    func label(_ key: OperationKey) -> String { hasServices ? key.description : key.name.text }

    private static func change(
        of key: OperationKey,
        _ before: RunStatistics.Operation?,
        _ after: RunStatistics.Operation?,
        tests: Int
    ) -> Change {
        var change = Change(
            key: key,
            verdict: .unchanged,
            counts: (before?.durations.count ?? 0, after?.durations.count ?? 0),
            chance: 1,
            weight: 0
        )
        guard let before, before.durations.count > 0 else {
            change.verdict = .added
            change.weight = Double(after?.durations.sumNanoseconds ?? 0)
            return change
        }
        guard let after, after.durations.count > 0 else {
            change.verdict = .removed
            change.weight = -Double(before.durations.sumNanoseconds)
            return change
        }
        let (old, new, _) = RunStatistics.Operation.compared(before, after)
        change.mean = part(old.averageNanoseconds, new.averageNanoseconds)
        change.p50 = part(old, new, 0.5)
        change.p95 = part(old, new, 0.95)
        change.weight = (new.averageNanoseconds - old.averageNanoseconds) * Double(old.count)
        guard old.count >= HistogramComparison.fewest, new.count >= HistogramComparison.fewest else {
            change.verdict = .tooFew
            return change
        }
        let comparison = HistogramComparison(old, new)
        change.chance = comparison.chance(tests: tests)
        guard change.chance < significance else { return change }
        let median = part(old, new, 0.5)?.magnitude ?? 0
        let isBulk = comparison.chanceOfBulk(tests: tests) < significance && median >= smallestChange
        let moved = isBulk ? median : part(old, new, 0.99)?.magnitude ?? 0
        guard max(moved, change.mean?.magnitude ?? 0) >= smallestChange else { return change }
        let isSlower = isBulk ? comparison.bulk > 0 : comparison.tail > 0
        change.verdict = isBulk ? (isSlower ? .slower : .faster) : (isSlower ? .tailSlower : .tailFaster)
        return change
    }

    private static func part(_ old: ExponentialHistogram, _ new: ExponentialHistogram, _ share: Double) -> Double? {
        guard let old = old.quantile(share)?.estimate, let new = new.quantile(share)?.estimate else { return nil }
        return part(old, new)
    }

    private static func part(_ old: Double, _ new: Double) -> Double? {
        old > 0 ? new / old - 1 : nil
    }

    // MARK: Report

    /// A row for each operation.
    package var listing: Listing { listing(of: changes) }

    func listing(of changes: [Change]) -> Listing {
        let operation: [Listing.Field<Change>] =
            [.init("name", "Operation", .name) { .text($0.name) }]
            + Listing.Field.service(isShown: hasServices) { $0.key.service?.text }
        let facts: [Listing.Field<Change>] = [
            .init("", "Verdict", .text, in: .tables) { .text($0.verdict.rawValue, $0.verdict.role) },
            .init("verdict", "", .text, in: .programs) { .text($0.verdict.rawValue.replacing(" ", with: "_")) },
            .init("mean_change", "Mean", .change) { Listing.number($0.mean) },
            .init("p50_change", "p50", .change, priority: 4) { Listing.number($0.p50) },
            .init("p95_change", "p95", .change, priority: 2) { Listing.number($0.p95) },
            .init("", "Impact", .duration, priority: 1, in: .tables) {
                Listing.number($0.isChange ? $0.weight.magnitude : nil)
            },
            .init("impact_ns", "", .duration, in: .programs) { .number($0.weight) },
            .init("chance_fraction", "By chance", .chance) { change in
                [.added, .removed, .tooFew].contains(change.verdict) ? .none : .number(change.chance)
            },
            .init("count_before", "Before", .count, priority: 5) { Listing.whole($0.counts.before) },
            .init("count_after", "After", .count, priority: 5) { Listing.whole($0.counts.after) },
        ]
        return Listing(changes, operation + facts)
    }

    static func readable(chance: Double) -> String {
        switch chance {
        case ..<0.0001: "< 0.01 %"
        case ..<0.01: "< 1 %"
        case ..<1: "\(Int((chance * 100).rounded())) %"
        default: "yes"
        }
    }

    /// The machine-readable comparison.
    /// - Parameter violations: The conditions that are true, each with a sentence.
    package func document(violations: [(condition: String, finding: String)] = []) -> ReportDocument {
        let violations = violations.map { violation in
            JSONText.object([("condition", .string(violation.condition)), ("finding", .string(violation.finding))])
        }
        return ReportDocument(
            .diff,
            facts: [
                ("before", .string(before.name)), ("after", .string(after.name)), ("violations", .list(violations)),
            ],
            listing
        )
    }

    /// The sentence for runs without a change.
    var unchangedText: String {
        changes.contains { $0.verdict == .unchanged } || changes.isEmpty
            ? "No change" : "Too few runs to compare (fewer than \(HistogramComparison.fewest))"
    }

    /// The report for a terminal.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        let changed = changes.filter(\.isChange)
        page.heading("\(before.name) → \(after.name)", Readable.count(changes.count, of: "operation"))
        if changed.isEmpty {
            page.paragraph("\(unchangedText).")
        } else {
            page.table(listing(of: changed).table)
        }
        let same = changes.count { $0.verdict == .unchanged }
        if same > 0, !changed.isEmpty {
            page.paragraph(Readable.count(same, of: "operation", "did not change.", "did not change."), role: .quiet)
        }
        let few = changes.count { $0.verdict == .tooFew }
        if few > 0 {
            let fewest = HistogramComparison.fewest
            page.paragraph(
                Readable.count(
                    few,
                    of: "operation",
                    "was not compared: it ran fewer than \(fewest) times in a run.",
                    "were not compared: they ran fewer than \(fewest) times in a run."
                ),
                role: .quiet
            )
        }
        if !changed.isEmpty {
            let usesSelf =
                before.operations.values.contains { $0.selfTimes != nil }
                && after.operations.values.contains { $0.selfTimes != nil }
            page.paragraph(
                (usesSelf ? "Self times are compared, without children. " : "")
                    + "\"Impact\" is the change of the total time. \"By chance\" is the probability of such a difference between two equal runs.",
                role: .quiet
            )
        }
        return page.text
    }
}

extension RunComparison.Change.Verdict {
    var role: TerminalStyle.Role {
        switch self {
        case .slower, .tailSlower: .bad
        case .faster, .tailFaster: .good
        case .added, .removed: .caution
        case .unchanged, .tooFew: .quiet
        }
    }
}
