import SpanKitPlatform

/// Decides which body of metrics is sent next, and what happens to it after an attempt. Like ``DeliveryQueue``, it has no thread,
/// socket or clock.
///
/// - One request is in flight at a time.
/// - Of cumulative values only the newest reading waits: it contains the counts of all earlier ones. A reading with the last values of
///   series that have ended waits as well. The next ends are read only after it was sent (``hasSentNewest``).
/// - Deltas wait in order, and none is passed over. While they take too much memory, no new ones are made
///   (``hasRoomForDeltas``): the next delta then covers a longer time, and nothing is lost.
/// - Every data point is in exactly one term: waiting, in flight, exported or dropped.
struct MetricQueue {
    typealias Instant = ContinuousClock.Instant

    struct Settings: Sendable {
        /// The limit of one series of attempts; nil for no limit.
        var timeout: Duration? = .seconds(10)
        var waitingBytes = 16 * 1_024 * 1_024
        var retry = RetryPolicy()
        /// How often the bodies of one reading are divided after a refusal.
        var divisions = 64
    }

    /// The next action.
    enum Step {
        case send(MetricBody, timeout: Duration?)
        case wait(until: Instant?)
    }

    /// What the owner has to say or to do after an attempt.
    enum Event {
        case delivered(MetricBody, rejected: Int, message: String, recovered: DeliveryQueue.Failure?)
        case postponed(isFirst: Bool, reason: String)
        /// The receiver refused the body. The owner calls ``MetricQueue/divide(into:)`` or ``MetricQueue/dropRefused(_:)``.
        case refused(MetricBody, DropReason, reason: String)
        /// The body is too large. The owner calls one of the same functions.
        case tooLarge(MetricBody, reason: String)
    }

    private let settings: Settings
    private var deltas = Queue<MetricBody>()
    private var newest = Queue<MetricBody>()
    private var inFlight: MetricBody?
    /// A refused body that the owner divides or drops.
    private var refused: MetricBody?
    private var divisionsLeft: Int
    private var deltaBytes = 0
    /// The deadline of the shutdown.
    private var end: Instant?
    private(set) var failure: DeliveryQueue.Failure?
    private(set) var account = DeliveryAccount()

    init(_ settings: Settings) {
        self.settings = settings
        divisionsLeft = settings.divisions
    }

    /// Whether deltas may be made.
    var hasRoomForDeltas: Bool { deltaBytes < settings.waitingBytes }

    /// Whether no cumulative values wait.
    var hasSentNewest: Bool { newest.isEmpty && inFlight?.isDelta != false && refused?.isDelta != false }

    var isEmpty: Bool { deltas.isEmpty && newest.isEmpty && inFlight == nil && refused == nil }

    /// Where the data points are that are neither exported nor dropped.
    var census: DeliveryCensus {
        var census = DeliveryCensus()
        census.inFlight = UInt64(inFlight?.points ?? 0)
        census.memory = UInt64(refused?.points ?? 0)
        let count: (MetricBody) -> Void = { census.memory += UInt64($0.points) }
        deltas.forEach(count)
        newest.forEach(count)
        return census
    }

    /// Adds the bodies of a reading. Cumulative ones replace those of the last reading, except for ends of series.
    mutating func append(_ bodies: [MetricBody]) {
        divisionsLeft = settings.divisions
        var kept: [MetricBody] = []
        while let old = newest.popFirst() {
            if old.hasEnds { kept.append(old) } else { account.drop(.superseded, old.points) }
        }
        for body in kept { newest.append(body) }
        for body in bodies {
            if body.isDelta {
                deltaBytes += body.memoryBytes
                deltas.append(body)
            } else {
                newest.append(body)
            }
        }
    }

    /// Adds a body that another process has left. Like deltas, no later body contains its counts.
    mutating func append(recovered body: MetricBody) {
        deltaBytes += body.memoryBytes
        deltas.append(body)
    }

    /// Counts data points that were not handed over.
    mutating func drop(_ reason: DropReason, _ points: Int) { account.drop(reason, points) }

