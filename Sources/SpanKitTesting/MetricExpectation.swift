import SpanKitMetrics
import SpanKitOTLP
import SpanKitRecording

extension TelemetryMeter {
    /// Checks the series of the metrics that a text names.
    ///
    /// ```swift
    /// try recorder.metrics.expect(
    ///     """
    ///     orders = 2 | payment=card
    ///     orders = 1 | payment=invoice
    ///     order.size = 3 values, sum 7.5
    ///     """
    /// )
    /// ```
    ///
    /// Each line is a series: the name of the metric, its value, and all attributes as `key=value`, without quotes and in any order. The
    /// value of a histogram is the number of values that it has recorded; their sum may follow. Each series of a named
    /// metric must have a line. Metrics that the text does not name are not checked. Numbers may differ by a factor of
    /// 1 ± 10⁻⁹, because sums are rounded.
    /// - Throws: ``SpanExpectationError`` with the expected lines and all recorded ones if they differ. `-` marks lines without a series,
    ///   `+` marks series without a line.
    public func expect(_ expected: String, fileID: String = #fileID, line: UInt = #line) throws {
        let recorded = recordedSeries
        let lines: [ExpectedSeries]
        do {
            lines = try ExpectedSeries.parse(expected)
        } catch {
            throw SpanExpectationError(
                "the expected metrics have an invalid line \(error.text)",
                recorded.map { "  \($0)" },
                title: "recorded metrics",
                empty: "no metric",
                of: .current,
                at: (fileID, line)
            )
        }
        var unmatched = Set(recorded.indices)
        let missing = lines.map { line in
            guard let place = unmatched.sorted().first(where: { line.matches(recorded[$0]) }) else { return true }
            unmatched.remove(place)
            return false
        }
        let names = Set(lines.map(\.name))
        unmatched = unmatched.filter { names.contains(recorded[$0].name) }
        guard missing.contains(true) || !unmatched.isEmpty else { return }
        let expectedLines = zip(lines, missing).map { "\($1 ? "-" : " ") \($0.line)" }
        throw SpanExpectationError(
            "the metrics are not as expected\nexpected metrics:\n\(expectedLines.joined(separator: "\n"))",
            recorded.indices.map { "\(unmatched.contains($0) ? "+" : " ") \(recorded[$0])" },
            title: "recorded metrics",
            empty: "no metric",
            of: .current,
            at: (fileID, line)
        )
    }

    /// All series with their values as text, in the format of ``expect(_:fileID:line:)``, ordered by name and attributes.
    public var list: String { recordedSeries.map(\.description).joined(separator: "\n") }

    /// The current series, ordered by their text.
    var recordedSeries: [RecordedSeries] {
        collect(takesExemplars: false).flatMap { metric in
            metric.points.map { RecordedSeries(name: metric.name, attributes: $0.attributes, value: $0.value) }
        }
        .sorted { ($0.name, $0.labels.joined()) < ($1.name, $1.labels.joined()) }
    }
}

/// A series of a metric at one time.
struct RecordedSeries: CustomStringConvertible {
    let name: String
    let attributes: [Attribute]
    let value: Metric.Value

    /// The attributes as text, ordered by key.
    var labels: [String] {
        attributes.map { "\($0.key.replacing("\n", with: "\\n"))=\($0.value.text)" }.sorted()
    }

    /// The number of a counter or a gauge; nil for a histogram.
    var number: Double? {
        switch value {
        case .int(let value): Double(value)
        case .double(let value): value
        case .histogram, .distribution, .summary, .missing: nil
        }
    }

    /// The number and the sum of a histogram's values; nil for other metrics. The sum is nil if there are negative values.
    var totals: (count: UInt64, sum: Double?)? {
        switch value {
        case .histogram(let histogram): (histogram.count, histogram.sum)
        case .distribution(let distribution): (distribution.count, distribution.sum)
        case .summary(let summary): (summary.count, summary.sum)
        case .int, .double, .missing: nil
        }
    }

    var description: String {
        var text = "no value"
        if case .int(let value) = value {
            text = "\(value)"
        } else if let number {
            text = Self.text(number)
        } else if let totals {
            text = "\(totals.count) \(totals.count == 1 ? "value" : "values")"
            if totals.count > 0, let sum = totals.sum { text += ", sum \(Self.text(sum))" }
        }
        return (["\(name.replacing("\n", with: "\\n")) = \(text)"] + labels).joined(separator: " | ")
    }

    /// A number without the decimals of a whole one.
    private static func text(_ number: Double) -> String {
        Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}

/// A line of expected metrics.
struct ExpectedSeries {
    let line: String
    let name: String
    private let labels: [String]
    private let value: Value

    private enum Value {
        case number(Double)
        case totals(count: UInt64, sum: Double?)
    }

    struct InvalidLine: Error { let text: String }

    /// Reads a series from each line that is not empty.
    static func parse(_ text: String) throws(InvalidLine) -> [ExpectedSeries] {
        var series: [ExpectedSeries] = []
        for line in text.split(separator: "\n") {
            let line = line.trimmed
            if !line.isEmpty { series.append(try ExpectedSeries(line)) }
        }
        return series
    }

    private init(_ line: String) throws(InvalidLine) {
        let parts = line.split(separator: " | ", omittingEmptySubsequences: false).map(String.init)
        guard let equals = parts[0].ranges(of: " = ").last else {
            throw InvalidLine(text: "'\(line)': write name = value, such as orders = 2 | payment=card")
        }
        for label in parts.dropFirst() where !label.contains("=") {
            throw InvalidLine(text: "'\(line)': '\(label)' is not key=value")
        }
        let text = parts[0][equals.upperBound...]
        guard let value = Self.value(text) else {
            throw InvalidLine(
                text:
                    "'\(line)': '\(text)' is neither a number nor the totals of a histogram, such as 3 values, sum 7.5"
            )
        }
        self.line = line
        self.value = value
        name = String(parts[0][..<equals.lowerBound])
        labels = parts.dropFirst().sorted()
    }

    private static func value(_ text: Substring) -> Value? {
        if let number = Double(text) { return .number(number) }
        let parts = text.split(separator: ", ")
        let words = parts.first?.split(separator: " ") ?? []
        guard words.count == 2, let count = UInt64(words[0]), words[1] == "values" || words[1] == "value" else {
            return nil
        }
        guard parts.count > 1 else { return .totals(count: count, sum: nil) }
        guard parts.count == 2, parts[1].hasPrefix("sum "), let sum = Double(parts[1].dropFirst(4)) else { return nil }
        return .totals(count: count, sum: sum)
    }

    func matches(_ series: RecordedSeries) -> Bool {
        guard series.name == name, series.labels == labels else { return false }
        switch value {
        case .number(let number): return series.number.map { Self.isSame($0, number) } ?? false
        case .totals(let count, let sum):
            guard let totals = series.totals, totals.count == count else { return false }
            guard let sum else { return true }
            return totals.sum.map { Self.isSame($0, sum) } ?? false
        }
    }

    private static func isSame(_ left: Double, _ right: Double) -> Bool {
        left == right || (left - right).magnitude <= 1e-9 * max(left.magnitude, right.magnitude)
    }
}

extension StringProtocol {
    /// The text without spaces at both ends.
    fileprivate var trimmed: String {
        let front = drop { $0 == " " }
        return String(front.reversed().drop { $0 == " " }.reversed())
    }
}
