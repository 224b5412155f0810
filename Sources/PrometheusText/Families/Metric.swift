/// One member of a family: a set of labels and what was measured under it.
public struct Metric: Sendable, Equatable {
    /// Sorted by name, without empty values (the format takes those for absent); `le` and `quantile` never among them.
    public let labels: [MetricLabel]
    /// What was measured.
    public var value: MetricValue

    /// A metric; the labels may come in any order.
    public init(labels: [MetricLabel] = [], _ value: MetricValue) {
        self.labels = labels.filter { !$0.value.isEmpty }.sorted { $0.name < $1.name }
        self.value = value
    }

    /// A metric that is one number.
    public init(labels: [MetricLabel] = [], _ number: Double) {
        self.init(labels: labels, .number(number))
    }
}

/// What a metric holds, by the type of its family.
public enum MetricValue: Sendable, Equatable {
    /// A counter, a gauge or something untyped.
    case number(Double)
    /// A classic histogram.
    case histogram(ClassicHistogram)
    /// Quantiles with their sum and count.
    case summary(QuantileSummary)

    /// Not a number equals itself here: what was read back is what was written.
    public static func == (left: MetricValue, right: MetricValue) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): isSameNumber(left, right)
        case (.histogram(let left), .histogram(let right)): left == right
        case (.summary(let left), .summary(let right)): left == right
        default: false
        }
    }
}

/// Whether two values are written alike.
func isSameNumber(_ left: Double, _ right: Double) -> Bool {
    left == right || left.isNaN && right.isNaN
}
