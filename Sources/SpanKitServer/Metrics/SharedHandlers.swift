import CoreMetrics
import SpanKitMetrics

/// A handler of swift-metrics that all makers of the same metric share.
///
/// It also takes calls after its series has ended. They have no effect that is exported.
class SharedHandler: @unchecked Sendable {
    let owner: SeriesOwner
    let series: MetricSeries

    init(_ owner: SeriesOwner) {
        self.owner = owner
        series = owner.series
    }
}

/// A `Counter`: a monotonic sum of whole numbers.
final class SharedCounter: SharedHandler, CounterHandler, @unchecked Sendable {
    func increment(by amount: Int64) { series.count(amount) }
    func reset() { series.reset() }
}

/// A `FloatingPointCounter`: a monotonic sum, which keeps fractions.
final class SharedFloatingPointCounter: SharedHandler, FloatingPointCounterHandler, @unchecked Sendable {
    func increment(by amount: Double) { series.record(amount) }
    func reset() { series.reset() }
}

/// A `Meter`, or a `Recorder` without aggregation: the last value.
final class SharedGauge: SharedHandler, MeterHandler, RecorderHandler, @unchecked Sendable {
    func set(_ value: Int64) { series.record(Double(value)) }
    func set(_ value: Double) { series.record(value) }
    func increment(by amount: Double) { series.adjust(amount) }
    func decrement(by amount: Double) { series.adjust(-amount) }
    func record(_ value: Int64) { series.record(Double(value)) }
    func record(_ value: Double) { series.record(value) }
}

/// A `Recorder` with aggregation: a histogram.
final class SharedRecorder: SharedHandler, RecorderHandler, @unchecked Sendable {
    func record(_ value: Int64) { series.distribute(Double(value)) }
    func record(_ value: Double) { series.distribute(value) }
}

/// A `Timer`: a histogram in seconds. The preferred display unit changes nothing.
final class SharedTimer: SharedHandler, TimerHandler, @unchecked Sendable {
    func recordNanoseconds(_ duration: Int64) {
        // swift-metrics turns NaN, infinity and durations of more than 292 years into the largest number.
        guard duration >= 0, duration < .max else {
            return series.refuse(duration < 0 ? Double(duration) / 1e9 : .infinity)
        }
        series.distribute(Double(duration) / 1e9)
    }
}
