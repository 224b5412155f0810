/// The gateways: how long each takes for its requests, the spans that wait for the decision of tail sampling, and the queue to the
/// store. Spans that nobody sent twice and spans that were are the same here.
struct SimulatedGateways {
    /// What happens to a request.
    enum Reception {
        /// Its spans are in the gateway at this time.
        case accepted(VirtualTime)
        /// Nothing listens.
        case refused
        /// Too much work or memory, or an outage.
        case unavailable(retryAfterSeconds: Int?)
        /// The connection ends without an answer.
        case cut(VirtualTime)
        case silent
    }

    private struct Gateway {
        var busyUntil: VirtualTime = 0
        /// Spans by the second of their arrival, for as long as they wait for a decision.
        var undecided: [Int]
        var undecidedSpans = 0
        /// Spans of requests that were accepted and are still being decoded.
        var arrivingSpans = 0
        /// Spans on their way to the store, in a queue on disk.
        var keptSpans = 0
        /// What is left of spans when a share of them is kept.
        var keptRest = 0.0
        var storedRest = 0.0

        /// What the memory limiter counts.
        var bytes: Int { (undecidedSpans + arrivingSpans) * SimulatedGateways.spanBytes }
    }

    /// A span that waits for a decision, in bytes (the Collector's rule of thumb).
    static let spanBytes = 1_024

    private let scenario: FleetScenario
    private var gateways: [Gateway]
    private(set) var stored = 0
    private(set) var sampledOut = 0
    private(set) var lostInMemory = 0

    init(_ scenario: FleetScenario) {
        self.scenario = scenario
        let gateway = Gateway(undecided: Array(repeating: 0, count: scenario.decisionWaitSeconds))
        gateways = Array(repeating: gateway, count: scenario.gateways)
    }

    var undecided: Int { gateways.reduce(0) { $0 + $1.undecidedSpans } }
    var kept: Int { gateways.reduce(0) { $0 + $1.keptSpans } }
    /// Of the gateway with the most.
    var memoryBytes: Int { gateways.map(\.bytes).max() ?? 0 }

    private func isOut(_ time: VirtualTime) -> Bool {
        .seconds(scenario.outageSeconds.lowerBound) <= time && time < .seconds(scenario.outageSeconds.upperBound)
    }

    /// What happens to a request that arrives now.
    mutating func receive(_ gateway: Int, spans: Int, _ now: VirtualTime) -> Reception {
        if isOut(now) {
            switch scenario.outage {
            case .killed: return .refused
            case .unavailable(let seconds): return .unavailable(retryAfterSeconds: seconds)
            case .hanging: return .silent
            case .store: break
            }
        }
        let start = max(now, gateways[gateway].busyUntil)
        guard start - now <= .seconds(scenario.gatewayBacklogSeconds),
            gateways[gateway].bytes + spans * Self.spanBytes <= scenario.gatewayMemoryBytes
        else { return .unavailable(retryAfterSeconds: nil) }
        let end = start + .seconds(Double(spans) / scenario.gatewaySpansPerSecond)
        gateways[gateway].busyUntil = end
        if case .killed = scenario.outage, isOut(end), !isOut(now) {
            return .cut(.seconds(scenario.outageSeconds.lowerBound))
        }
        gateways[gateway].arrivingSpans += spans
        return .accepted(end)
    }

    /// The spans of a request are in the gateway's memory.
    mutating func take(_ gateway: Int, spans: Int, _ now: VirtualTime) {
        gateways[gateway].undecided[Int(now / 1_000_000_000) % scenario.decisionWaitSeconds] += spans
        gateways[gateway].undecidedSpans += spans
        gateways[gateway].arrivingSpans -= spans
    }

    /// The start of a second: decides on the spans of the second that has waited longest, and writes to the store.
    mutating func advance(to second: Int) {
        let time = VirtualTime.seconds(second)
        if case .killed = scenario.outage, second == scenario.outageSeconds.lowerBound { forgetMemory() }
        var capacity = scenario.storeSpansPerSecond / Double(scenario.gateways)
        if case .store = scenario.outage, isOut(time) { capacity = 0 }
        for index in gateways.indices {
            decide(index, second)
            store(index, capacity)
        }
    }

    private mutating func decide(_ index: Int, _ second: Int) {
        let place = second % scenario.decisionWaitSeconds
        let spans = gateways[index].undecided[place]
        gateways[index].undecided[place] = 0
        gateways[index].undecidedSpans -= spans
        let share = Double(spans) * scenario.keptShare + gateways[index].keptRest
        let kept = min(spans, Int(share))
        gateways[index].keptRest = share - Double(kept)
        gateways[index].keptSpans += kept
        sampledOut += spans - kept
    }

    private mutating func store(_ index: Int, _ capacity: Double) {
        let room = capacity + gateways[index].storedRest
        let spans = min(gateways[index].keptSpans, Int(room))
        gateways[index].storedRest = room - room.rounded(.down)
        gateways[index].keptSpans -= spans
        stored += spans
    }

    private mutating func forgetMemory() {
        for index in gateways.indices {
            lostInMemory += gateways[index].undecidedSpans
            gateways[index].undecidedSpans = 0
            gateways[index].undecided = Array(repeating: 0, count: scenario.decisionWaitSeconds)
        }
    }
}
