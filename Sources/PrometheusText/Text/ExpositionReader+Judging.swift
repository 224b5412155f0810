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
        guard family.type == .counter, let total = familyPlaces[family.name + Array("_total".utf8)],
            !families[total].metrics.isEmpty, families[total].type == .untyped
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
                "\(family.nameText)\(suffix) belongs to the \(family.type?.rawValue ?? "") \(family.nameText) too",
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
