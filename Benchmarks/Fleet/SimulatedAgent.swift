/// A Collector that accepts requests into a queue and sends them on: its `sending_queue` and `retry_on_failure` as documented. This is
/// not our code, so it is modelled.
struct SimulatedAgent {
    private let settings: FleetScenario.Agents
    /// The spans of each waiting request.
    private var waiting: [Int] = []
    private var taken = 0
    private(set) var waitingSpans = 0
    /// The spans of requests that a consumer holds, also while it waits to retry.
    private(set) var consumedSpans = 0
    private var busy = 0
    private(set) var droppedTimeout = 0

    /// A request that a consumer holds.
    struct Job {
        var spans: Int
        let started: VirtualTime
        var intervalSeconds: Double
    }

    init(_ settings: FleetScenario.Agents) {
        self.settings = settings
    }

    /// Accepts a request, unless the queue is full.
    mutating func accept(_ spans: Int) -> Bool {
        guard waiting.count - taken < settings.queueSize else { return false }
        waiting.append(spans)
        waitingSpans += spans
        return true
    }

    /// The next request that a free consumer sends.
    mutating func nextJob(_ now: VirtualTime) -> Job? {
        guard busy < settings.consumers, taken < waiting.count else { return nil }
        let spans = waiting[taken]
        taken += 1
        if taken > 64, taken * 2 > waiting.count {
            waiting.removeFirst(taken)
            taken = 0
        }
        busy += 1
        waitingSpans -= spans
        consumedSpans += spans
        return Job(spans: spans, started: now, intervalSeconds: settings.initialIntervalSeconds)
    }

    /// The request was accepted.
    mutating func finish(_ job: Job) {
        busy -= 1
        consumedSpans -= job.spans
    }

    /// The wait before a request is sent again; nil if it is dropped, because it was tried for too long.
    mutating func retry(_ job: inout Job, _ now: VirtualTime, random: Double) -> VirtualTime? {
        let wait = VirtualTime.seconds(job.intervalSeconds * (0.5 + random))
        job.intervalSeconds = min(30, job.intervalSeconds * 1.5)
        if let limit = settings.givesUpAfterSeconds, now + wait - job.started > .seconds(limit) {
            droppedTimeout += job.spans
            finish(job)
            return nil
        }
        return wait
    }
}
