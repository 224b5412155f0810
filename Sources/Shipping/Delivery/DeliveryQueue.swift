/// Decides what is sent next, and what becomes of a body after each attempt. Holds no thread, no socket and no clock, so that every
/// rule can be tested in virtual time.
///
/// The rules: the oldest goes first, what the spool kept from earlier goes last; several requests at a time while all is well;
/// from the first failure on a single one, the probe, after a wait; the first success ends that. A body stays in the queue
/// until it is accepted, refused, or too old, and every span of it is counted exactly once.
struct DeliveryQueue {
    typealias Instant = ContinuousClock.Instant

    struct Settings: Sendable {
        var parallelRequests = 4
        /// For one series of attempts; nil for no limit.
        var exportTimeout: Duration? = .seconds(10)
        var keepsFor = Duration.seconds(300)
        var waitingBytes = 16 * 1_024 * 1_024
        var retry = RetryPolicy()
        /// How long after each other bodies of an earlier process are sent.
        var replayInterval = Duration.milliseconds(100)
    }

    /// What to do now.
    enum Step {
        case send(token: Int, Delivery, timeout: Duration?)
        /// Nothing before this time, or before something changes.
        case wait(until: Instant?)
    }

    /// Since when the destination does not take anything, and what it says.
    struct Failure: Equatable {
        var since: Instant
        var count: Int
        var nextAttempt: Instant
        var reason: String
    }

    private let settings: Settings
    private var live = Queue<Delivery>()
    private var replay = Queue<Delivery>()
    private var inFlight: [Int: Delivery] = [:]
    private var lastToken = 0
    private var nextReplay: Instant?
    private(set) var failure: Failure?
    private(set) var account = DeliveryAccount()
    /// Bytes of memory that waiting bodies take, those in flight included.
    private(set) var memoryBytes = 0
    /// Waits are over: every body is tried at most once more, and the first failure ends it.
    private(set) var isClosing = false

    init(_ settings: Settings) {
        self.settings = settings
    }

    /// Whether another body may be handed over.
    var hasRoom: Bool { memoryBytes < settings.waitingBytes }

    /// Spans that wait or are on their way.
    var waitingSpanCount: Int { live.spanCount + replay.spanCount + inFlightSpanCount }

    /// Bodies that wait, those of an earlier process not counted.
    var waitingBodyCount: Int { live.count }

    var inFlightSpanCount: Int { inFlight.values.reduce(0) { $0 + $1.spanCount } }

    /// Whether nothing waits and nothing is on its way.
    var isEmpty: Bool { live.isEmpty && replay.isEmpty && inFlight.isEmpty }

    /// Takes a body over. One that stands in a file is kept in memory as well while there is room.
    mutating func append(_ delivery: Delivery) {
        var delivery = delivery
        if case .file(let file, _?) = delivery.content, memoryBytes + delivery.memoryBytes > settings.waitingBytes {
            delivery = Delivery(file, queued: delivery.queued)
        }
        memoryBytes += delivery.memoryBytes
        live.append(delivery)
    }

    /// Takes over a body that an earlier process left, to be sent behind everything else.
    mutating func appendForReplay(_ delivery: Delivery) {
        memoryBytes += delivery.memoryBytes
        replay.append(delivery)
    }

    /// From now on nobody waits: each body is tried at most once more.
    mutating func close() {
        isClosing = true
    }

    /// Tries at once, whatever the wait: somebody wants to know (`flush`).
    mutating func tryNow(_ now: Instant) {
        if failure != nil { failure?.nextAttempt = now }
        nextReplay = nil
    }

    /// What to do now; `send` means that the caller has begun to.
    mutating func next(_ now: Instant) -> Step {
        dropExpired(now)
        if let failure {
            guard inFlight.isEmpty else { return .wait(until: nil) }
            if failure.nextAttempt > now { return .wait(until: isClosing ? nil : failure.nextAttempt) }
        }
        guard inFlight.count < max(1, settings.parallelRequests) else { return .wait(until: nil) }
        if let delivery = live.popFirst() { return send(delivery, now) }
        if let nextReplay, nextReplay > now, !isClosing, !replay.isEmpty { return .wait(until: nextReplay) }
        guard let delivery = replay.popFirst() else { return .wait(until: nil) }
        nextReplay = now.advanced(by: settings.replayInterval)
        return send(delivery, now)
    }

    private mutating func send(_ delivery: Delivery, _ now: Instant) -> Step {
        var delivery = delivery
        delivery.attempts += 1
        let deadline = delivery.exportDeadline ?? settings.exportTimeout.map { now.advanced(by: $0) }
        delivery.exportDeadline = deadline
        lastToken += 1
        inFlight[lastToken] = delivery
        account.requests += 1
        return .send(token: lastToken, delivery, timeout: deadline.map { max(.milliseconds(1), now.duration(to: $0)) })
    }

