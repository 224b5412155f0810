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
    var type: MetricType?
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

/// Where a label stands in the text; its value still escaped.
struct LabelRange {
    var name: Range<Int>
    var value: Range<Int>
}
