import SpanKitPlatform
import SpanKitSummaries

/// How the time per message stands against the target, as measured and projected to the model's real latency.
package struct Assessment: Encodable, Sendable {
    /// What a message may take.
    package var targetNanoseconds: UInt64
    /// What a message took in the system this one replaces.
    package var baselineNanoseconds: UInt64
    /// What the clock said, with the offline model's latency scaled.
    package var measured: Figures
    /// The same messages with the offline model's latency at scale 1. Equal to ``measured`` for a real model.
    package var projected: Figures
    /// Whether there is anything to project: false when every message went to a real model.
    package var isProjected: Bool

    /// The distribution of the time per message. Percentiles are exact (nearest rank).
    package struct Figures: Encodable, Sendable {
        /// The mean.
        package var averageNanoseconds: UInt64
        /// The median.
        package var p50Nanoseconds: UInt64
        /// 95 of 100 messages took no longer.
        package var p95Nanoseconds: UInt64
        /// The slowest message.
        package var maximumNanoseconds: UInt64
        /// How many messages took less than the target.
        package var messagesWithinTarget: Int
        /// Whether the mean is below the target.
        package var meetsTarget: Bool
    }

    /// The target of every assessment: below 2 s a message.
    package static let target: UInt64 = 2_000_000_000
    /// The original system's 5.9 s a message.
    package static let baseline: UInt64 = 5_900_000_000

    /// Assesses messages; nil when there are none.
    init?(messages: [ProfilingResults.Message]) {
        guard
            let measured = Figures(durations: messages.map(\.durationNanoseconds)),
            let projected = Figures(durations: messages.map(\.projectedDurationNanoseconds))
        else { return nil }
        targetNanoseconds = Self.target
        baselineNanoseconds = Self.baseline
        self.measured = measured
        self.projected = projected
        isProjected = messages.contains { $0.unscaledModelLatencyNanoseconds != nil }
    }
}

extension Assessment {
    /// The verdict in a sentence.
    var sentence: String {
        let average = projected.averageNanoseconds
        let (now, before) = (Double(max(1, average)), Double(baselineNanoseconds))
        let factor = "\(Readable.ratio(max(now, before) / min(now, before))) \(now <= before ? "faster" : "slower")"
        return "A message takes \(Readable.durationInText(average)) on average\(isProjected ? ", projected" : ""): "
            + "\(factor) than the original system (\(Readable.durationInText(baselineNanoseconds))); the target of "
            + "\(Readable.durationInText(targetNanoseconds)) is \(projected.meetsTarget ? "met" : "missed")."
    }

    /// That the model's latency is not what was measured; nil where that makes no difference.
    var projectionNote: String? {
        let (measured, projected) = (measured.averageNanoseconds, projected.averageNanoseconds)
        // At scale 1 both are the same but for the waiting itself.
        guard isProjected,
            Double(measured) < 0.95 * Double(projected) || Double(measured) > 1.05 * Double(projected)
        else { return nil }
        return "Times are projected: the offline model's scaled latency is replaced by the one it stands for; "
            + "measured were \(Readable.durationInText(measured)) a message."
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
