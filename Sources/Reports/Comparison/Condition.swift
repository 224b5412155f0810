import Percentiles
import Summaries

/// Something that must not come true of a run: `p95(step_2_load_messages) > 1.2x`, `max(chat) > 2s`, `errors(*) > 0`.
///
/// On the left `p50`, `p90`, `p95`, `p99`, `avg`, `max`, `total`, `count` or `errors` of an operation, `*` for each. On the
/// right a factor of the run before (`1.2x`, `+20%`), a duration (`250ms`), or a number.
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

    /// Whether it needs a run to compare with.
    package var isRelative: Bool {
        if case .factor = bound { true } else { false }
    }

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

    /// Where it holds: a sentence for each operation. Operations that neither run has are an error of the caller's.
    package func violations(before: RunStatistics?, after: RunStatistics) throws(Problem) -> [String] {
        let names = operation == "*" ? after.operations.keys.sorted() : [operation]
        var violations: [String] = []
        for name in names {
            guard let now = after.operations[name].flatMap(value) else {
                if operation == "*" { continue }
                throw Problem(description: "'\(text)': no operation '\(name)' in \(after.name)")
            }
            let limit: Double
            switch bound {
            case .value(let value): limit = value
            case .factor(let factor):
                guard let old = before?.operations[name].flatMap(value) else {
                    if operation == "*" { continue }
                    throw Problem(description: "'\(text)': no operation '\(name)' in \(before?.name ?? "a run before")")
                }
                limit = old * factor
            }
            let holds =
                isAbove ? now > limit || includesEqual && now == limit : now < limit || includesEqual && now == limit
            if holds {
                violations.append(
                    "\(metric.rawValue)(\(name)) is \(readable(now)), \(isAbove ? "above" : "below") \(readable(limit))"
                )
            }
        }
        return violations
    }

    private func readable(_ value: Double) -> String {
        metric.isDuration
            ? Readable.durationInText(wholeNanoseconds(value)) : Listing.plain((value * 100).rounded() / 100)
    }

    private func value(_ operation: RunStatistics.Operation) -> Double? {
        let durations = operation.durations
        guard durations.count > 0 else { return nil }
        switch metric {
        case .p50: return durations.quantile(0.5)?.estimate
        case .p90: return durations.quantile(0.9)?.estimate
        case .p95: return durations.quantile(0.95)?.estimate
        case .p99: return durations.quantile(0.99)?.estimate
        case .avg: return durations.averageNanoseconds
        case .max: return Double(durations.maximumNanoseconds)
        case .total: return Double(durations.sumNanoseconds)
        case .count: return Double(durations.count)
        case .errors: return Double(operation.errorCount)
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
