import SpanKitOTLP
import SpanKitPercentiles
import SpanKitRecording

/// The points of one series of one process, summed up as they are read.
struct MetricStream: Sendable {
    /// What became of a point.
    enum Outcome {
        case counted
        /// A delta point whose period was counted before, such as one that was sent twice.
        case repeated
    }

    /// A period in which a cumulative series counts from one start.
    fileprivate struct Run {
        let start: Int64?
        /// The time and the measure of the first point.
        let firstTime: Int64
        let firstMeasure: Double
        var lastTime: Int64
        var value: Metric.Value
        /// The time from which the run counts, if that is not its start, because the value fell although the start is the same.
        var resetTime: Int64?

        /// What was counted, and in which time, from the start or else from the first point.
        var increase: (measure: Double, nanoseconds: Double) {
            guard let start else { return (value.measure - firstMeasure, Double(lastTime) - Double(firstTime)) }
            return (value.measure, Double(lastTime) - Double(resetTime ?? start))
        }
    }

    /// The maximum number of runs of a series that are kept separately. The values of earlier runs are added up in
    /// ``ended``.
    private static let mostRuns = 100
    private static let mostPeriods = 1_000

    private let isDelta: Bool
    /// Whether the values only increase, so that the sums of several runs are meaningful.
    private let isIncreasing: Bool
    private var runs: [Run] = []
    /// The sum of delta points, or of runs that are not kept; see ``summedUp``.
    private(set) var ended: Metric.Value?
    private var endedIncrease = (measure: 0.0, nanoseconds: 0.0)
    /// The first start and the last time of delta points. Times in which nothing was counted have no points.
    private var deltaTimes: ClosedRange<Int64>?
    /// The periods of delta points, in order, without those that begin at the end of another.
    private var periods: [Range<Int64>] = []
    private(set) var resetCount = 0
    /// Whether histograms with different edges were added, so that only the edges that all have are kept.
    private(set) var lostEdges = false
    /// Whether histograms could not be added, because their zero buckets have different thresholds.
    private(set) var lostValues = false
    /// Whether a run begins at a start that its program did not know, so that its values may be in the run before.
    private(set) var hasUnknownReset = false
    private(set) var lastTime: Int64 = 0

    init(_ kind: Metric.Kind, _ temporality: Metric.Temporality) {
        switch kind {
        case .sum(let isMonotonic):
            isIncreasing = isMonotonic
            isDelta = temporality == .delta
        case .histogram, .exponentialHistogram:
            isIncreasing = true
            isDelta = temporality == .delta
        case .gauge, .summary, .unknown: (isIncreasing, isDelta) = (false, false)
        }
    }

    mutating func add(_ point: Metric.Point) -> Outcome {
        let time = point.time ?? 0
        defer { lastTime = max(lastTime, time) }
        if isDelta {
            if let start = point.start, start < time {
                guard cover(start..<time) else { return .repeated }
                deltaTimes = min(start, deltaTimes?.lowerBound ?? start)...max(time, deltaTimes?.upperBound ?? time)
            }
            end(point.value, point.value.measure)
            return .counted
        }
        guard isIncreasing else {
            // The value with the latest time, or the last one that was read.
            if time >= lastTime { runs = [Run(point, at: time)] }
            return .counted
        }
        guard let place = runs.lastIndex(where: { $0.start == point.start }) else {
            begin(point, at: time)
            return .counted
        }
        // A newer point contains what an older one has counted.
        guard time >= runs[place].lastTime else { return .counted }
        if point.value.measure < runs[place].value.measure {
            resetCount += 1
            end(runs[place])
            let resetTime = runs[place].lastTime
            runs[place] = Run(point, at: time)
            runs[place].resetTime = resetTime
        } else {
            runs[place].value = point.value
            runs[place].lastTime = time
        }
        return .counted
    }

    private mutating func begin(_ point: Metric.Point, at time: Int64) {
        if !runs.isEmpty {
            resetCount += 1
            if point.start == point.time, point.value.measure > 0 { hasUnknownReset = true }
        }
        runs.append(Run(point, at: time))
        guard runs.count > Self.mostRuns else { return }
        end(runs.removeFirst())
    }

    private mutating func end(_ run: Run) {
        end(run.value, run.increase.measure)
        endedIncrease.nanoseconds += run.increase.nanoseconds
    }

    private mutating func end(_ value: Metric.Value, _ increase: Double) {
        endedIncrease.measure += increase
        guard ended != nil else { return ended = value }
        switch ended?.add(value) {
        case false?: lostEdges = true
        case nil: lostValues = true
        case true?: break
        }
    }

    /// Adds the period of a delta point.
    /// - Returns: `false` if it was added before.
    private mutating func cover(_ period: Range<Int64>) -> Bool {
        // Points usually come in order.
        var place = periods.count
        while place > 0, periods[place - 1].lowerBound > period.lowerBound { place -= 1 }
        if place > 0, periods[place - 1].upperBound >= period.upperBound { return false }
        if place > 0, periods[place - 1].upperBound == period.lowerBound {
            periods[place - 1] = periods[place - 1].lowerBound..<period.upperBound
        } else {
            periods.insert(period, at: place)
            if periods.count > Self.mostPeriods {
                periods[0...1] = [periods[0].lowerBound..<max(periods[0].upperBound, periods[1].upperBound)]
            }
        }
        return true
    }

    // MARK: Results

    /// This stream, with the total of the series or its last value in `ended`.
    var summedUp: MetricStream {
        var copy = self
        for run in runs { copy.end(run) }
        return copy
    }

    /// What was counted for each second; `nil` if the time is not known or nothing increases.
    var ratePerSecond: Double? {
        guard isIncreasing else { return nil }
        let increase = runs.map(\.increase).reduce(endedIncrease) {
            ($0.measure + $1.measure, $0.nanoseconds + $1.nanoseconds)
        }
        let nanoseconds = deltaTimes.map { Double($0.upperBound) - Double($0.lowerBound) } ?? increase.nanoseconds
        return nanoseconds > 0 ? increase.measure / nanoseconds * 1e9 : nil
    }
}

extension MetricStream.Run {
    fileprivate init(_ point: Metric.Point, at time: Int64) {
        self.init(
            start: point.start,
            firstTime: time,
            firstMeasure: point.value.measure,
            lastTime: time,
            value: point.value
        )
    }
}

extension Metric.Value {
    /// What increases in a series that only counts: the number, or the number of values.
    package var measure: Double {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        case .histogram(let histogram): Double(histogram.count)
        case .distribution(let distribution): Double(distribution.count)
        case .summary(let summary): Double(summary.count)
        case .missing: 0
        }
    }
}
