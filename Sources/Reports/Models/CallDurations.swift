import SpanKitPercentiles

/// Durations of calls, of which there are few as a rule: a conversation has some dozens, and ten thousand of them are kept apart.
///
/// The first ones as they are, more in a histogram, which takes some kilobytes.
package struct CallDurations: Sendable {
    private static let mostApart = 32

    private var apart: [UInt64] = []
    private var histogram: ExponentialHistogram?

    mutating func record(_ nanoseconds: UInt64) {
        if histogram == nil, apart.count < Self.mostApart { return apart.append(nanoseconds) }
        var all = histogram ?? Self.histogram(of: apart)
        histogram = nil
        all.record(nanoseconds: nanoseconds)
        histogram = all
        apart = []
    }

    /// In nanoseconds; nil where nothing was recorded.
    package func quantile(_ share: Double) -> Double? {
        (histogram ?? Self.histogram(of: apart)).quantile(share)?.estimate
    }

    /// Exact; nil where nothing was recorded.
    package var maximum: UInt64? { histogram?.maximumNanoseconds ?? apart.max() }

    private static func histogram(of durations: [UInt64]) -> ExponentialHistogram {
        var histogram = ExponentialHistogram()
        for duration in durations { histogram.record(nanoseconds: duration) }
        return histogram
    }
}
