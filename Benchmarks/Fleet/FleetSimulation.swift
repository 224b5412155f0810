import SpanKitBenchmarkRows
import SpanKitPlatform
import SpanKitShipping

/// Runs a scenario in virtual time. The same scenario and seed give the same result.
package struct FleetSimulation {
    private enum Event {
        case second(Int)
        /// The schedule delay of a process is over.
        case tick(Int)
        /// A process tries again.
        case wake(Int)
        /// A process gets the answer to a request.
        case answer(Int, token: Int, Answer)
        /// A gateway has taken the spans of a request whose sender does not learn of it.
        case unnoticed(gateway: Int, spans: Int)
        /// An agent gets the answer to a request.
        case agentAnswer(Int, SimulatedAgent.Job, Answer)
        case agentRetry(Int, SimulatedAgent.Job)
    }

    private enum Answer {
        /// The gateway has the spans; nil for an agent.
        case accepted(gateway: Int?, spans: Int)
        case refused
        case unavailable(retryAfterSeconds: Int?)
        case none
    }

    private let scenario: FleetScenario
    private let epoch = ContinuousClock.now
    private var now: VirtualTime = 0
    private var events = EventQueue<Event>()
    private var processes: [SimulatedProcess]
    private var agents: [SimulatedAgent] = []
    private var gateways: SimulatedGateways
    private var bodies = BodyCache()
    private var agentRandom: SeededGenerator
    /// Spans that are in a gateway and also still at their sender.
    private var copies = 0
    private var requests = 0
    private var refused = 0
    private var samples: [FleetSample] = []
    private var imbalances: [String] = []

    /// The way to a receiver and back.
    private static let network = VirtualTime.seconds(0.001)

    private init(_ scenario: FleetScenario, seed: UInt64) {
        self.scenario = scenario
        processes = (0..<scenario.processes).map { SimulatedProcess($0, scenario, seed: seed) }
        gateways = SimulatedGateways(scenario)
        agentRandom = SeededGenerator(seed: ~seed)
        if let settings = scenario.agents {
            let count = (scenario.processes + settings.processesPerAgent - 1) / settings.processesPerAgent
            agents = Array(repeating: SimulatedAgent(settings), count: count)
        }
    }

    /// - Parameter checkSeconds: how often it is checked that every span is in exactly one place.
    package static func run(_ scenario: FleetScenario, seed: UInt64, checkSeconds: Int = 30) -> FleetResult {
        var simulation = FleetSimulation(scenario, seed: seed)
        return simulation.run(checkSeconds)
    }

    private mutating func run(_ checkSeconds: Int) -> FleetResult {
        events.add(.second(0), at: 0)
        for process in processes.indices { events.add(.tick(process), at: processes[process].firstTick()) }
        let end = VirtualTime.seconds(scenario.seconds)
        while let (time, event) = events.next(until: end) {
            now = time
            if case .second(let second) = event {
                startSecond(second, checks: second % checkSeconds == 0)
            } else {
                handle(event)
            }
        }
        return FleetResult(scenario: scenario, samples: samples, balance: balance(), imbalances: imbalances)
    }

    private var instant: ContinuousClock.Instant { epoch.advanced(by: .nanoseconds(now)) }

    private mutating func handle(_ event: Event) {
        switch event {
        case .second: break
        case .tick(let process):
            processes[process].record(until: now)
            processes[process].drain(takesAll: true, instant, &bodies)
            send(process)
            events.add(.tick(process), at: now + SimulatedProcess.delay)
        case .wake(let process):
            if processes[process].wakes(at: now) { send(process) }
        case .answer(let process, let token, let answer): finish(process, token, answer)
        case .unnoticed(let gateway, let spans):
            gateways.take(gateway, spans: spans, now)
            copies += spans
        case .agentAnswer(let agent, let job, let answer): finish(agent, job, answer)
        case .agentRetry(let agent, let job): send(agent, job)
        }
    }

    // MARK: Processes

    /// Sends what the queue of a process wants to send now.
    private mutating func send(_ process: Int) {
        while true {
            switch processes[process].next(instant) {
            case .send(let token, let group, let timeout):
                let spans = group.reduce(0) { $0 + $1.spanCount }
                if let agents = scenario.agents {
                    post(process, token, spans, toAgent: process / agents.processesPerAgent)
                } else {
                    post(process, token, spans, timeout: timeout.map { .seconds($0.seconds) } ?? .seconds(3_600))
                }
            case .wait(let until):
                guard let until else { return }
                // Rounded up, because the queue knows parts of a nanosecond, and would ask for the same time again.
                let time = max(now, epoch.duration(to: until).nanoseconds + 1)
                if processes[process].plan(time) { events.add(.wake(process), at: time) }
                return
            }
        }
    }

    private mutating func post(_ process: Int, _ token: Int, _ spans: Int, toAgent agent: Int) {
        let accepts = agents[agent].accept(spans)
        let answer = accepts ? Answer.accepted(gateway: nil, spans: spans) : .unavailable(retryAfterSeconds: nil)
        // The spans are in the agent's queue only when the process knows it, because the way is short and safe.
        events.add(.answer(process, token: token, answer), at: now)
        if accepts { sendJobs(agent) }
    }

    private mutating func post(_ process: Int, _ token: Int, _ spans: Int, timeout: VirtualTime) {
        let gateway = processes[process].choose(scenario.gateways)
        let losesAnswer = processes[process].happens(scenario.lostAnswers)
        let (answer, time) = request(gateway, spans, timeout: timeout, losesAnswer: losesAnswer)
        events.add(.answer(process, token: token, answer), at: time)
    }

    private mutating func finish(_ process: Int, _ token: Int, _ answer: Answer) {
        let verdict: Verdict
        switch answer {
        case .accepted(let gateway, let spans):
            if let gateway { gateways.take(gateway, spans: spans, now) }
            verdict = .accepted(rejected: 0, message: "")
        case .refused: verdict = .again(after: nil, reason: "connection refused")
        case .unavailable(let seconds): verdict = .again(after: seconds.map { .seconds($0) }, reason: "status 503")
        case .none: verdict = .again(after: nil, reason: "no answer")
        }
        var mayHaveArrived = false
        if case .none = answer { mayHaveArrived = true }
        processes[process].finish(token, verdict, mayHaveArrived: mayHaveArrived, instant)
        processes[process].drain(takesAll: false, instant, &bodies)
        send(process)
    }

    // MARK: Agents

    private mutating func sendJobs(_ agent: Int) {
        while let job = agents[agent].nextJob(now) { send(agent, job) }
    }

    private mutating func send(_ agent: Int, _ job: SimulatedAgent.Job) {
        let gateway = Int(agentRandom.uniform() * Double(scenario.gateways))
        let losesAnswer = agentRandom.uniform() < scenario.lostAnswers
        let timeout = VirtualTime.seconds(scenario.agents?.timeoutSeconds ?? 0)
        let (answer, time) = request(gateway, job.spans, timeout: timeout, losesAnswer: losesAnswer)
        events.add(.agentAnswer(agent, job, answer), at: time)
    }

    private mutating func finish(_ agent: Int, _ job: SimulatedAgent.Job, _ answer: Answer) {
        if case .accepted(let gateway?, let spans) = answer {
            gateways.take(gateway, spans: spans, now)
            agents[agent].finish(job)
        } else {
            var job = job
            if let wait = agents[agent].retry(&job, now, random: agentRandom.uniform()) {
                return events.add(.agentRetry(agent, job), at: now + wait)
            }
        }
        sendJobs(agent)
    }

    // MARK: Requests

    /// Sends a request to a gateway.
    /// - Returns: what its sender learns, and when.
    private mutating func request(
        _ gateway: Int,
        _ spans: Int,
        timeout: VirtualTime,
        losesAnswer: Bool
    ) -> (Answer, VirtualTime) {
        requests += 1
        let arrival = now + Self.network / 2
        switch gateways.receive(gateway, spans: spans, arrival) {
        case .accepted(let end):
            let answer = end + Self.network / 2
            guard !losesAnswer, answer <= now + timeout else {
                events.add(.unnoticed(gateway: gateway, spans: spans), at: end)
                return (.none, now + timeout)
            }
            return (.accepted(gateway: gateway, spans: spans), answer)
        case .refused:
            refused += 1
            return (.refused, now + Self.network)
        case .unavailable(let seconds):
            refused += 1
            return (.unavailable(retryAfterSeconds: seconds), now + Self.network)
        case .cut(let time): return (.none, min(time, now + timeout))
        case .silent: return (.none, now + timeout)
        }
    }

    // MARK: Watching

    private mutating func startSecond(_ second: Int, checks: Bool) {
        gateways.advance(to: second)
        var sample = FleetSample(second: second)
        (sample.requests, sample.refused) = (requests, refused)
        (requests, refused) = (0, 0)
        // By index, because a copy of a process retains all its arrays.
        for process in processes.indices {
            let bytes = processes[process].waitingBytes
            sample.waitingBytes += bytes
            sample.largestProcessBytes = max(sample.largestProcessBytes, bytes)
            if processes[process].isFailing { sample.failing += 1 }
        }
        for agent in agents { sample.agentSpans += agent.waitingSpans + agent.consumedSpans }
        sample.gatewayBytes = gateways.memoryBytes
        sample.undecided = gateways.undecided
        sample.kept = gateways.kept
        sample.stored = gateways.stored
        samples.append(sample)
        if checks {
            let balance = balance()
            if balance.difference != 0 { imbalances.append("second \(second): \(balance.difference) spans") }
        }
        if second < scenario.seconds { events.add(.second(second + 1), at: .seconds(second + 1)) }
    }

    /// Where every span is now. Each number is counted where the spans are.
    private func balance() -> FleetBalance {
        var balance = FleetBalance()
        balance.copies = copies
        for process in processes {
            balance.created += process.created
            balance.lost("log full", process.droppedLogFull)
            balance.held("log", process.logSpans)
            let census = process.queue.census
            balance.held("waiting", Int(census.memory + census.files + census.unacknowledged))
            balance.held("in flight", Int(census.inFlight))
            for (reason, count) in process.queue.account.dropped { balance.lost(reason.name, Int(count)) }
            balance.possiblyDuplicated += Int(process.queue.account.possiblyDuplicated)
        }
        for agent in agents {
            balance.held("agents", agent.waitingSpans + agent.consumedSpans)
            balance.lost("agent gave up", agent.droppedTimeout)
        }
        balance.held("undecided", gateways.undecided)
        balance.held("gateway queue", gateways.kept)
        balance.lost("gateway memory", gateways.lostInMemory)
        (balance.stored, balance.sampledOut) = (gateways.stored, gateways.sampledOut)
        return balance
    }
}
