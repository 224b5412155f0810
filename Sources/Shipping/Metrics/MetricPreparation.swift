import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// Brings the metrics of a reading into the form that a reader's receiver wants: checked, with few enough buckets, and as
/// deltas if the reader prefers them. Used by one thread.
struct MetricPreparation {
    private let configuration: MetricReaderConfiguration
    private let start: Int64
    private(set) var deltas: DeltaState
    /// The time of the last reading; nil before the first one.
    private var lastReading: Int64?
    private var said = MetricRemarks()
    /// Sentences to log, each at most once for a metric.
    private(set) var remarks: [(isWarning: Bool, text: String)] = []
    /// Data points that were left out.
    private(set) var leftOut = 0

    /// - Parameters:
    ///   - start: the start of points without one.
    ///   - deltas: what was sent before; nil for nothing.
    ///   - lastReading: the time of the last reading; nil if there was none.
    init(
        _ configuration: MetricReaderConfiguration,
        start: Int64,
        deltas: DeltaState? = nil,
        lastReading: Int64? = nil
    ) {
        self.lastReading = lastReading
        self.configuration = configuration
        self.start = start
        self.deltas = deltas ?? DeltaState(configuration.temporality, start: start)
    }

    /// The metrics to send, and what is to be said about them.
    /// - Parameters:
    ///   - now: the time of the reading.
    ///   - includingDeltas: false leaves out what would be sent as deltas; a later reading contains it.
    mutating func prepare(_ metrics: [Metric], now: Int64, includingDeltas: Bool) -> [Metric] {
        (remarks, leftOut) = ([], 0)
        var prepared: [Metric] = []
        for metric in metrics where includingDeltas || !configuration.temporality.makesDelta(metric) {
            let metric = lowered(checked(metric))
            if !metric.points.isEmpty { prepared.append(metric) }
        }
        var lost = 0
        prepared = deltas.deltas(of: prepared, now: now, includingDeltas: includingDeltas) { lost += 1 }
        if lost > 0 {
            remark(
                "lost",
                "\(lost) series returned after \(DeltaState.mostAbsent) others had gone; what they counted in between is not known and not sent"
            )
        }
        // Deltas are computed before the conversion to explicit buckets, because a difference of estimated counts could
        // be negative.
        for place in prepared.indices {
            makeExplicit(&prepared[place])
            setTimes(of: &prepared[place], now)
        }
        lastReading = now
        return prepared
    }

    private mutating func remark(_ name: String, _ text: @autoclosure () -> String, isWarning: Bool = true) {
        if said.isNew(name) { remarks.append((isWarning, text())) }
    }

    private mutating func checked(_ metric: Metric) -> Metric {
        var faults: [MetricFault] = []
        let checked = metric.checked { faults.append($0) }
        leftOut += faults.count
        for fault in Set(faults) {
            remark(
                "\(fault) of \(metric.name)",
                "a point of the metric '\(metric.name)' is left out: \(fault.rawValue); receivers would refuse the whole request"
            )
        }
        return checked
    }

    /// Converts the points to explicit buckets, if the receiver wants them.
    private func makeExplicit(_ metric: inout Metric) {
        guard metric.kind == .exponentialHistogram, configuration.histogramAggregation == .explicit else { return }
        let bounds = HistogramAggregation.bounds(metric.unit)
        metric.kind = .histogram
        for place in metric.points.indices {
            guard case .distribution(let distribution) = metric.points[place].value else { continue }
            metric.points[place].value = .histogram(distribution.classic(bounds))
        }
    }

    /// The metric with at most as many buckets as the receiver wants.
    private mutating func lowered(_ metric: Metric) -> Metric {
        // Text for people shows no buckets.
        guard metric.kind == .exponentialHistogram, configuration.exporter != .console,
            configuration.histogramAggregation == .exponential,
            let most = configuration.maximumBuckets
        else { return metric }
        var shaped = metric
        var lowered: (from: Int, to: Int)?
        shaped.points = metric.points.map { point in
            guard case .distribution(let distribution) = point.value else { return point }
            let coarse = distribution.downscaled(toAtMost: most)
            guard coarse.scale != distribution.scale else { return point }
            if coarse.scale < lowered?.to ?? .max { lowered = (distribution.scale, coarse.scale) }
            var point = point
            point.value = .distribution(coarse)
            return point
        }
        if let lowered {
            remark(
                "scale",
                "'\(metric.name)' needs more than \(most) buckets at scale \(lowered.from), so it is sent at scale \(lowered.to) with exact "
                    + "counts; the same applies to other metrics (see maximumBuckets)",
                isWarning: false
            )
        }
        return shaped
    }

    /// The time of the last values of a series that has ended.
    ///
    /// It is later than the last reading: the series may have ended while that reading was made, and receivers ignore values that are older
    /// than those they have. Some receivers know only milliseconds.
    private func endTime(_ end: Int64, _ now: Int64) -> Int64 {
        guard let lastReading else { return end }
        return max(end, min(now, lastReading.addingSaturating(1_000_000)))
    }

    /// Sets the times of all points, so that later encodings give the same bytes.
    private mutating func setTimes(of metric: inout Metric, _ now: Int64) {
        for place in metric.points.indices {
            let time = metric.points[place].time.map { endTime($0, now) } ?? now
            metric.points[place].time = time
            if metric.kind.countsOverPeriod {
                let start = metric.points[place].start ?? self.start
                metric.points[place].start = min(start, time)
                if start > time {
                    remark(
                        "clock",
                        "the system clock was set back; values that started later are sent with the current time as their start"
                    )
                }
            }
            // Prometheus relies on this order.
            if metric.kind == .histogram, metric.points[place].exemplars.count > 1 {
                metric.points[place].exemplars.sort { $0.number < $1.number }
            }
        }
    }
}

/// What has been said already, so that nothing is said twice.
struct MetricRemarks {
    private var said: Set<String> = []

    /// Whether nothing was said under this name yet. At most 100 names are remembered. After that, nothing is said
    /// about other names.
    mutating func isNew(_ name: String) -> Bool { said.count < 100 && said.insert(name).inserted }
}
