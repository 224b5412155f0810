extension ExplicitHistogram {
    /// Adds the values of another histogram.
    ///
    /// The result has only the bounds that both histograms have. The counts at these bounds are exact.
    /// - Returns: whether both have the same bounds.
    @discardableResult
    package mutating func merge(_ other: ExplicitHistogram) -> Bool {
        guard other.count > 0 else { return true }
        guard count > 0 else {
            self = other
            return true
        }
        let common = Set(bounds).intersection(other.bounds)
        guard let sum = at(common).adding(other.at(common)) else { return false }
        defer { self = sum }
        return common.count == bounds.count && common.count == other.bounds.count
    }

    /// The histogram without the counts at other bounds.
    private func at(_ kept: Set<Double>) -> ExplicitHistogram {
        guard kept.count < bounds.count else { return self }
        let places = bounds.indices.filter { kept.contains(bounds[$0]) }
        var histogram = self
        (histogram.bounds, histogram.cumulativeCounts) = (
            places.map { bounds[$0] }, places.map { cumulativeCounts[$0] }
        )
        return histogram
    }
}

extension Metric.Value {
    /// Adds the counts of another value of the same series, or of a series that is merged into this one. A sum of
    /// integers that does not fit becomes a floating-point number.
    /// - Returns: nil if the values cannot be added; false if the result lacks bounds that only one of the two
    ///   histograms had.
    package mutating func add(_ other: Metric.Value) -> Bool? {
        switch (self, other) {
        case (.int(let left), .int(let right)):
            let (sum, overflow) = left.addingReportingOverflow(right)
            self = overflow ? .double(Double(left) + Double(right)) : .int(sum)
            return true
        case (.int(let left), .double(let right)): self = .double(Double(left) + right)
        case (.double(let left), .int(let right)): self = .double(left + Double(right))
        case (.double(let left), .double(let right)): self = .double(left + right)
        case (.histogram(var left), .histogram(let right)):
            let isSame = left.merge(right)
            self = .histogram(left)
            return isSame
        case (.distribution(let left), .distribution(let right)):
            guard let sum = left.adding(right) else { return nil }
            self = .distribution(sum)
        default: return nil
        }
        return true
    }
}
