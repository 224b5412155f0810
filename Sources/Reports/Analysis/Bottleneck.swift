import Percentiles

/// One place where the time goes.
///
/// Time is self time: what an operation spends outside the operations it contains, so that the shares add up to one.
package struct Bottleneck: Codable, Sendable, Equatable {
    /// The operation's name.
    package var operation: String
    /// What kind of work it is.
    package var group: StepGroup
    /// How often it ran.
    package var count: UInt64
    /// How often it ran for each answered message.
    package var callsPerMessage: Double
    /// Its own time altogether, as measured.
    package var selfNanoseconds: UInt64
    /// ``selfNanoseconds`` as a part (0…1) of all measured time.
    package var share: Double
    /// Its own time with the offline model's latency at scale 1.
    package var projectedSelfNanoseconds: UInt64
    /// ``projectedSelfNanoseconds`` as a part (0…1) of all projected time.
    package var projectedShare: Double
    /// How much longer a slow run takes than a usual one: p99 / p50.
    package var variability: Double
    /// The mean change of the heap during a run; nil when it was not sampled.
    package var averageMemoryDeltaBytes: Double?
}

extension TimeBreakdown {
    /// Every step with time of its own, the largest projected share first.
    func bottlenecks() -> [Bottleneck] {
        parts.filter { $0.selfNanoseconds > 0 || $0.projectedSelfNanoseconds > 0 }
            .map { part in
                Bottleneck(
                    operation: part.statistics.name,
                    group: part.group,
                    count: part.statistics.count,
                    callsPerMessage: messageCount == 0 ? 0 : Double(part.statistics.count) / Double(messageCount),
                    selfNanoseconds: part.selfNanoseconds,
                    share: share(part.selfNanoseconds),
                    projectedSelfNanoseconds: part.projectedSelfNanoseconds,
                    projectedShare: projectedShare(part.projectedSelfNanoseconds),
                    variability: part.statistics.variability,
                    averageMemoryDeltaBytes: part.statistics.averageMemoryDeltaBytes
                )
            }
            .sorted {
                $0.projectedSelfNanoseconds != $1.projectedSelfNanoseconds
                    ? $0.projectedSelfNanoseconds > $1.projectedSelfNanoseconds : $0.operation < $1.operation
            }
    }
}
