import Percentiles

/// Where the time of conversations went, step by step, as measured and projected to the model's real latency.
struct TimeBreakdown {
    /// One step, or what the whole spends outside its steps.
    struct Part {
        let statistics: OperationStatistics
        let group: StepGroup
        let selfNanoseconds: UInt64
        let projectedSelfNanoseconds: UInt64
    }

    let parts: [Part]
    let totalNanoseconds: UInt64
    let projectedTotalNanoseconds: UInt64
    let messageCount: Int
    /// Whether the model's latency was scaled, so that measured and projected times differ.
    let isProjected: Bool

    /// - Parameters:
    ///   - operations: what the profiler recorded.
    ///   - messages: the answered messages; they know what scale 1 would add.
    init(operations: [OperationSnapshot], messages: [ProfilingResults.Message]) {
        messageCount = messages.count
        isProjected = messages.contains { $0.unscaledModelLatencyNanoseconds != nil }
        let statistics = operations.map(\.statistics)
        let difference = messages.reduce(Int64(0)) { $0.addingSaturating($1.projectionNanoseconds) }
        guard let total = statistics.first(where: { $0.name == ConversationSteps.total }), total.totalNanoseconds > 0
        else {
            (parts, totalNanoseconds, projectedTotalNanoseconds) = ([], 0, 0)
            return
        }
        var parts = statistics.compactMap { step in
            ConversationSteps.groups[step.name].map { group in
                Part(
                    statistics: step,
                    group: group,
                    selfNanoseconds: step.totalNanoseconds,
                    projectedSelfNanoseconds: step.name == ConversationSteps.modelCall
                        ? projected(step.totalNanoseconds, by: difference) : step.totalNanoseconds
                )
            }
        }
        let inSteps = parts.reduce(UInt64(0)) { $0 + min($1.selfNanoseconds, .max - $0) }
        let outside = total.totalNanoseconds - min(total.totalNanoseconds, inSteps)
        parts.append(
            Part(statistics: total, group: .rest, selfNanoseconds: outside, projectedSelfNanoseconds: outside)
        )
        self.parts = parts
        totalNanoseconds = total.totalNanoseconds
        projectedTotalNanoseconds = projected(total.totalNanoseconds, by: difference)
    }

    /// The part of the measured time that went to `nanoseconds`; 0 when nothing was measured.
    func share(_ nanoseconds: UInt64) -> Double {
        totalNanoseconds == 0 ? 0 : Double(nanoseconds) / Double(totalNanoseconds)
    }

    /// The same of the projected time.
    func projectedShare(_ nanoseconds: UInt64) -> Double {
        projectedTotalNanoseconds == 0 ? 0 : Double(nanoseconds) / Double(projectedTotalNanoseconds)
    }

    /// The measured and the projected share of a group.
    func shares(of group: StepGroup) -> (measured: Double, projected: Double) {
        parts.filter { $0.group == group }.reduce((0, 0)) {
            ($0.0 + share($1.selfNanoseconds), $0.1 + projectedShare($1.projectedSelfNanoseconds))
        }
    }
}
