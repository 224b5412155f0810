extension ExpositionText {
    /// The families that have metrics, in the order in which they are written.
    static func checked(_ families: [MetricFamily]) throws(MetricFamilyError) -> [MetricFamily] {
        var checked = families.filter { !$0.metrics.isEmpty }.sorted { $0.name < $1.name }
        var names: Set<String> = []
        for place in checked.indices {
            let family = checked[place]
            guard MetricName.isValid(family.name) else { throw .invalidName(family.name) }
            for suffix in family.type.suffixes {
                guard names.insert(family.name + suffix).inserted else { throw .repeatedFamily(family.name) }
            }
            for metric in family.metrics { try check(metric, of: family) }
            if !zip(family.metrics, family.metrics.dropFirst()).allSatisfy({ precedes($0.labels, $1.labels) }) {
                checked[place].metrics.sort { precedes($0.labels, $1.labels) }
                let sorted = checked[place].metrics
                guard zip(sorted, sorted.dropFirst()).allSatisfy({ precedes($0.labels, $1.labels) }) else {
                    throw .repeatedSeries(family: family.name)
                }
            }
        }
        return checked
    }

    private static func check(_ metric: Metric, of family: MetricFamily) throws(MetricFamilyError) {
        var previous: String?
        for label in metric.labels {
            guard MetricName.isValidLabel(label.name), label.name != family.type.reservedLabel else {
                throw .invalidLabel(family: family.name, label: label.name)
            }
            guard label.name != previous else { throw .repeatedLabel(family: family.name, label: label.name) }
            previous = label.name
        }
        switch (metric.value, family.type) {
        case (.number, .counter), (.number, .gauge), (.number, .untyped):
            break
        case (.histogram(let histogram), .histogram):
            let edges = histogram.edges
            let counts = histogram.cumulativeCounts
            guard edges.count == counts.count, edges.allSatisfy(\.isFinite),
                zip(edges, edges.dropFirst()).allSatisfy(<), zip(counts, counts.dropFirst()).allSatisfy(<=),
                counts.last ?? 0 <= histogram.count
            else { throw .notIncreasing(family: family.name) }
        case (.summary(let summary), .summary):
            let shares = summary.quantiles.map(\.share)
            guard shares.allSatisfy({ 0...1 ~= $0 }), zip(shares, shares.dropFirst()).allSatisfy(<) else {
                throw .notIncreasing(family: family.name)
            }
        default:
            throw .wrongValue(family: family.name, type: family.type)
        }
    }

    /// By bytes, as Prometheus tells series apart: two spellings of é are one `String`, but two series.
    private static func precedes(_ left: [MetricLabel], _ right: [MetricLabel]) -> Bool {
        for (left, right) in zip(left, right) {
            if left.name != right.name { return left.name < right.name }
            if !left.value.utf8.elementsEqual(right.value.utf8) {
                return left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
            }
        }
        return left.count < right.count
    }
}

extension MetricType {
    /// What the names of its samples end with.
    package var suffixes: [String] {
        switch self {
        case .counter, .gauge, .untyped: [""]
        case .histogram: ["", "_bucket", "_sum", "_count"]
        case .summary: ["", "_sum", "_count"]
        }
    }

    /// The label that belongs to the format.
    package var reservedLabel: String? {
        switch self {
        case .counter, .gauge, .untyped: nil
        case .histogram: "le"
        case .summary: "quantile"
        }
    }
}
