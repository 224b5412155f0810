/// A benchmark scenario: how spans or log records are recorded, and how the receiver behaves.
public struct Scenario: Sendable {
    /// How the receiver behaves.
    public enum Receiver: Sendable, Equatable {
        /// Answers each request with status 200 after a delay.
        case answering(afterMilliseconds: Int)
        /// Answers with status 503 for a time after the start, and then with 200.
        case unavailable(forMilliseconds: Int)
        /// Refuses connections.
        case unreachable
    }

    /// How many spans or log records are recorded, and how fast.
    public enum Load: Sendable, Equatable {
        /// As fast as possible, on several threads.
        case burst(spans: Int, threads: Int)
        /// At a constant rate, on one thread, in a batch every 10 ms.
        case paced(spansPerSecond: Int, seconds: Int)

        /// The number of spans or log records.
        public var spanCount: Int {
            switch self {
            case .burst(let spans, let threads): spans / threads * threads
            case .paced(let rate, let seconds): rate / 100 * 100 * seconds
            }
        }
    }

    /// What is recorded.
    public enum Signal: Sendable, Equatable {
        case spans
        case logRecords
    }

    /// The name on the command line.
    public let name: String
    /// What is recorded.
    public let signal: Signal
    /// How many spans or log records are recorded, and how fast.
    public let load: Load
    /// How the receiver behaves.
    public let receiver: Receiver

    /// Creates a scenario.
    public init(_ name: String, _ load: Load, _ receiver: Receiver, of signal: Signal = .spans) {
        self.name = name
        self.signal = signal
        self.load = load
        self.receiver = receiver
    }

    /// The scenarios that ``Scenarios/run(_:_:)`` runs by default.
    public static let all = [
        Scenario("burst-1", .burst(spans: 200_000, threads: 1), .answering(afterMilliseconds: 0)),
        Scenario("burst-4", .burst(spans: 200_000, threads: 4), .answering(afterMilliseconds: 0)),
        Scenario("paced-0", .paced(spansPerSecond: 50_000, seconds: 5), .answering(afterMilliseconds: 0)),
        Scenario("paced-20", .paced(spansPerSecond: 50_000, seconds: 5), .answering(afterMilliseconds: 20)),
        Scenario("paced-100", .paced(spansPerSecond: 50_000, seconds: 5), .answering(afterMilliseconds: 100)),
        Scenario("paced-million", .paced(spansPerSecond: 1_000_000, seconds: 2), .answering(afterMilliseconds: 0)),
        Scenario("outage", .paced(spansPerSecond: 10_000, seconds: 10), .unavailable(forMilliseconds: 5_000)),
        Scenario("unreachable", .paced(spansPerSecond: 10_000, seconds: 5), .unreachable),
        Scenario("shutdown", .burst(spans: 20_000, threads: 1), .answering(afterMilliseconds: 20)),
        Scenario(
            "logs-burst-1",
            .burst(spans: 200_000, threads: 1),
            .answering(afterMilliseconds: 0),
            of: .logRecords
        ),
        Scenario(
            "logs-burst-4",
            .burst(spans: 200_000, threads: 4),
            .answering(afterMilliseconds: 0),
            of: .logRecords
        ),
        .pacedLogs(answeringAfterMilliseconds: 0),
        .pacedLogs(answeringAfterMilliseconds: 20),
        .pacedLogs(answeringAfterMilliseconds: 100),
        Scenario("hang", .burst(spans: 2_000, threads: 1), .answering(afterMilliseconds: 60_000)),
    ]

    private static func pacedLogs(answeringAfterMilliseconds delay: Int) -> Scenario {
        Scenario(
            "logs-paced-\(delay)",
            .paced(spansPerSecond: 50_000, seconds: 5),
            .answering(afterMilliseconds: delay),
            of: .logRecords
        )
    }

    /// The scenario in ``all`` with this name; nil if no scenario has it. A name such as `paced-20-60` also gives a
    /// scenario: the receiver answers after 20 ms, and spans are recorded for 60 s.
    public static func named(_ name: String) -> Scenario? {
        if let known = all.first(where: { $0.name == name }) { return known }
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "paced", let delay = Int(parts[1]), let seconds = Int(parts[2]),
            delay >= 0, seconds > 0
        else { return nil }
        return Scenario(name, .paced(spansPerSecond: 50_000, seconds: seconds), .answering(afterMilliseconds: delay))
    }
}

/// The result of a scenario. In a scenario of log records, the counts are those of log records.
public struct ScenarioResult: Sendable, Equatable {
    /// The number of spans that the program recorded.
    public var recorded: Int
    /// The number of spans that the receiver accepted, including duplicates.
    public var delivered: Int
    /// The processor time of the program from the first span to the end of the shutdown, in nanoseconds.
    public var processorNanoseconds: Int
    /// The increase in peak resident memory, in bytes.
    public var memoryGrowth: Int
    /// The 99th percentile of the time that recording a span takes, in nanoseconds.
    public var p99Nanoseconds: Int
    /// The time of the shutdown in milliseconds.
    public var shutdownMilliseconds: Int
    /// Whether the program ended by itself within two minutes of its start.
    public var hasEnded: Bool

    /// The processor time per delivered span in nanoseconds, including recording; nil if no span was delivered.
    public var processorNanosecondsPerSpan: Int? { delivered > 0 ? processorNanoseconds / delivered : nil }
}