    /// Takes the outcome of a request.
    /// - Parameters:
    ///   - mayHaveArrived: there was no answer, but something had been sent.
    ///   - random: uniform from 0 up to 1, for the jitter.
    /// - Returns: what the caller has to see to.
    mutating func finish(
        _ token: Int,
        _ verdict: Verdict,
        mayHaveArrived: Bool,
        now: Instant,
        random: Double
    ) -> DeliveryEvent? {
        guard var delivery = inFlight.removeValue(forKey: token) else { return nil }
        switch verdict {
        case .accepted(let rejected, let message):
            memoryBytes -= delivery.memoryBytes
            let rejected = min(rejected, delivery.spanCount)
            account.exported += UInt64(delivery.spanCount - rejected)
            account.drop(.rejected, rejected)
            // It had been sent before without an answer: the receiver may hold it twice.
            if delivery.mayHaveArrived { account.possiblyDuplicated += UInt64(delivery.spanCount) }
            let recovered = failure
            failure = nil
            return .delivered(delivery, rejected: rejected, message: message, recovered: recovered)
        case .again(let asked, let reason):
            delivery.mayHaveArrived = delivery.mayHaveArrived || mayHaveArrived
            return postpone(delivery, asked: asked, reason: reason, now: now, random: random)
        case .split(let reason, let status):
            memoryBytes -= delivery.memoryBytes
            return .tooLarge(delivery, reason: reason, status: status)
        case .refused(let why, let reason):
            memoryBytes -= delivery.memoryBytes
            account.drop(why, delivery.spanCount)
            // An answer is an answer: the receiver is there.
            if case .status = why { failure = nil }
            return .dropped(delivery, why, reason: reason)
        }
    }

    private mutating func postpone(
        _ delivery: Delivery,
        asked: Duration?,
        reason: String,
        now: Instant,
        random: Double
    ) -> DeliveryEvent {
        var delivery = delivery
        let count = (failure?.count ?? 0) + 1
        let delay = settings.retry.delay(failures: count, asked: asked, random: random)
        let isFirst = failure == nil
        failure = Failure(
            since: failure?.since ?? now,
            count: count,
            nextAttempt: now.advanced(by: delay),
            reason: reason
        )
        // What does not fit into this series of attempts begins a new one: the body waits, it is not lost.
        if let deadline = delivery.exportDeadline, now.advanced(by: delay) >= deadline { delivery.exportDeadline = nil }
        live.prepend(delivery)
        return .postponed(isFirst: isFirst, reason: reason)
    }

    /// Puts the halves of a body that was too large in its place, or the same body with its values cut.
    mutating func replace(_ delivery: Delivery, with parts: [Delivery]) {
        for part in parts.reversed() {
            memoryBytes += part.memoryBytes
            live.prepend(part)
        }
    }

    /// Counts a body as dropped that ``finish(_:_:mayHaveArrived:now:random:)`` had handed out as too large.
    mutating func drop(_ delivery: Delivery, _ reason: DropReason) {
        account.drop(reason, delivery.spanCount)
    }

    /// Counts spans as dropped that never came into the queue.
    mutating func count(_ reason: DropReason, _ spans: Int) {
        account.drop(reason, spans)
    }

    /// Takes the oldest body that waits in the spool out of the queue, and counts its spans as dropped.
    mutating func dropOldestFile(_ reason: DropReason, where condition: (SpoolFile) -> Bool = { _ in true })
        -> SpoolFile?
    {
        func matches(_ delivery: Delivery) -> Bool {
            if case .file(let file, _) = delivery.content { condition(file) } else { false }
        }
        guard let delivery = replay.remove(where: matches) ?? live.remove(where: matches),
            case .file(let file, _) = delivery.content
        else { return nil }
        memoryBytes -= delivery.memoryBytes
        account.drop(reason, delivery.spanCount)
        return file
    }

    private mutating func dropExpired(_ now: Instant) {
        while let first = live.first, case .memory = first.content,
            first.queued.duration(to: now) > settings.keepsFor, first.attempts > 0
        {
            _ = live.popFirst()
            memoryBytes -= first.memoryBytes
            account.drop(.timeout, first.spanCount)
        }
    }

    /// Gives up what is on its way: it was sent, or not, and stays undelivered.
    mutating func abandonInFlight() {
        for token in inFlight.keys.sorted(by: >) {
            guard let delivery = inFlight.removeValue(forKey: token) else { continue }
            live.prepend(delivery)
        }
    }

    /// Everything that waits, oldest first; the queue is empty then.
    mutating func takeAll() -> [Delivery] {
        abandonInFlight()
        var all: [Delivery] = []
        while let delivery = live.popFirst() { all.append(delivery) }
        while let delivery = replay.popFirst() { all.append(delivery) }
        memoryBytes = 0
        return all
    }
}

/// What ``DeliveryQueue`` wants its owner to see to.
enum DeliveryEvent {
    /// Accepted. - `recovered`: the failure that ended with it.
    case delivered(Delivery, rejected: Int, message: String, recovered: DeliveryQueue.Failure?)
    case postponed(isFirst: Bool, reason: String)
    case dropped(Delivery, DropReason, reason: String)
    /// To be split or cut, and put back with ``DeliveryQueue/replace(_:with:)``.
    case tooLarge(Delivery, reason: String, status: Int)
}
