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
    /// Which attribute sets have a series of their own. Of others, at most as many are kept apart until the callback has returned, so that
    /// memory is bounded.
    let admission: SetAdmission
    let kind: InstrumentKind
    private(set) var values: [AttributeSet: Metric.Value] = [:]
    private(set) var order: [AttributeSet] = []
    /// The number of sets that had no place before.
    private var newCount = 0
    /// Sums are added, of other values the last one is kept.
    private(set) var overflow: Metric.Value?
    var refused: Double?
    var refusedCount: UInt64 = 0
    var isOver = false

    init(_ admission: SetAdmission, _ kind: InstrumentKind) {
        self.admission = admission
        self.kind = kind
    }

    mutating func add(_ value: Metric.Value, _ attributes: [Attribute]) {
        guard !isOver else { return }
        let number: Double =
            switch value {
            case .int(let value): Double(value)
            case .double(let value): value
            default: .nan
            }
        guard number.isFinite, number >= 0 || !kind.isMonotonic else {
            refused = number
            refusedCount += 1
            return
        }
        let set = AttributeSet(attributes)
        guard values[set] == nil else { return values[set] = value }
        if !admission.hasPlace(set) {
            guard newCount < admission.limit else {
                admission.overflow()
                return addToOverflow(value)
            }
            newCount += 1
        }
        values[set] = value
        order.append(set)
    }

    private mutating func addToOverflow(_ value: Metric.Value) {
        overflow = kind == .observableGauge ? value : overflow.map { $0.adding(value) } ?? value
    }

    /// Moves sets to the overflow.
    mutating func combine(_ sets: Set<AttributeSet>) {
        guard !sets.isEmpty else { return }
        for set in order where sets.contains(set) {
            if let value = values.removeValue(forKey: set) { addToOverflow(value) }
        }
        order.removeAll { sets.contains($0) }
    }

    /// Adds the values of a later callback of the same instrument, which override earlier ones.
    mutating func add(_ later: Observations) {
        for set in later.order {
            guard let value = later.values[set] else { continue }
            if values.updateValue(value, forKey: set) == nil { order.append(set) }
        }
        if let more = later.overflow { addToOverflow(more) }
    }
}

extension Metric.Value {
    /// The sum of two numbers, limited to finite ones.
    func adding(_ other: Metric.Value) -> Metric.Value {
        switch (self, other) {
        case (.int(let left), .int(let right)): .int(left.addingSaturating(right))
        case (.int(let left), .double(let right)): .double((Double(left) + right).limitedToFinite)
        case (.double(let left), .int(let right)): .double((left + Double(right)).limitedToFinite)
        case (.double(let left), .double(let right)): .double((left + right).limitedToFinite)
        default: other
        }
    }

    /// Whether a number is smaller than another one.
    func isLess(than other: Metric.Value) -> Bool {
        switch (self, other) {
        case (.int(let left), .int(let right)): left < right
        case (.int(let left), .double(let right)): Double(left) < right
        case (.double(let left), .int(let right)): left < Double(right)
        case (.double(let left), .double(let right)): left < right
        default: false
        }
    }
}
