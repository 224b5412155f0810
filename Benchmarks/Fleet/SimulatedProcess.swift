import SpanKitBenchmarkRows
import SpanKitPlatform
import SpanKitShipping

/// A process that records spans and sends them by the rules of the real exporter: ``DeliveryQueue`` with its settings, and
/// ``BatchSettings``. What the shipper's thread does between them is repeated here (`Shipper.step`).
struct SimulatedProcess {
    /// Spans in the log, which are not in a body yet.
    private(set) var logSpans = 0
    private(set) var created = 0
    private(set) var droppedLogFull = 0
    private(set) var queue: DeliveryQueue
    private var random: SeededGenerator
    private var lastArrival: VirtualTime = 0
    /// The next time at which the queue wants to be asked.
    private(set) var wake = VirtualTime.max
    private let hasSpool: Bool
    private let retriesEachSecond: Bool
    private let spansPerSecond: Double

    private static let batch = BatchSettings()
    /// A compressed span in a body, in bytes (docs/performance.md).
    static let bodyBytes = 44
    /// A span with a few attributes in the log, in bytes.
    static let logBytes = 160
    private static let logCapacity = 64 * 1_024 * 1_024 / logBytes

    init(_ number: Int, _ scenario: FleetScenario, seed: UInt64) {
        let exporter = OTLPExporter(url: "")
        var settings = DeliveryQueue.Settings(exporter)
        // Bodies in the spool are only limited by its size and time.
        let spool = SpoolConfiguration(directory: "")
        if scenario.hasSpool { (settings.keepsFor, settings.waitingBytes) = (spool.keepsFor, spool.maximumBytes) }
        if scenario.retriesEachSecond { settings.retry.longest = settings.retry.first }
        queue = DeliveryQueue(settings)
        random = SeededGenerator(seed: seed &+ UInt64(number) &* 0xD134_2543_DE82_EF95)
        hasSpool = scenario.hasSpool
        retriesEachSecond = scenario.retriesEachSecond
        spansPerSecond = scenario.spansPerSecond
    }

    /// The memory that spans take, in bytes; with a spool, also the bytes on disk.
    var waitingBytes: Int { queue.memoryBytes + logSpans * Self.logBytes }

    /// Whether its last request failed.
    var isFailing: Bool { queue.failure != nil }

    /// A random time in the schedule delay, because processes start at different times.
    mutating func firstTick() -> VirtualTime { VirtualTime(Double(Self.delay) * random.uniform()) }

    static let delay = VirtualTime(batch.scheduleDelay.seconds * 1e9)

    /// A number from 0 up to `count`.
    mutating func choose(_ count: Int) -> Int { Int(random.uniform() * Double(count)) }

    mutating func happens(_ probability: Double) -> Bool { random.uniform() < probability }

    // MARK: Recording

    /// Records the spans of the time since the last call.
    mutating func record(until now: VirtualTime) {
        let count = random.count(mean: Double(now - lastArrival) / 1e9 * spansPerSecond)
        lastArrival = now
        created += count
        let room = max(0, Self.logCapacity - logSpans)
        droppedLogFull += max(0, count - room)
        logSpans += min(count, room)
    }

    // MARK: Sending

    /// Puts spans into bodies while there is room for them.
    /// - Parameter takesAll: whether to take bodies that are not full.
    mutating func drain(takesAll: Bool, _ now: ContinuousClock.Instant, _ bodies: inout BodyCache) {
        var wanted = logSpans
        let fullBody = Self.batch.fullBody(isSpooling: hasSpool && queue.failure != nil)
        while logSpans > 0, takesAll && wanted > 0 || logSpans >= fullBody, queue.takesBody(hasSpool: hasSpool, now) {
            let count = min(logSpans, Self.batch.spanLimit(waiting: logSpans))
            logSpans -= count
            wanted -= count
            queue.append(Delivery(bodies.body(spans: count), queued: now))
        }
    }

    mutating func next(_ now: ContinuousClock.Instant) -> DeliveryQueue.Step { queue.next(now) }

    mutating func finish(_ token: Int, _ verdict: Verdict, mayHaveArrived: Bool, _ now: ContinuousClock.Instant) {
        let draw = random.uniform()
        _ = queue.finish(
            token,
            verdict,
            mayHaveArrived: mayHaveArrived,
            now: now,
            random: retriesEachSecond ? 1 - 0x1p-53 : draw
        )
    }

    /// Notes when the queue is asked again.
    /// - Returns: whether that is earlier than what was noted.
    mutating func plan(_ time: VirtualTime) -> Bool {
        guard time < wake else { return false }
        wake = time
        return true
    }

    /// Whether the queue is to be asked now.
    mutating func wakes(at now: VirtualTime) -> Bool {
        guard wake <= now else { return false }
        wake = .max
        return true
    }
}

/// Bodies by their number of spans. The queue never looks at their bytes, so processes share them.
struct BodyCache {
    private var bodies: [Int: Body] = [:]

    mutating func body(spans: Int) -> Body {
        if let known = bodies[spans] { return known }
        let new = Body(spanCount: spans, memoryBytes: spans * SimulatedProcess.bodyBytes)
        bodies[spans] = new
        return new
    }
}
