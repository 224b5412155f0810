import SpanKitOTLP
import SpanKitPrometheusText
import SpanKitRecording

/// A metric family while its lines are being read.
struct FamilyReading {
    /// A bucket or a quantile.
    struct Point {
        /// The value of `le` or `quantile`.
        var position: Double
        var value: Double
        var line: Int
    }

    /// The lines with the same labels, except for `le` and `quantile`.
    struct MetricReading {
        var labels: [LabelRange]
        var line: Int
        var value = 0.0
        var points: [Point] = []
        var sum: Double?
        var count: Double?

        var sortedPoints: [Point] { points.sorted { $0.position < $1.position } }
    }

    let name: [UInt8]
    /// The line that named it first.
    let line: Int
    var help: String?
    var type: Metric.Kind?
    /// Whether the type is gauge histogram, which node_exporter's parser knows but its collector does not.
    var isGaugeHistogram = false
    var metrics: [MetricReading] = []
    /// Indices in `metrics` by their labels, sorted.
    var places: [[[UInt8]]: Int] = [:]
    var hasSamples = false

    init(name: [UInt8], line: Int) {
        self.name = name
        self.line = line
    }

    var nameText: String { String(decoding: name, as: UTF8.self) }
}

/// A label's name, and the range of its value, which is still escaped.
struct LabelRange {
    var name: [UInt8]
    var value: Range<Int>
}

extension ExpositionReader {
    /// Adds the value of a line to its metric.
    mutating func add(_ value: Double, at position: Double?, to sample: SampleName) {
        let family = sample.family
        let type = families[family].type ?? .unknown
        // As Prometheus compares labels: in any order, by bytes, and without those that are empty.
        let key = labels.filter { !$0.value.isEmpty }
            .map { $0.name + [UInt8(ascii: "=")] + text[$0.value] }
            .map(Array.init).sorted { $0.lexicographicallyPrecedes($1) }
        let found = families[family].places[key]
        let metric = found ?? families[family].metrics.count
        if found == nil {
            families[family].metrics.append(.init(labels: labels, line: line))
            families[family].places[key] = metric
        }
        if families[family].isGaugeHistogram, value < 0, version.rules.negativeCount == .losesFile,
            sample.role == .count || position != nil
        {
            report(Failure("a count is below 0", at: lineStart))
        }
        guard type == .histogram || type == .summary else {
            if found != nil {
                let first = families[family].metrics[metric].line
                report("the same series is on line \(first); remove one of them", line: line, .dropsSample)
            } else {
                families[family].metrics[metric].value = value
            }
            return
        }
        switch sample.role {
        case .sum:
            reportRepetition(of: families[family].metrics[metric].sum)
            families[family].metrics[metric].sum = value
        case .count:
            reportRepetition(of: families[family].metrics[metric].count)
            reportUnlessWhole(value, isHistogram: type == .histogram)
            families[family].metrics[metric].count = value
        case .value, .bucket:
            guard let position, !position.isNaN else {
                let label = type.reservedLabel ?? ""
                return report(
                    "a sample of a \(type.typeText) has no valid label \(label); add it",
                    line: line,
                    .dropsSample
                )
            }
            if type == .histogram {
                reportUnlessWhole(value, isHistogram: true)
                if sample.role == .value {
                    let name = families[family].nameText
                    report("a bucket of \(name) has to be named \(name)_bucket", line: line, .misreads)
                }
            } else if !(0...1 ~= position) {
                report("a quantile is not between 0 and 1", line: line, .serves)
            }
            families[family].metrics[metric].points.append(.init(position: position, value: value, line: line))
        }
    }

    private mutating func reportRepetition(of earlier: Double?) {
        if earlier != nil { report("the series is repeated; the last value is used", line: line, .misreads) }
    }

    private mutating func reportUnlessWhole(_ count: Double, isHistogram: Bool) {
        if count < 0, isHistogram, version.rules.negativeCount == .losesFile {
            report(Failure("a count is below 0", at: lineStart))
        } else if count < 0 || count != count.rounded() || count >= 0x1p64 {
            report("a count is not a whole number of at least 0", line: line, .misreads)
        }
    }

    // MARK: Checks of whole families

    mutating func checkFamilies() {
        for family in families {
            if NodeExporterNames.contains(family.nameText), !family.metrics.isEmpty {
                let reason = "\(family.nameText) is also a metric of node_exporter itself; choose another name"
                report(reason, line: family.metrics[0].line, .dropsSample)
            }
            if family.metrics.isEmpty {
                checkUnused(family)
                continue
            }
            let name = family.nameText
            if family.isGaugeHistogram {
                report("\(name) is a gauge histogram, which the collector does not support", line: family.line, .panics)
                continue
            }
            if family.help ?? "" == "" {
                let reason = "\(name) has no HELP line, so it conflicts with any file that has one for it; add the line"
                report(reason, line: family.line, .serves)
            }
            guard family.type == .histogram || family.type == .summary else { continue }
            checkCollisions(family)
            for metric in family.metrics { check(metric, name, isHistogram: family.type == .histogram) }
        }
    }

