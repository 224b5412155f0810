/// The state of a fleet at the start of a second.
package struct FleetSample: Sendable, Equatable {
    package let second: Int
    /// Requests that were sent to gateways in the second before, and those of them that were refused.
    package var requests = 0
    package var refused = 0
    /// Processes whose last request failed.
    package var failing = 0
    /// Of all processes, in memory and in the spool.
    package var waitingBytes = 0
    package var largestProcessBytes = 0
    package var agentSpans = 0
    /// Spans that wait for the decision of tail sampling, in the gateway with the most.
    package var gatewayBytes = 0
    package var undecided = 0
    package var kept = 0
    package var stored = 0
}

/// Where every span is. `created + copies` is the sum of all others.
package struct FleetBalance: Sendable, Equatable {
    package var created = 0
    /// Spans that reached a gateway without their sender knowing. The sender sends them again, or drops them.
    package var copies = 0
    package var stored = 0
    package var sampledOut = 0
    /// Lost spans by reason.
    package private(set) var lost: [String: Int] = [:]
    /// Spans on their way, by place.
    package private(set) var held: [String: Int] = [:]
    /// Spans that the exporters counted as possibly duplicated.
    package var possiblyDuplicated = 0

    mutating func lost(_ reason: String, _ count: Int) { if count > 0 { lost[reason, default: 0] += count } }
    mutating func held(_ place: String, _ count: Int) { if count > 0 { held[place, default: 0] += count } }

    package var lostCount: Int { lost.values.reduce(0, +) }

    /// 0 if every span is in exactly one place.
    package var difference: Int {
        created + copies - stored - sampledOut - lostCount - held.values.reduce(0, +)
    }
}

/// What a simulation has shown.
package struct FleetResult: Sendable {
    package let scenario: FleetScenario
    package let samples: [FleetSample]
    /// At the end.
    package let balance: FleetBalance
    /// The checks that failed: spans that were in no place or in two.
    package let imbalances: [String]

    private var outage: Range<Int> { scenario.outageSeconds }
    private var before: ArraySlice<FleetSample> { samples[(outage.lowerBound / 2)..<outage.lowerBound] }
    private var after: ArraySlice<FleetSample> { samples[(outage.upperBound + 1)...] }

    /// The mean number of requests in a second before the outage.
    package var steadyRequests: Double {
        Double(before.reduce(0) { $0 + $1.requests }) / Double(before.count)
    }

    /// The most requests in a second after the outage, and in one during it, as multiples of ``steadyRequests``.
    package var peakAfter: Double { Double(after.map(\.requests).max() ?? 0) / steadyRequests }
    package var peakDuring: Double {
        Double(samples[(outage.lowerBound + 1)...outage.upperBound].map(\.requests).max() ?? 0) / steadyRequests
    }

    /// The time after the outage in which the backlog of processes and agents shrinks to at most 1.5 times the usual; nil if it does
    /// not, in seconds.
    package var caughtUpAfter: Int? {
        func backlog(_ sample: FleetSample) -> Int {
            sample.waitingBytes + sample.agentSpans * SimulatedProcess.bodyBytes
        }
        let usual = Double(before.reduce(0) { $0 + backlog($1) }) / Double(before.count)
        guard let last = after.last(where: { Double(backlog($0)) > 1.5 * usual }) else { return 0 }
        return last.second == samples.last?.second ? nil : last.second + 1 - outage.upperBound
    }

    package var largestProcessBytes: Int { samples.map(\.largestProcessBytes).max() ?? 0 }
    package var gatewayBytes: Int { samples.map(\.gatewayBytes).max() ?? 0 }
    package var agentSpans: Int { samples.map(\.agentSpans).max() ?? 0 }
}
