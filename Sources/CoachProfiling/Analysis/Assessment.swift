import SpanKitPlatform
import SpanKitSummaries

/// The time per message compared with the target, as measured and projected to the model's latency at scale 1.
struct Assessment: Encodable, Sendable {
    let targetNanoseconds = Self.target
    let baselineNanoseconds = Self.baseline
    let measured: Figures
    /// The same messages with the offline model's latency at scale 1. It equals ``measured`` for a real model.
    let projected: Figures
    /// Whether the offline model answered at least one message.
    let isProjected: Bool

    /// The distribution of the time per message. Percentiles are exact (nearest rank).
    struct Figures: Encodable, Sendable {
        let averageNanoseconds: UInt64
        let p50Nanoseconds: UInt64
        let p95Nanoseconds: UInt64
        let maximumNanoseconds: UInt64
        /// The number of messages that took less time than the target.
        let messagesWithinTarget: Int
        /// Whether the mean is below the target.
        let meetsTarget: Bool
    }

    /// The target: less than 2 s a message.
    static let target: UInt64 = 2_000_000_000
    /// The time per message of the original system: 5.9 s.
    static let baseline: UInt64 = 5_900_000_000

    /// Assesses messages. Returns nil without messages.
    init?(messages: [ProfilingResults.Message]) {
        guard
            let measured = Figures(durations: messages.map(\.durationNanoseconds)),
            let projected = Figures(durations: messages.map(\.projectedDurationNanoseconds))
        else { return nil }
        self.measured = measured
        self.projected = projected
        isProjected = messages.contains { $0.unscaledModelLatencyNanoseconds != nil }
    }
}

extension Assessment {
    /// The result in one sentence.
    var sentence: String {
        let average = projected.averageNanoseconds
        let (now, before) = (Double(max(1, average)), Double(baselineNanoseconds))
        let factor = "\(Readable.ratio(max(now, before) / min(now, before))) \(now <= before ? "faster" : "slower")"
        return "A message takes \(Readable.durationInText(average)) on average\(isProjected ? ", projected" : ""): "
            + "\(factor) than the original system (\(Readable.durationInText(baselineNanoseconds))); the target of "
            + "\(Readable.durationInText(targetNanoseconds)) is \(projected.meetsTarget ? "met" : "missed")."
    }

    /// A note that times are projected, or nil if the projection makes no difference.
    var projectionNote: String? {
        let (measured, projected) = (measured.averageNanoseconds, projected.averageNanoseconds)
        // At scale 1, both averages differ only because waits are not exact.
        guard isProjected,
            Double(measured) < 0.95 * Double(projected) || Double(measured) > 1.05 * Double(projected)
        else { return nil }
        return "Times are projected to the offline model's latency at scale 1; the measured time is "
            + "\(Readable.durationInText(measured)) a message."
    }
}

extension Assessment.Figures {
    init?(durations: [UInt64]) {
        let sorted = durations.sorted()
        guard let longest = sorted.last else { return nil }
        let sum = sorted.reduce(into: UInt128(0)) { $0 += UInt128($1) }
        let count = UInt128(sorted.count)
        averageNanoseconds = UInt64(clamping: (sum + count / 2) / count)
        p50Nanoseconds = sorted.nearestRank(percent: 50)
        p95Nanoseconds = sorted.nearestRank(percent: 95)
        maximumNanoseconds = longest
        messagesWithinTarget = sorted.count { $0 < Assessment.target }
        meetsTarget = averageNanoseconds < Assessment.target
    }
}

extension [UInt64] {
    /// The exact percentile of sorted values by nearest rank. There has to be at least one value.
    fileprivate func nearestRank(percent: Int) -> UInt64 { self[Swift.max(0, (percent * count + 99) / 100 - 1)] }
}