    /// Checks a family without samples. `# TYPE x counter` before `x_total` is valid only in OpenMetrics; in this
    /// format, the type applies to no sample.
    private mutating func checkUnused(_ family: FamilyReading) {
        let name = family.nameText
        if family.isGaugeHistogram {
            let parts = ["_bucket", "_sum", "_count"].compactMap { familyPlaces[family.name + Array($0.utf8)] }
            guard parts.contains(where: { !families[$0].metrics.isEmpty }) else { return }
            let reason =
                "the type gauge histogram does not apply to the samples of \(name) (_bucket, _sum and _count), which stay untyped"
            return report(reason, line: family.line, .misreads)
        }
        guard family.type == .sum(isMonotonic: true), let total = familyPlaces[family.name + Array("_total".utf8)],
            !families[total].metrics.isEmpty, families[total].type == .unknown
        else { return }
        let reason =
            "the type is declared for \(name), which has no samples, so \(name)_total stays untyped; declare the type for \(name)_total"
        report(reason, line: family.line, .misreads)
    }

    private mutating func checkCollisions(_ family: FamilyReading) {
        for suffix in family.type?.suffixes.dropFirst() ?? [] {
            guard let other = familyPlaces[family.name + Array(suffix.utf8)], let first = families[other].metrics.first
            else { continue }
            let owner = "\(family.type?.typeText ?? "") \(family.nameText)"
            report(
                "\(family.nameText)\(suffix) also belongs to the \(owner); rename one of them",
                line: first.line,
                .dropsSample
            )
        }
    }

    private mutating func check(_ metric: FamilyReading.MetricReading, _ name: String, isHistogram: Bool) {
        let points = metric.sortedPoints
        for (left, right) in zip(points, points.dropFirst()) {
            if left.position == right.position {
                let reason = "the series repeats a value of \(isHistogram ? "le" : "quantile"); the last value is used"
                report(reason, line: max(left.line, right.line), .misreads)
            } else if isHistogram, left.value > right.value {
                report("a bucket is below the previous one; buckets are cumulative", line: right.line, .serves)
            }
        }
        for (value, suffix) in [(metric.sum, "_sum"), (metric.count, "_count")] where value == nil {
            report("\(name)\(suffix) is missing and becomes 0", line: metric.line, .misreads)
        }
        guard isHistogram, let count = metric.count else { return }
        if let last = points.last, last.position == .infinity {
            if last.value != count {
                report("the bucket le=\"+Inf\" differs from \(name)_count", line: last.line, .serves)
            }
        } else {
            let reason = "the bucket le=\"+Inf\" is missing; node_exporter makes it from \(name)_count"
            report(reason, line: metric.line, .serves)
        }
    }

    // MARK: Results

    /// The families that have samples, in the order of their first lines.
    func makeFamilies() -> [Metric] {
        families.filter { !$0.metrics.isEmpty }.map { family in
            let kind = family.type ?? .unknown
            let points = family.metrics.map { metric in
                let labels = metric.labels.filter { !$0.value.isEmpty }
                    .map { Attribute(string($0.name), .string(unescaped($0.value))) }
                return Metric.Point(value(of: metric, kind), attributes: labels.sorted { $0.key < $1.key })
            }
            return Metric(family.nameText, description: family.help ?? "", unit: "", kind: kind, points: points)
        }
    }

    private func value(of metric: FamilyReading.MetricReading, _ kind: Metric.Kind) -> Metric.Value {
        let count = UInt64(exactly: metric.count ?? 0) ?? 0
        switch kind {
        case .gauge, .sum, .unknown:
            return .double(metric.value)
        case .histogram, .exponentialHistogram:
            let finite = metric.sortedPoints.filter { $0.position.isFinite }
            return .histogram(
                ExplicitHistogram(
                    bounds: finite.map(\.position),
                    cumulativeCounts: finite.map { UInt64(exactly: $0.value) ?? 0 },
                    count: count,
                    sum: metric.sum
                )
            )
        case .summary:
            let quantiles = metric.sortedPoints.map { QuantileSummary.Quantile($0.position, $0.value) }
            return .summary(QuantileSummary(quantiles: quantiles, count: count, sum: metric.sum ?? 0))
        }
    }

    private func unescaped(_ range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in text[range] {
            if !isEscaped, byte == Byte.backslash {
                isEscaped = true
                continue
            }
            bytes.append(isEscaped && byte == UInt8(ascii: "n") ? Byte.lineFeed : byte)
            isEscaped = false
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
