import SpanKitPercentiles
import SpanKitSummaries

/// Two runs side by side: which operations changed, how sure that is, and how much it matters.
///
/// An operation has changed when a difference so large would come by chance in fewer than one of a hundred comparisons of
/// two equal runs, over all operations together, and when it is at least 1 %. Its own time is judged, where traces tell it, so
/// that a parent does not stand for its child.
package struct RunComparison: Sendable {
    /// What became of one operation.
    package struct Change: Sendable {
        package enum Verdict: String, Sendable {
            case slower, faster
            /// The bulk is as it was; the slowest runs are slower.
            case tailSlower = "tail slower"
            /// The bulk is as it was; the slowest runs are faster.
            case tailFaster = "tail faster"
            case unchanged = "no change"
            case tooFew = "too few runs"
            case added, removed
        }

        package var name: String
        package var verdict: Verdict
        /// Runs before and after.
        package var counts: (before: UInt64, after: UInt64)
        /// The change of the mean of the time that is judged, as a part of what it was; nil where there is none.
        package var mean: Double?
        /// The change of its median.
        package var p50: Double?
        /// The change of its p95.
        package var p95: Double?
        /// By chance; 1 for nothing known.
        package var chance: Double
        /// Nanoseconds that all runs of the operation take more, had it run as often as before.
        package var weight: Double

        package var isChange: Bool { verdict != .unchanged && verdict != .tooFew }
    }

    static let significance = 0.01
    static let smallestChange = 0.01

    package let before: RunStatistics
    package let after: RunStatistics
    /// What matters most first; what did not change by name at the end.
    package let changes: [Change]

    package init(_ before: RunStatistics, _ after: RunStatistics) {
        self.before = before
        self.after = after
        let names = Set(before.operations.keys).union(after.operations.keys)
        changes = names.map { Self.change(of: $0, before.operations[$0], after.operations[$0], tests: names.count) }
            .sorted { left, right in
                if left.isChange != right.isChange { return left.isChange }
                if left.weight.magnitude != right.weight.magnitude, left.isChange {
                    return left.weight.magnitude > right.weight.magnitude
                }
                return left.name < right.name
            }
    }

    /// What became of an operation that one of the runs has.
    func verdict(on name: String) -> Change.Verdict? { changes.first { $0.name == name }?.verdict }

    private static func change(
        of name: String,
        _ before: RunStatistics.Operation?,
        _ after: RunStatistics.Operation?,
        tests: Int
    ) -> Change {
        var change = Change(
            name: name,
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
        var listing = Listing([
            .init("name", "Operation", .name), .init("verdict", "Verdict", .text),
            .init("meanChange", "Mean", .change), .init("p50Change", "p50", .change, priority: 4),
            .init("p95Change", "p95", .change, priority: 2),
            .init("weightNanoseconds", "Matters", .duration, priority: 1), .init("chance", "By chance", .text),
            .init("countBefore", "Before", .count, priority: 5), .init("countAfter", "After", .count, priority: 5),
        ])
        for change in changes {
            listing.rows.append([
                .text(change.name), .text(change.verdict.rawValue, change.verdict.role), Self.cell(change.mean),
                Self.cell(change.p50), Self.cell(change.p95),
                change.isChange ? .number(change.weight.magnitude) : .none,
                change.verdict == .added || change.verdict == .removed || change.verdict == .tooFew
                    ? .none : .text(Self.readable(chance: change.chance)),
                Listing.whole(change.counts.before), Listing.whole(change.counts.after),
            ])
        }
        return listing
    }

    private static func cell(_ change: Double?) -> Listing.Value { change.map { .number($0) } ?? .none }

    static func readable(chance: Double) -> String {
        switch chance {
        case ..<0.0001: "< 0.01 %"
        case ..<0.01: "< 1 %"
        case ..<1: "\(Int((chance * 100).rounded())) %"
        default: "yes"
        }
    }

    /// What to say where nothing has changed.
    var unchangedText: String {
        changes.contains { $0.verdict == .unchanged } || changes.isEmpty
            ? "No change" : "Too few runs to compare (fewer than \(HistogramComparison.fewest))"
    }

    /// The whole report.
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
            page.paragraph("\(Readable.count(same, of: "operation")) without a change.", role: .quiet)
        }
        let few = changes.count { $0.verdict == .tooFew }
        if few > 0 {
            page.paragraph(
                "\(Readable.count(few, of: "operation")) ran fewer than \(HistogramComparison.fewest) times on one side; nothing can be said of them.",
                role: .quiet
            )
        }
        if !changed.isEmpty {
            let usesSelf =
                before.operations.values.contains { $0.selfTimes != nil }
                && after.operations.values.contains { $0.selfTimes != nil }
            page.paragraph(
                (usesSelf ? "Own time is compared, without that of children. " : "")
                    + "\"Matters\": what all runs take more or less. \"By chance\": how often so large a difference shows between two equal runs.",
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
