extension ExpositionReader {
    /// The families that have samples, in the order in which they were first named.
    ///
    /// Only after reading without a problem.
    func makeFamilies() -> [MetricFamily] {
        families.filter { !$0.metrics.isEmpty }.map { family in
            let type = family.type ?? .untyped
            return MetricFamily(
                name: family.nameText,
                help: family.help ?? "",
                type: type,
                metrics: family.metrics.map { metric in
                    Metric(
                        labels: metric.labels.map { MetricLabel(string($0.name), unescaped($0.value)) },
                        value(of: metric, type)
                    )
                }
            )
        }
    }

    private func value(of metric: FamilyReading.MetricReading, _ type: MetricType) -> MetricValue {
        let points = metric.points.sorted { $0.position < $1.position }
        let sum = metric.sum ?? 0
        let count = UInt64(exactly: metric.count ?? 0) ?? 0
        switch type {
        case .counter, .gauge, .untyped:
            return .number(metric.value)
        case .histogram:
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
