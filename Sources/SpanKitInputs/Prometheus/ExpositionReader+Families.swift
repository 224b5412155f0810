import SpanKitOTLP
import SpanKitPrometheusText
import SpanKitRecording

/// A family while its lines are being read.
struct FamilyReading {
    /// One `le` or `quantile` with its value.
    struct Point {
        var position: Double
        var value: Double
        var line: Int
    }

    /// One metric: a set of labels, and for histograms and summaries all lines of it.
    struct MetricReading {
        var labels: [LabelRange]
        var line: Int
        var value = 0.0
        var points: [Point] = []
        var sum: Double?
        var count: Double?
    }

    let name: [UInt8]
    /// Where it was first named.
    let line: Int
    var help: String?
    var type: Metric.Kind?
    /// `gauge_histogram`: a type that the parser of node_exporter knows and its collector does not.
    var isGaugeHistogram = false
    var metrics: [MetricReading] = []
    /// Metrics by the hash of their labels.
    var places: [UInt64: [Int]] = [:]
    /// The metric of the last line; the next line mostly belongs to it.
    var last: Int?
    /// Where the run of lines ended that belong to it.
    var lastLine = 0

    init(name: [UInt8], line: Int) {
        self.name = name
        self.line = line
    }

    var nameText: String { String(decoding: name, as: UTF8.self) }
}

/// The place of a label in the text; its value still escaped.
struct LabelRange {
    var name: Range<Int>
    var value: Range<Int>
}

extension ExpositionReader {
    /// Adds what a line says to its metric.
    mutating func add(_ value: Double, at position: Double?, to sample: SampleName) {
        let family = sample.family
        let type = families[family].type ?? .unknown
        let found = place(in: family)
        guard type == .histogram || type == .summary else {
            if let found {
                let first = families[family].metrics[found].line
                report("the same series as in line \(first)", line: line, .dropsSample)
            } else {
                _ = insert(in: family, value: value)
            }
            return
        }
        let metric = found ?? insert(in: family)
        let label = type.reservedLabel ?? ""
        switch sample.role {
        case .sum:
            reportRepetition(of: families[family].metrics[metric].sum)
            families[family].metrics[metric].sum = value
        case .count:
            reportRepetition(of: families[family].metrics[metric].count)
            reportUnlessWhole(value)
            families[family].metrics[metric].count = value
        case .value, .bucket:
            guard let position, !position.isNaN else {
                report("a sample of a \(type.typeText) without the label \(label)", line: line, .dropsSample)
                return
            }
            if type == .histogram {
                reportUnlessWhole(value)
                if sample.role == .value {
                    report("\(families[family].nameText) has to be written with _bucket here", line: line, .misreads)
                }
            } else if !(0...1 ~= position) {
                report("a quantile outside 0...1", line: line, .serves)
            }
            families[family].metrics[metric].points.append(.init(position: position, value: value, line: line))
        }
    }

    private mutating func reportRepetition(of earlier: Double?) {
        if earlier != nil { report("the same series a second time; the last one counts", line: line, .misreads) }
    }

    mutating func reportUnlessWhole(_ count: Double) {
        if count < 0 || count != count.rounded() || count >= 0x1p64 {
            report("a count has to be a whole number, not negative", line: line, .misreads)
        }
    }

    private mutating func insert(in family: Int, value: Double = 0) -> Int {
        let place = families[family].metrics.count
        families[family].metrics.append(.init(labels: labels, line: line, value: value))
        families[family].places[labelsHash(), default: []].append(place)
        families[family].last = place
        return place
    }

    private mutating func place(in family: Int) -> Int? {
        if let last = families[family].last, hasSameLabels(families[family].metrics[last].labels) { return last }
        let place = families[family].places[labelsHash()]?.first { hasSameLabels(families[family].metrics[$0].labels) }
        if place != nil { families[family].last = place }
        return place
    }

    // MARK: Labels as a set

    /// The same for the labels in any order; a label with an empty value is absent.
    private func labelsHash() -> UInt64 {
        var sum: UInt64 = 0
        for label in labels where !label.value.isEmpty {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for place in label.name.lowerBound..<label.value.upperBound {
                hash = (hash ^ UInt64(text[place])) &* 0x100_0000_01B3
            }
            sum &+= hash ^ hash >> 29
        }
        return sum
    }

    private func hasSameLabels(_ others: [LabelRange]) -> Bool {
        let pairs = zip(labels, others)
        if labels.count == others.count,
            pairs.allSatisfy({ isEqual($0.name, $1.name) && isEqual($0.value, $1.value) })
        {
            return true
        }
        let here = labels.filter { !$0.value.isEmpty }
        let there = others.filter { !$0.value.isEmpty }
        return here.count == there.count
            && here.allSatisfy { label in
                there.contains { isEqual($0.name, label.name) && isEqual($0.value, label.value) }
            }
    }
}

