import SpanKitOTLP
import SpanKitRecording

/// Which sums and histograms a reader sends as deltas (`OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`).
public enum TemporalityPreference: String, Sendable, Hashable, CaseIterable {
    /// No values are deltas: every value counts since the start of its series.
    case cumulative
    /// Counters and histograms are deltas. Up-down counters stay cumulative.
    case delta
    /// Counters and histograms are deltas, but observable counters stay cumulative, so that no state is kept for them.
    case lowMemory = "lowmemory"

    /// Whether the points of a metric are sent as deltas.
    func makesDelta(_ metric: Metric) -> Bool {
        guard self != .cumulative, metric.temporality == .cumulative else { return false }
        return switch metric.kind {
        case .histogram, .exponentialHistogram: true
        case .sum(isMonotonic: true): self == .delta || !metric.isObservable
        case .sum, .gauge, .summary, .unknown: false
        }
    }
}

/// Makes deltas of cumulative points, for one reader.
///
/// A delta of a sum of rounded numbers is the difference from the sum of all earlier deltas as a receiver computes it, not from the last
/// value. So the receiver's sum and the cumulative one do not drift apart.
struct DeltaState {
    /// The maximum number of remembered series that the last collection did not contain.
    static let mostAbsent = 10_000

    struct Series: Hashable {
        var name: String
        var unit: String
        var kind: Metric.Kind
        var attributes: [Attribute]
        /// The number of earlier series in the same collection with equal properties. It is not 0, for example, if two
        /// views of one instrument give equal series.
        var occurrence = 0
    }

    struct Seen {
        var start: Int64
        var last: Metric.Value
        /// The sum of all deltas, if it is a rounded number.
        var received: Double?
        var collection: UInt64
    }

    let preference: TemporalityPreference
    var seen: [Series: Seen] = [:]
    private var collection: UInt64 = 0
    var lastTime: Int64
    /// Series without a state that started up to then may have been forgotten.
    var forgottenUntil = Int64.min

    /// - Parameter start: the start of series without one.
    init(_ preference: TemporalityPreference, start: Int64) {
        self.preference = preference
        lastTime = start
    }

    /// The metrics of one collection, with deltas instead of the values that the preference names. A series that has counted nothing has
    /// no delta.
    /// - Parameters:
    ///   - now: the time of the collection.
    ///   - includingDeltas: false if the metrics do not contain the counters and histograms that are sent as deltas.
    ///   - lost: called for each series that was forgotten and is collected again. It is not known how much of its
    ///     value was sent before, so no delta is sent for it.
    mutating func deltas(
        of metrics: [Metric],
        now: Int64,
        includingDeltas: Bool = true,
        lost: () -> Void = {}
    ) -> [Metric] {
        guard preference != .cumulative, includingDeltas else { return metrics }
        collection += 1
        let before = lastTime
        let result = metrics.compactMap { metric -> Metric? in
            guard preference.makesDelta(metric) else { return metric }
            let points = metric.points.compactMap { delta(of: $0, metric, since: before, lost) }
            guard !points.isEmpty else { return nil }
            var changed = metric.with(points)
            changed.temporality = .delta
            return changed
        }
        lastTime = now
        forgetAbsent(startedUpTo: before)
        return result
    }

    private mutating func delta(of point: Metric.Point, _ metric: Metric, since before: Int64, _ lost: () -> Void)
        -> Metric.Point?
    {
        if point.value == .missing { return point }
        var key = Series(
            name: metric.name,
            unit: metric.unit,
            kind: metric.kind,
            attributes: point.attributes.map { Attribute($0.key, $0.value.comparedByBits) }
        )
        while seen[key]?.collection == collection { key.occurrence += 1 }
        let start = point.start ?? before
        let earlier = seen[key].flatMap { point.start == nil || $0.start == start ? $0 : nil }
        var delta = point
        var received: Double?
        if let earlier, let difference = point.value.subtracting(earlier.last) {
            delta.value = difference
            if let total = point.value.roundedSum, let before = earlier.received, (total - before).isFinite {
                delta.value.roundedSum = total - before
            }
            received = earlier.received
        } else if seen[key] == nil, start <= forgottenUntil {
            lost()
            delta.value = point.value.subtracting(point.value) ?? .missing
            received = point.value.roundedSum
        }
        received = delta.value.roundedSum.map { (received ?? 0) + $0 } ?? received
        // A series that is new may have counted before the last collection, if another process has started it.
        delta.start = seen[key] == nil ? min(start, before) : before
        seen[key] = Seen(start: earlier?.start ?? start, last: point.value, received: received, collection: collection)
        guard !delta.value.hasCountedNothing else { return nil }
        delta.value.removeExtremes()
        let window = delta.start ?? before
        delta.exemplars.removeAll { $0.time < window }
        return delta
    }

    /// - Parameter time: the time of the previous collection, before which every forgotten series has started.
    private mutating func forgetAbsent(startedUpTo time: Int64) {
        let absent = seen.count { $0.value.collection < collection }
        guard absent > Self.mostAbsent else { return }
        let oldest = seen.filter { $0.value.collection < collection }.sorted {
            $0.value.collection < $1.value.collection
        }
        for (key, _) in oldest.prefix(absent - Self.mostAbsent / 2) { seen[key] = nil }
        forgottenUntil = time
    }
}

extension Metric.Value {
    /// The difference from an earlier value of the same series; nil after a reset.
    fileprivate func subtracting(_ earlier: Metric.Value) -> Metric.Value? {
        switch (self, earlier) {
        case (.int(let now), .int(let before)): now >= before ? .int(now.subtractingSaturating(before)) : nil
        case (.double(let now), .double(let before)): now >= before ? .double(now - before) : nil
        // A callback may report whole numbers and others.
        case (.int(let now), .double): Metric.Value.double(Double(now)).subtracting(earlier)
        case (.double, .int(let before)): subtracting(.double(Double(before)))
        case (.histogram(let now), .histogram(let before)): now.subtracting(before).map { .histogram($0) }
        case (.distribution(let now), .distribution(let before)): now.subtracting(before).map { .distribution($0) }
        default: nil
        }
    }

    /// The value of a counter, or the sum of a distribution. A counter does not fall, even by a rounding error.
    fileprivate var roundedSum: Double? {
        get {
            switch self {
            case .double(let value): value
            case .histogram(let histogram): histogram.sum
            case .distribution(let distribution): distribution.sum
            case .int, .summary, .missing: nil
            }
        }
        set {
            switch self {
            case .double: self = .double(max(0, newValue ?? 0))
            case .histogram(var histogram):
                histogram.sum = newValue
                self = .histogram(histogram)
            case .distribution(var distribution):
                distribution.sum = newValue
                self = .distribution(distribution)
            case .int, .summary, .missing: break
            }
        }
    }

    fileprivate var hasCountedNothing: Bool {
        switch self {
        case .int(let value): value == 0
        case .double(let value): value == 0
        case .histogram(let histogram): histogram.count == 0
        case .distribution(let distribution): distribution.count == 0
        case .summary: false
        case .missing: true
        }
    }

    /// Removes the minimum and the maximum, because they are those since the start of the series, not those of the
    /// delta.
    fileprivate mutating func removeExtremes() {
        switch self {
        case .histogram(var histogram):
            (histogram.minimum, histogram.maximum) = (nil, nil)
            self = .histogram(histogram)
        case .distribution(var distribution):
            (distribution.minimum, distribution.maximum) = (nil, nil)
            self = .distribution(distribution)
        default: break
        }
    }
}