    /// Sends as much as possible until the deadline.
    mutating func hurry(until end: Instant, _ now: Instant) {
        self.end = end
        retry(now)
    }

    /// Makes the next attempt now, or when the receiver's `Retry-After` allows it.
    mutating func retry(_ now: Instant) {
        if let current = failure { failure?.nextAttempt = max(now, current.notBefore ?? now) }
    }

    /// The next action. After `send`, the body counts as in flight.
    mutating func next(_ now: Instant) -> Step {
        if let failure, failure.nextAttempt > now {
            return isEmpty ? .wait(until: nil) : .wait(until: failure.nextAttempt)
        }
        guard var body = newest.popFirst() ?? deltas.popFirst() else { return .wait(until: nil) }
        body.deadline = body.deadline ?? settings.timeout.map { now.advanced(by: $0) }
        inFlight = body
        account.requests += 1
        let limit = [body.deadline, end].compactMap { $0 }.min()
        return .send(body, timeout: limit.map { max(.milliseconds(1), now.duration(to: $0)) })
    }

    /// Records the result of the request in flight.
    /// - Parameter random: a uniform random number from 0 up to 1, for the jitter.
    mutating func finish(_ verdict: Verdict, now: Instant, random: Double) -> Event? {
        guard let body = inFlight else { return nil }
        inFlight = nil
        if case .again(let asked, let reason) = verdict {
            return postpone(body, asked: asked, reason: reason, now: now, random: random)
        }
        if body.isDelta { deltaBytes -= body.memoryBytes }
        let recovered = failure
        if verdict.isAnswer { failure = nil }
        switch verdict {
        case .accepted(let rejected, let message):
            let rejected = min(rejected, body.points)
            account.exported += UInt64(body.points - rejected)
            account.drop(.rejected, rejected)
            return .delivered(body, rejected: rejected, message: message, recovered: recovered)
        case .refused(let why, let reason):
            refused = body
            return .refused(body, why, reason: reason)
        case .split(let reason, _):
            refused = body
            return .tooLarge(body, reason: reason)
        case .again: return nil
        }
    }

    private mutating func postpone(
        _ body: MetricBody,
        asked: Duration?,
        reason: String,
        now: Instant,
        random: Double
    ) -> Event {
        let count = (failure?.count ?? 0) + 1
        let notBefore = asked.map { now.advanced(by: $0) }
        var nextAttempt = now.advanced(by: settings.retry.delay(failures: count, asked: asked, random: random))
        if let end, now < end {
            // At most half of the time left, so that attempts become more frequent towards the deadline.
            let half = max(RetryPolicy.shortest, now.duration(to: end) / 2)
            nextAttempt = max(min(nextAttempt, now.advanced(by: half)), notBefore ?? now)
        }
        let isFirst = failure == nil
        failure = DeliveryQueue.Failure(
            since: failure?.since ?? now,
            count: count,
            nextAttempt: nextAttempt,
            notBefore: notBefore,
            reason: reason
        )
        var body = body
        // An attempt after the end of this series starts a new series.
        if let deadline = body.deadline, nextAttempt >= deadline { body.deadline = nil }
        if body.isDelta { deltas.prepend(body) } else { newest.prepend(body) }
        return .postponed(isFirst: isFirst, reason: reason)
    }

    /// Whether a refused body may be divided. Few are, so that a receiver that refuses everything gets few requests.
    var mayDivide: Bool { divisionsLeft > 0 }

    /// Puts the parts of the refused body in its place.
    mutating func divide(into parts: [MetricBody]) {
        refused = nil
        divisionsLeft -= 1
        for part in parts.reversed() {
            if part.isDelta {
                deltaBytes += part.memoryBytes
                deltas.prepend(part)
            } else {
                newest.prepend(part)
            }
        }
    }

    /// Drops the refused body.
    mutating func dropRefused(_ reason: DropReason) {
        account.drop(reason, refused?.points ?? 0)
        refused = nil
    }
}
