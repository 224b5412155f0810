import SpanKitPercentiles
import SpanKitPlatform
import SpanKitSummaries

/// A condition that fails a comparison, such as `p95(load) > 1.2x`, `max(chat) > 2s` or `errors(*) > 0`.
///
/// On the left is a metric of an operation, or of every operation with `*`: `p50`, `p90`, `p95`, `p99`, `avg`, `max`, `total`,
/// `count` or `errors`. On the right is a factor of the earlier run (`1.2x`, `+20%`), a duration (`250ms`) or a number.
///
/// A fixed value is compared with the measured durations. A factor of a time is compared with the times that
/// ``RunComparison`` compares. It is checked only for operations that changed significantly, because a p95 can grow by
/// half by chance.
package struct Condition: Sendable {
    /// The reason why a text is not a condition, or why a condition cannot be checked.
    package struct Problem: Error, CustomStringConvertible {
        package let description: String
    }

    package enum Metric: String, Sendable, CaseIterable {
        case p50, p90, p95, p99, avg, max, total, count, errors

        var isDuration: Bool { self != .count && self != .errors }
    }

    enum Bound: Equatable {
        /// A factor of the earlier run's value.
        case factor(Double)
        case value(Double)
    }

    /// The condition as written.
    package let text: String
    let metric: Metric
    let operation: String
    let isAbove: Bool
    let includesEqual: Bool
    let bound: Bound

    /// Parses a condition.
    package init(_ text: String) throws(Problem) {
        func problem(_ reason: String) -> Problem {
            let examples = "'p95(load) > 1.2x' or 'max(load) > 250ms'"
            return Problem(description: "'\(text)' is not a condition: \(reason); write it like \(examples)")
        }
        self.text = text
        guard let open = text.firstIndex(of: "("), let sign = text.lastIndex(where: { "<>".contains($0) }),
            let close = text[..<sign].lastIndex(of: ")"), open < close
        else { throw problem("it has no 'METRIC(OPERATION)' before a '<' or '>'") }
        let metricName = text[..<open].trimmed
        guard let metric = Metric(rawValue: metricName.lowercased()) else {
            let known = Metric.allCases.map(\.rawValue).joined(separator: ", ")
            throw problem("'\(metricName)' is not one of \(known)")
        }
        self.metric = metric
        operation = text[text.index(after: open)..<close].trimmed
        guard !operation.isEmpty else { throw problem("the operation is missing; '*' means every operation") }
        isAbove = text[sign] == ">"
        var right = text[text.index(after: sign)...]
        includesEqual = right.first == "="
        if includesEqual { right = right.dropFirst() }
        guard let bound = Self.bound(right.trimmed, metric) else {
            let kind = metric.isDuration ? "duration" : "number"
            throw problem("'\(right.trimmed)' is not a factor, a percentage or a \(kind)")
        }
        self.bound = bound
    }

    private static func bound(_ text: String, _ metric: Metric) -> Bound? {
        if text.hasSuffix("x") || text.hasSuffix("×") {
            return number(text.dropLast()).flatMap { $0 >= 0 ? .factor($0) : nil }
        }
        if text.hasSuffix("%") { return number(text.dropLast()).map { .factor(1 + $0 / 100) } }
        guard metric.isDuration else { return number(text).map { .value($0) } }
        return DurationText.nanoseconds(text).map { .value(Double($0)) }
    }

    private static func number(_ text: some StringProtocol) -> Double? {
        guard let value = Double(text.trimmed), value.isFinite else { return nil }
        return value
    }

    /// Returns a sentence for each operation for which the condition is true.
    /// - Throws: ``Problem`` if the condition cannot be checked for any operation.
    package func violations(of comparison: RunComparison) throws(Problem) -> [String] {
        try findings(of: comparison).violations
    }

    /// Returns a sentence for each operation for which the condition is true, and a sentence about the operations for
    /// which it could not be checked.
    /// - Throws: ``Problem`` if the condition cannot be checked for any operation.
    package func findings(of comparison: RunComparison) throws(Problem) -> (violations: [String], unchecked: String?) {
        let known = comparison.after.operations.keys.sorted()
        let named = known.filter { $0.name == ByteText(operation) }
        // An operation of several services is checked in each.
        let keys = operation == "*" ? known : named.isEmpty ? [OperationKey(name: operation)] : named
        var violations: [String] = []
        var obstacle: String?
        var judgedCount = 0
        var uncheckedCount = 0
        for key in keys {
            switch judge(key, in: comparison) {
            case .impossible(let reason):
                uncheckedCount += 1
                obstacle = obstacle ?? reason
            case .passed: judgedCount += 1
            case .violated(let sentence):
                judgedCount += 1
                violations.append(sentence)
            }
        }
        guard judgedCount > 0 else {
            throw Problem(description: "'\(text)': \(obstacle ?? "no operation in \(comparison.after.name)")")
        }
        guard let obstacle else { return (violations, nil) }
        let operations = Readable.count(uncheckedCount, of: "operation", "was", "were")
        let first = uncheckedCount == 1 ? obstacle : "\(obstacle), and so on"
        return (violations, "'\(text)': \(operations) not checked: \(first)")
    }

    private enum Judgement {
        case passed
        case violated(String)
        case impossible(String)
    }

    private func judge(_ key: OperationKey, in comparison: RunComparison) -> Judgement {
        let name = comparison.label(key)
        // Failures of spans without times count as well.
        func isKnown(_ operation: RunStatistics.Operation) -> Bool {
            operation.durations.count > 0 || metric == .errors && operation.errorCount > 0
        }
        guard let after = comparison.after.operations[key], isKnown(after) else {
            return .impossible("no operation '\(name)' in \(comparison.after.name)")
        }
        let factor: Double
        switch bound {
        case .value(let limit):
            return judge(name, value(after.durations, after.errorCount), against: limit, isOwnTime: false)
        case .factor(let number): factor = number
        }
        guard let before = comparison.before.operations[key], isKnown(before) else {
            return .impossible("no operation '\(name)' in \(comparison.before.name)")
        }
        guard metric.isDuration else {
            let (old, new) = (
                value(before.durations, before.errorCount), value(after.durations, after.errorCount)
            )
            return judge(name, new, against: old * factor, isOwnTime: false)
        }
        switch comparison.verdict(on: key) {
        case .tooFew:
            return .impossible(
                "'\(name)' ran fewer than \(HistogramComparison.fewest) times in a run, which is too few to compare; "
                    + "use a value, such as \(metric.rawValue)(\(key.name.text)) > 250ms"
            )
        case .unchanged: return .passed
        default: break
        }
        let (old, new, isOwnTime) = RunStatistics.Operation.compared(before, after)
        return judge(name, value(new, 0), against: value(old, 0) * factor, isOwnTime: isOwnTime)
    }

    private func judge(_ name: String, _ now: Double, against limit: Double, isOwnTime: Bool) -> Judgement {
        guard includesEqual && now == limit || (isAbove ? now > limit : now < limit) else { return .passed }
        return .violated(
            "\(metric.rawValue)(\(name))\(isOwnTime ? " of self time" : "") is \(readable(now)), "
                + "\(isAbove ? "above" : "below") \(readable(limit))"
        )
    }

    private func readable(_ value: Double) -> String {
        metric.isDuration
            ? Readable.durationInText(wholeNanoseconds(value)) : Listing.plain((value * 100).rounded() / 100)
    }

    private func value(_ durations: ExponentialHistogram, _ errorCount: UInt64) -> Double {
        switch metric {
        case .p50: durations.quantile(0.5)?.estimate ?? 0
        case .p90: durations.quantile(0.9)?.estimate ?? 0
        case .p95: durations.quantile(0.95)?.estimate ?? 0
        case .p99: durations.quantile(0.99)?.estimate ?? 0
        case .avg: durations.averageNanoseconds
        case .max: Double(durations.maximumNanoseconds)
        case .total: Double(durations.sumNanoseconds)
        case .count: Double(durations.count)
        case .errors: Double(errorCount)
        }
    }
}

extension StringProtocol {
    fileprivate var trimmed: String { String(trimmingWhitespace()) }
}
