import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// Receives the values of an observable instrument from its callback.
///
/// Use it only until the callback returns. Values that are reported later are ignored.
public struct MetricObserver: Sendable {
    let observations: Locked<Observations>

    /// Reports a value. If a callback reports the same attributes twice, the last value counts.
    public func observe(_ value: Double, attributes: Attributes = [:]) {
        observations.withLock { $0.add(.double(value), attributes.elements) }
    }

    /// Reports a whole number, clamped to the range of `Int64`. If a callback reports the same attributes twice, the last value counts.
    public func observe(_ value: some BinaryInteger, attributes: Attributes = [:]) {
        observations.withLock { $0.add(.int(Int64(clamping: value)), attributes.elements) }
    }
}

/// An observable instrument: a callback reports its values each time that metrics are collected.
public struct ObservableInstrument: Sendable {
    let callback: ObservableCallback

    /// Stops calling the callback. A call that is already running continues.
    public func stop() { callback.stop() }
}

/// The values of one call of a callback.
struct Observations {
    /// The largest number of attribute sets, as for the metric.
    let limit: Int
    let isMonotonic: Bool
    var values: [AttributeSet: Metric.Value] = [:]
    var order: [AttributeSet] = []
    var refused: Double?
    var refusedCount: UInt64 = 0
    var isOver = false

    mutating func add(_ value: Metric.Value, _ attributes: [Attribute]) {
        guard !isOver else { return }
        let number: Double =
            switch value {
            case .int(let value): Double(value)
            case .double(let value): value
            default: .nan
            }
        guard number.isFinite, number >= 0 || !isMonotonic else {
            refused = number
            refusedCount += 1
            return
        }
        let set = AttributeSet(attributes)
        if values.updateValue(value, forKey: set) == nil { order.append(set) }
    }
}
