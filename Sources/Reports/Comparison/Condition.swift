import SpanKitPercentiles
import SpanKitSummaries

/// Something that must not come true of a run: `p95(step_2_load_messages) > 1.2x`, `max(chat) > 2s`, `errors(*) > 0`.
///
/// On the left `p50`, `p90`, `p95`, `p99`, `avg`, `max`, `total`, `count` or `errors` of an operation, `*` for each. On the
/// right a factor of the run before (`1.2x`, `+20%`), a duration (`250ms`), or a number.
///
/// A value is held against what was measured. A factor of a time is held against what ``RunComparison`` compares, and only
/// where that says that the operation changed: chance alone makes a p95 half as long again.
package struct Condition: Sendable {
    /// Why a text is no condition.
    package struct Problem: Error, CustomStringConvertible {
        package let description: String
    }

    package enum Metric: String, Sendable, CaseIterable {
        case p50, p90, p95, p99, avg, max, total, count, errors

        var isDuration: Bool { self != .count && self != .errors }
    }

    enum Bound: Equatable {
        /// Of the run before.
        case factor(Double)
        case value(Double)
    }

    /// As it was written.
    package let text: String
    let metric: Metric
    let operation: String
    let isAbove: Bool
    let includesEqual: Bool
    let bound: Bound

    /// Reads a condition.
    package init(_ text: String) throws(Problem) {
        func problem(_ reason: String) -> Problem {
            Problem(
                description:
                    "'\(text)' is no condition: \(reason); write it like 'p95(load) > 1.2x' or 'max(load) > 250ms'"
            )
        }
        self.text = text
        guard let open = text.firstIndex(of: "("), let sign = text.lastIndex(where: { "<>".contains($0) }),
            let close = text[..<sign].lastIndex(of: ")"), open < close
        else { throw problem("it has no 'METRIC(OPERATION)' before a '<' or '>'") }
        let metricName = text[..<open].trimmed
        guard let metric = Metric(rawValue: metricName.lowercased()) else {
            let known = Metric.allCases.map(\.rawValue).joined(separator: ", ")
            throw problem("'\(metricName)' is none of \(known)")
        }
        self.metric = metric
        operation = text[text.index(after: open)..<close].trimmed
        guard !operation.isEmpty else { throw problem("the operation is missing; '*' is each") }
        isAbove = text[sign] == ">"
        var right = text[text.index(after: sign)...]
        includesEqual = right.first == "="
        if includesEqual { right = right.dropFirst() }
        guard let bound = Self.bound(right.trimmed, metric) else {
            throw problem("'\(right.trimmed)' is no factor, \(metric.isDuration ? "duration" : "number") or percentage")
        }
        self.bound = bound
    }

    private static func bound(_ text: String, _ metric: Metric) -> Bound? {
        if text.hasSuffix("x") || text.hasSuffix("×") {
            return number(text.dropLast()).flatMap { $0 >= 0 ? .factor($0) : nil }
        }
        if text.hasSuffix("%") { return number(text.dropLast()).map { .factor(1 + $0 / 100) } }
        guard metric.isDuration else { return number(text).map { .value($0) } }
        let units: [(String, Double)] = [
            ("ns", 1), ("µs", 1e3), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3_600e9),
        ]
        for (unit, factor) in units where text.hasSuffix(unit) {
            if let value = number(text.dropLast(unit.count)) { return .value(value * factor) }
        }
        return nil
    }

    private static func number(_ text: some StringProtocol) -> Double? {
        guard let value = Double(text.trimmed), value.isFinite else { return nil }
        return value
    }

    /// Where it holds: a sentence for each operation. That it can be judged of none is an error: a check that checks nothing
    /// is not passed.
    package func violations(of comparison: RunComparison) throws(Problem) -> [String] {
        let names = operation == "*" ? comparison.after.operations.keys.sorted() : [operation]
        var violations: [String] = []
        var obstacle: String?
        var judgedCount = 0
        for name in names {
            switch judge(name, in: comparison) {
            case .impossible(let reason): obstacle = reason
            case .passed: judgedCount += 1
            case .violated(let sentence):
                judgedCount += 1
                violations.append(sentence)
            }
        }
        if judgedCount == 0, let obstacle { throw Problem(description: "'\(text)': \(obstacle)") }
        return violations
    }

    private enum Judgement {
        case passed
        case violated(String)
        case impossible(String)
    }

    private func judge(_ name: String, in comparison: RunComparison) -> Judgement {
        guard let after = comparison.after.operations[name], after.durations.count > 0 else {
            return .impossible("no operation '\(name)' in \(comparison.after.name)")
        }
        let factor: Double
        switch bound {
        case .value(let limit):
            return judge(name, value(after.durations, after.errorCount), against: limit, isOwnTime: false)
        case .factor(let number): factor = number
        }
        guard let before = comparison.before.operations[name], before.durations.count > 0 else {
            return .impossible("no operation '\(name)' in \(comparison.before.name)")
        }
        guard metric.isDuration else {
            let (old, new) = (
                value(before.durations, before.errorCount), value(after.durations, after.errorCount)
            )
            return judge(name, new, against: old * factor, isOwnTime: false)
        }
        switch comparison.verdict(on: name) {
        case .tooFew:
            return .impossible(
                "'\(name)' ran fewer than \(HistogramComparison.fewest) times in a run, too few to compare; "
                    + "ask for a value, such as \(metric.rawValue)(\(name)) > 250ms"
            )
        case .unchanged: return .passed
        default: break
        }
        let (old, new, isOwnTime) = RunStatistics.Operation.compared(before, after)
        return judge(name, value(new, 0), against: value(old, 0) * factor, isOwnTime: isOwnTime)
    }

    private func judge(_ name: String, _ now: Double, against limit: Double, isOwnTime: Bool) -> Judgement {
        let holds =
            isAbove ? now > limit || includesEqual && now == limit : now < limit || includesEqual && now == limit
        guard holds else { return .passed }
        return .violated(
            "\(metric.rawValue)(\(name))\(isOwnTime ? " of own time" : "") is \(readable(now)), "
                + "\(isAbove ? "above" : "below") \(readable(limit))"
        )
    }

    private func readable(_ value: Double) -> String {
        metric.isDuration
            ? Readable.durationInText(wholeNanoseconds(value)) : Listing.plain((value * 100).rounded() / 100)
    }

    /// Of runs that are not none.
    private func value(_ durations: ExponentialHistogram, _ errorCount: UInt64) -> Double {
        switch metric {
        case .p50: return durations.quantile(0.5)?.estimate ?? 0
        case .p90: return durations.quantile(0.9)?.estimate ?? 0
        case .p95: return durations.quantile(0.95)?.estimate ?? 0
        case .p99: return durations.quantile(0.99)?.estimate ?? 0
        case .avg: return durations.averageNanoseconds
        case .max: return Double(durations.maximumNanoseconds)
        case .total: return Double(durations.sumNanoseconds)
        case .count: return Double(durations.count)
        case .errors: return Double(errorCount)
        }
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}
