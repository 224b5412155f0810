import SpanKitPlatform
import SpanKitShipping

/// A fleet of processes, what receives their spans, and what fails. Times are virtual; rates are per second.
package struct FleetScenario: Sendable {
    /// What fails during the outage.
    package enum Outage: Sendable {
        /// The gateways are killed. Connections are refused, and what the gateways had in memory is gone.
        case killed
        /// The gateways answer 503 and ask for a wait.
        case unavailable(retryAfterSeconds: Int)
        /// The gateways accept requests and never answer.
        case hanging
        /// The store behind the gateways accepts nothing.
        case store
    }

    /// Collectors between processes and gateways: `collector-config/otelcol/agent.yaml`, or the Collector's defaults.
    package struct Agents: Sendable {
        package var processesPerAgent = 20
        /// `num_consumers`: the requests that an agent has in flight.
        package var consumers: Int
        /// `queue_size`, in requests.
        package var queueSize: Int
        package var initialIntervalSeconds: Double
        /// `max_elapsed_time`; nil for no limit.
        package var givesUpAfterSeconds: Double?
        package var timeoutSeconds: Double

        /// The values of `agent.yaml`: a queue on disk.
        package static let configured = Agents(
            consumers: 4,
            queueSize: 5_000,
            initialIntervalSeconds: 1,
            givesUpAfterSeconds: 3_600,
            timeoutSeconds: 5
        )
        /// The defaults of the Collector's exporters: a queue in memory.
        package static let defaults = Agents(
            consumers: 10,
            queueSize: 1_000,
            initialIntervalSeconds: 5,
            givesUpAfterSeconds: 300,
            timeoutSeconds: 5
        )
    }

    package var name: String
    package var processes = 10_000
    /// Of one process.
    package var spansPerSecond = 10.0
    package var hasSpool = false
    /// Tries again each second, without backoff and jitter. It shows what they are good for.
    package var retriesEachSecond = false
    /// Nil if processes send to the gateways.
    package var agents: Agents?

    package var gateways = 10
    /// What one gateway decodes and takes.
    package var gatewaySpansPerSecond = 20_000.0
    /// A gateway whose work has piled up for this long refuses requests.
    package var gatewayBacklogSeconds = 2.0
    /// `decision_wait` of tail sampling.
    package var decisionWaitSeconds = 30
    /// The part of the spans that tail sampling keeps.
    package var keptShare = 0.1
    /// `limit_mib` of a gateway's memory limiter, in bytes.
    package var gatewayMemoryBytes = 2_048 * 1_024 * 1_024
    /// Of all gateways together, after tail sampling.
    package var storeSpansPerSecond = 50_000.0
    /// The part of accepted requests whose answer gets lost on the way back.
    package var lostAnswers = 1e-5

    package var outage = Outage.killed
    package var outageSeconds = 60..<420
    /// The end of the simulation.
    package var seconds = 960

    package init(_ name: String) {
        self.name = name
    }

    package var isDirect: Bool { agents == nil }

    /// The requests that arrive at the gateways in a second while nothing fails: a body of each process per schedule delay.
    package var steadyRequestsPerSecond: Double { Double(processes) / BatchSettings().scheduleDelay.seconds }

    /// The same fleet with fewer processes and a shorter outage, for tests. Each process has as much of the gateways as before.
    package func scaled(processes count: Int, outage: Range<Int>, seconds: Int) -> FleetScenario {
        var scaled = self
        let share = Double(count) / Double(processes)
        scaled.processes = count
        scaled.gateways = max(2, Int(Double(gateways) * share))
        scaled.gatewaySpansPerSecond *= share * Double(gateways) / Double(scaled.gateways)
        scaled.gatewayMemoryBytes = Int(
            Double(gatewayMemoryBytes) * share * Double(gateways) / Double(scaled.gateways)
        )
        scaled.storeSpansPerSecond *= share
        scaled.outageSeconds = outage
        scaled.seconds = seconds
        return scaled
    }
}

extension FleetScenario {
    private static func make(_ name: String, _ change: (inout FleetScenario) -> Void) -> FleetScenario {
        var scenario = FleetScenario(name)
        change(&scenario)
        return scenario
    }

    /// The scenarios of docs/scale.md, in the order of its table.
    package static let all: [FleetScenario] = [
        make("memory, 4 min") { $0.outageSeconds = 60..<300 },
        make("memory, 6 min") { _ in },
        make("spool") { $0.hasSpool = true },
        make("spool, fixed retry") { ($0.hasSpool, $0.retriesEachSecond) = (true, true) },
        make("spool, 503 with Retry-After") { ($0.hasSpool, $0.outage) = (true, .unavailable(retryAfterSeconds: 30)) },
        make("spool, no answers") { ($0.hasSpool, $0.outage) = (true, .hanging) },
        make("agents, queues on disk") { $0.agents = .configured },
        make("agents, default queues") { $0.agents = .defaults },
        make("spool, store down") { ($0.hasSpool, $0.outage) = (true, .store) },
    ]
}
