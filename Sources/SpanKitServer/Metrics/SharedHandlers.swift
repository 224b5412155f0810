import CoreMetrics
import SpanKitMetrics
import Synchronization

/// A handler of swift-metrics. Creating the same metric again returns the same handler.
///
/// When the metric has been destroyed as often as it was created, further calls have no effect.
class SharedHandler: @unchecked Sendable {
    final let owner: SeriesOwner
    /// The key of the handler in the table.
    final let identity: MetricIdentity
    /// Whether the metric was destroyed. This is not stored in the series, because a new handler can start the same series again.
    private let ended = Atomic<Bool>(false)

    init(_ owner: SeriesOwner, _ identity: MetricIdentity) {
        self.owner = owner
        self.identity = identity
    }

    final var hasEnded: Bool {
        @inline(__always) get { ended.load(ordering: .relaxed) }
    }

    final func end() { ended.store(true, ordering: .relaxed) }

    final func reset() {
        if !hasEnded { owner.series.reset() }
    }
}

/// A `Counter`: a monotonic sum of whole numbers.
final class SharedCounter: SharedHandler, CounterHandler, @unchecked Sendable {
    private let series: CounterSeries

    override init(_ owner: SeriesOwner, _ identity: MetricIdentity) {
        series = CounterSeries(series: owner.series)
        super.init(owner, identity)
    }

    func increment(by amount: Int64) {
        if !hasEnded { series.add(amount) }
    }
}

/// A `FloatingPointCounter`: a monotonic sum, which keeps fractions.
final class SharedFloatingPointCounter: SharedHandler, FloatingPointCounterHandler, @unchecked Sendable {
    func increment(by amount: Double) {
        if !hasEnded { owner.series.record(amount) }
    }
}

/// A `Meter`, or a `Recorder` without aggregation: the last value.
final class SharedGauge: SharedHandler, MeterHandler, RecorderHandler, @unchecked Sendable {
    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) {
        if !hasEnded { owner.series.record(value) }
    }

    func increment(by amount: Double) {
        if !hasEnded { owner.series.adjust(amount) }
    }

    func decrement(by amount: Double) { increment(by: -amount) }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

/// A `Recorder` with aggregation, or a `Timer`: a histogram.
class SharedHistogram: SharedHandler, @unchecked Sendable {
    private let series: HistogramSeries

    override init(_ owner: SeriesOwner, _ identity: MetricIdentity) {
        series = HistogramSeries(series: owner.series)
        super.init(owner, identity)
    }

    @inline(__always)
    final func count(_ value: Double) {
        if !hasEnded { series.record(value) }
    }
}

/// A `Recorder` with aggregation.
final class SharedRecorder: SharedHistogram, RecorderHandler, @unchecked Sendable {
    func record(_ value: Int64) { count(Double(value)) }
    func record(_ value: Double) { count(value) }
}

/// A `Timer`: a histogram in seconds. The preferred display unit changes nothing.
final class SharedTimer: SharedHistogram, TimerHandler, @unchecked Sendable {
    func recordNanoseconds(_ duration: Int64) {
        // swift-metrics turns NaN, infinity and durations of more than 292 years into the largest number.
        guard UInt64(bitPattern: duration) < UInt64(Int64.max) else {
            return owner.series.refuse(duration < 0 ? Double(duration) / 1e9 : .infinity)
        }
        count(Double(duration) / 1e9)
    }
}
