extension ExpositionReader {
    /// Adds what a line says to its metric.
    mutating func add(_ value: Double, at position: Double?, to sample: SampleName) {
        let family = sample.family
        let type = families[family].type ?? .untyped
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
                report("a sample of a \(type.rawValue) without the label \(label)", line: line, .dropsSample)
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