/// What only shows when all lines of a family are known.
extension ExpositionReader {
    mutating func checkFamilies() {
        for family in families {
            if family.metrics.isEmpty {
                checkUnused(family)
                continue
            }
            if family.isGaugeHistogram {
                report("\(family.nameText) has the type gauge_histogram", line: family.line, .panics)
                continue
            }
            if family.help == nil || family.help == "" {
                report(
                    "\(family.nameText) has no HELP line; other files with this name need the same",
                    line: family.line,
                    .serves
                )
            }
            checkCollisions(family)
            switch family.type {
            case .histogram: for metric in family.metrics { checkHistogram(metric, family.nameText) }
            case .summary: for metric in family.metrics { checkSummary(metric, family.nameText) }
            default: break
            }
        }
    }

    /// `# TYPE x counter` over `x_total` is how OpenMetrics has it; here the type belongs to nothing.
    private mutating func checkUnused(_ family: FamilyReading) {
        guard family.type == .sum(isMonotonic: true), let total = familyPlaces[family.name + Array("_total".utf8)],
            !families[total].metrics.isEmpty, families[total].type == .unknown
        else { return }
        report(
            "the type is that of \(family.nameText), which has no samples; \(family.nameText)_total stays untyped",
            line: family.line,
            .misreads
        )
    }

    private mutating func checkCollisions(_ family: FamilyReading) {
        guard family.type == .histogram || family.type == .summary else { return }
        for suffix in family.type?.suffixes.dropFirst() ?? [] {
            guard let other = familyPlaces[family.name + Array(suffix.utf8)], let first = families[other].metrics.first
            else { continue }
            report(
                "\(family.nameText)\(suffix) belongs to the \(family.type?.typeText ?? "") \(family.nameText) too",
                line: first.line,
                .dropsSample
            )
        }
    }

    private mutating func checkHistogram(_ metric: FamilyReading.MetricReading, _ name: String) {
        let points = metric.points.sorted { $0.position < $1.position }
        for (left, right) in zip(points, points.dropFirst()) {
            if left.position == right.position {
                report("the same le a second time; the last one counts", line: max(left.line, right.line), .misreads)
            } else if left.value > right.value {
                report("a bucket holds less than the one before; buckets are cumulative", line: right.line, .serves)
            }
        }
        if metric.sum == nil { report("\(name)_sum is missing and becomes 0", line: metric.line, .misreads) }
        guard let count = metric.count else {
            report("\(name)_count is missing and becomes 0", line: metric.line, .misreads)
            return
        }
        guard let last = points.last, last.position == .infinity else {
            report("the bucket le=\"+Inf\" is missing; it is made from \(name)_count", line: metric.line, .serves)
            return
        }
        if last.value != count {
            report("the bucket le=\"+Inf\" and \(name)_count differ", line: last.line, .serves)
        }
    }

    private mutating func checkSummary(_ metric: FamilyReading.MetricReading, _ name: String) {
        let points = metric.points.sorted { $0.position < $1.position }
        for (left, right) in zip(points, points.dropFirst()) where left.position == right.position {
            report("the same quantile a second time; the last one counts", line: max(left.line, right.line), .misreads)
        }
        if metric.sum == nil { report("\(name)_sum is missing and becomes 0", line: metric.line, .misreads) }
        if metric.count == nil { report("\(name)_count is missing and becomes 0", line: metric.line, .misreads) }
    }
}

extension ExpositionReader {
    /// The families that have samples, in the order in which they were first named.
    ///
    /// Only after reading without a problem.
    func makeFamilies() -> [Metric] {
        families.filter { !$0.metrics.isEmpty }.map { family in
            let kind = family.type ?? .unknown
            return Metric(
                family.nameText,
                description: family.help ?? "",
                unit: "",
                kind: kind,
                points: family.metrics.map { metric in
                    Metric.Point(
                        value(of: metric, kind),
                        attributes: metric.labels.filter { !$0.value.isEmpty }
                            .map { Attribute(string($0.name), .string(unescaped($0.value))) }
                            .sorted { $0.key < $1.key }
                    )
                }
            )
        }
    }

    private func value(of metric: FamilyReading.MetricReading, _ kind: Metric.Kind) -> Metric.Value {
        let points = metric.points.sorted { $0.position < $1.position }
        let sum = metric.sum ?? 0
        let count = UInt64(exactly: metric.count ?? 0) ?? 0
        switch kind {
        case .gauge, .sum, .unknown:
            return .double(metric.value)
        case .histogram, .exponentialHistogram:
            let finite = points.filter { $0.position.isFinite }
            return .histogram(
                ClassicHistogram(
                    edges: finite.map(\.position),
                    cumulativeCounts: finite.map { UInt64(exactly: $0.value) ?? 0 },
                    count: count,
                    sum: sum
                )
            )
        case .summary:
            return .summary(
                QuantileSummary(quantiles: points.map { .init($0.position, $0.value) }, count: count, sum: sum)
            )
        }
    }

    private func unescaped(_ range: Range<Int>) -> String {
        guard text[range].contains(Byte.backslash) else { return string(range) }
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in text[range] {
            if isEscaped {
                bytes.append(byte == UInt8(ascii: "n") ? Byte.lineFeed : byte)
                isEscaped = false
            } else if byte == Byte.backslash {
                isEscaped = true
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
