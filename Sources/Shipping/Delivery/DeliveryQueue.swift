import SpanKitPlatform

/// Decides what is sent next, and what becomes of a body after each attempt. It has no thread, socket or clock, so tests run
/// every rule in virtual time.
///
/// - The oldest body goes first; bodies that the spool kept from earlier processes go last.
/// - Several requests are in flight while the receiver answers well. After the first failure there is one at a time, the probe,
///   after a backoff. The first success ends that.
/// - Under a backlog, bodies that are certain not to have arrived are sent together in one request. A body whose request got no
///   answer is always sent again by itself, as the same bytes.
/// - A body stays in the queue until it is accepted, refused or too old. Every span is in exactly one term of ``census`` or of
///   ``account``, and each term is counted where the span is.
struct DeliveryQueue {
    typealias Instant = ContinuousClock.Instant

    struct Settings: Sendable {
        var parallelRequests = 4
        /// For one series of attempts; nil for no limit.
        var exportTimeout: Duration? = .seconds(10)
        var keepsFor = Duration.seconds(300)
        var waitingBytes = 16 * 1_024 * 1_024
        /// Spans of a request that carries several bodies.
        var joinedSpans = 16_384
        var retry = RetryPolicy()
        /// The pause between bodies of an earlier process.
        var replayInterval = Duration.milliseconds(100)
    }

    /// What to do now.
    enum Step {
        /// Send these bodies in one request.
        case send(token: Int, [Delivery], timeout: Duration?)
        /// Nothing before this time, or before something changes.
        case wait(until: Instant?)
    }

    /// Since when the receiver has been failing, and what it says.
    struct Failure: Equatable {
        var since: Instant
        var count: Int
        var nextAttempt: Instant
        /// What the receiver asked for with `Retry-After`: there is no attempt before this, even while a flush waits.
        var notBefore: Instant?
        var reason: String

        /// What the receiver says, and how long it wants to be left alone.
        func description(_ now: Instant) -> String {
            guard let notBefore, notBefore > now else { return reason }
            return "\(reason); the receiver asks to wait \(ReadableDuration(now.duration(to: notBefore)))"
        }
    }

    private let settings: Settings
    private var live = Queue<Delivery>()
    private var replay = Queue<Delivery>()
    private var inFlight: [Int: [Delivery]] = [:]
    /// Spans of bodies that were handed out to be split and have not come back.
    private var splittingSpans = 0
    private var lastToken = 0
    private var lastNumber: UInt64 = 0
    private var nextReplay: Instant?
    /// Until then a flush or the shutdown waits for everything to be delivered.
    private var deadline: Instant?
    private var hasEnded = false
    private(set) var failure: Failure?
    private(set) var account = DeliveryAccount()
    /// Bytes of memory that waiting bodies take, those in flight included.
    private(set) var memoryBytes = 0

    init(_ settings: Settings) {
        self.settings = settings
    }

    /// Whether another body may be handed over.
    var hasRoom: Bool { memoryBytes < settings.waitingBytes }

    /// Bodies that wait, those of an earlier process not counted.
    var waitingBodyCount: Int { live.count }

    /// Whether nothing waits and nothing is in flight.
    var isEmpty: Bool { live.isEmpty && replay.isEmpty && inFlight.isEmpty && splittingSpans == 0 }

    /// Where the spans are that are neither exported nor dropped.
    var census: DeliveryCensus {
        var census = DeliveryCensus()
        census.memory = UInt64(splittingSpans)
        for group in inFlight.values { for delivery in group { census.inFlight += UInt64(delivery.spanCount) } }
        let count: (Delivery) -> Void = { delivery in
            if delivery.isInFile {
                census.files += UInt64(delivery.spanCount)
            } else if hasEnded, delivery.mayHaveArrived {
                census.unacknowledged += UInt64(delivery.spanCount)
            } else {
                census.memory += UInt64(delivery.spanCount)
            }
        }
        live.forEach(count)
        replay.forEach(count)
        return census
    }

    /// Whether everything that was handed over before a call of ``mark()`` is accepted, refused or dropped.
    func isSettled(upTo mark: UInt64) -> Bool {
        var isSettled = splittingSpans == 0
        let look: (Delivery) -> Void = { if $0.number <= mark { isSettled = false } }
        live.forEach(look)
        replay.forEach(look)
        for group in inFlight.values { group.forEach(look) }
        return isSettled
    }

    /// For ``isSettled(upTo:)``: everything that was handed over so far.
    func mark() -> UInt64 { lastNumber }

    /// Takes a body over. One that is in a file is kept in memory as well while there is room.
    mutating func append(_ delivery: Delivery) {
        var delivery = delivery
        if case .file(let file, _?) = delivery.content, memoryBytes + delivery.memoryBytes > settings.waitingBytes {
            delivery = Delivery(file, queued: delivery.queued)
        }
        lastNumber += 1
        delivery.number = lastNumber
        memoryBytes += delivery.memoryBytes
        live.append(delivery)
    }

    /// Takes over a body that an earlier process left, to be sent behind everything else.
    mutating func appendForReplay(_ delivery: Delivery) {
        var delivery = delivery
        lastNumber += 1
        delivery.number = lastNumber
        memoryBytes += delivery.memoryBytes
        replay.append(delivery)
    }

    // MARK: Deadlines

    /// From now until the deadline everything that waits is to be delivered: the next attempt is now, or when the receiver's
    /// `Retry-After` allows it, and backoff leaves time for more attempts.
    mutating func hurry(until deadline: Instant, _ now: Instant) {
        self.deadline = max(deadline, self.deadline ?? deadline)
        if let current = failure { failure?.nextAttempt = max(now, current.notBefore ?? now) }
        nextReplay = nil
    }

    /// Whether a flush or the shutdown waits.
    func isHurrying(_ now: Instant) -> Bool { deadline.map { now < $0 } ?? false }

    /// Whether there can be an attempt before the deadline: false when the receiver has asked for more time than that.
    func canDeliver(before deadline: Instant) -> Bool { failure?.notBefore.map { $0 < deadline } ?? true }

    // MARK: Sending

    /// What to do now; `send` means that the caller has begun to.
    mutating func next(_ now: Instant) -> Step {
        dropExpired(now)
        if let failure {
            guard inFlight.isEmpty else { return .wait(until: nil) }
            if failure.nextAttempt > now { return .wait(until: failure.nextAttempt) }
        }
        guard inFlight.count < parallelRequests else { return .wait(until: nil) }
        if let delivery = live.popFirst() { return send(joined(to: delivery, now), now) }
        if let nextReplay, nextReplay > now, !isHurrying(now), !replay.isEmpty { return .wait(until: nextReplay) }
        guard let delivery = replay.popFirst() else { return .wait(until: nil) }
        nextReplay = now.advanced(by: settings.replayInterval)
        return send([delivery], now)
    }

    private var parallelRequests: Int { max(1, settings.parallelRequests) }

    /// The bodies that go in one request with the first. Several only under a backlog, when the requests that are free could not
    /// carry one body each: a receiver that takes its time should get as much of it as possible.
    private mutating func joined(to first: Delivery, _ now: Instant) -> [Delivery] {
        var group = [first]
        guard first.canBeJoined, isHurrying(now) || live.count > 4 * parallelRequests else { return group }
        let free = failure == nil ? parallelRequests - inFlight.count : 1
        let share = (live.count + free) / free
        var spans = first.spanCount
        while group.count < share, let next = live.first, next.canBeJoined,
            spans + next.spanCount <= settings.joinedSpans
        {
            _ = live.popFirst()
            spans += next.spanCount
            group.append(next)
        }
        return group
    }

    private mutating func send(_ group: [Delivery], _ now: Instant) -> Step {
        let deadline = group.compactMap(\.exportDeadline).min() ?? settings.exportTimeout.map { now.advanced(by: $0) }
        lastToken += 1
        inFlight[lastToken] = group.map { delivery in
            var delivery = delivery
            delivery.attempts += 1
            delivery.exportDeadline = deadline
            return delivery
        }
        account.requests += 1
        return .send(
            token: lastToken,
            inFlight[lastToken] ?? [],
            timeout: deadline.map { max(.milliseconds(1), now.duration(to: $0)) }
        )
    }

    /// Says that a request carries only the first bodies of its group; the others go back to where they were.
    mutating func shorten(_ token: Int, to count: Int) {
        guard let group = inFlight[token], count < group.count else { return }
        inFlight[token] = Array(group[..<count])
        for delivery in group[count...].reversed() { live.prepend(delivery) }
    }

    /// Says that a group was not sent because its bodies cannot be joined: each goes by itself.
    mutating func disband(_ token: Int) {
        guard let group = inFlight.removeValue(forKey: token) else { return }
        account.requests -= 1
        putBackAlone(group)
    }

    private mutating func putBackAlone(_ group: [Delivery]) {
        for delivery in group.reversed() {
            var delivery = delivery
            delivery.isAlone = true
            live.prepend(delivery)
        }
    }

    // MARK: Answers

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
        guard let group = inFlight.removeValue(forKey: token) else { return nil }
        switch verdict {
        case .accepted(let rejected, let message):
            let spans = group.reduce(0) { $0 + $1.spanCount }
            let rejected = min(rejected, spans)
            forgetMemory(of: group)
            account.exported += UInt64(spans - rejected)
            account.drop(.rejected, rejected)
            // It had been sent before without an answer: the receiver may have it twice.
            for delivery in group where delivery.mayHaveArrived {
                account.possiblyDuplicated += UInt64(delivery.spanCount)
            }
            let recovered = failure
            failure = nil
            return .delivered(group, rejected: rejected, message: message, recovered: recovered)
        case .again(let asked, let reason):
            return postpone(group, mayHaveArrived, asked: asked, reason: reason, now: now, random: random)
        case .split, .refused:
            // An answer is an answer: the receiver is there.
            if verdict.isAnswer { failure = nil }
            guard let delivery = group.first, group.count == 1 else {
                // It may be the fault of one of them; the others must not suffer.
                putBackAlone(group)
                return .disbanded
            }
            forgetMemory(of: group)
            switch verdict {
            case .split(let reason, let status):
                splittingSpans += delivery.spanCount
                return .tooLarge(delivery, reason: reason, status: status)
            case .refused(let why, let reason):
                account.drop(why, delivery.spanCount)
                return .dropped(delivery, why, reason: reason)
            case .accepted, .again: return nil
            }
        }
    }

    private mutating func forgetMemory(of group: [Delivery]) {
        for delivery in group { memoryBytes -= delivery.memoryBytes }
    }

    private mutating func postpone(
        _ group: [Delivery],
        _ mayHaveArrived: Bool,
        asked: Duration?,
        reason: String,
        now: Instant,
        random: Double
    ) -> DeliveryEvent {
        let count = (failure?.count ?? 0) + 1
        let notBefore = asked.map { now.advanced(by: $0) }
        var nextAttempt = now.advanced(by: settings.retry.delay(failures: count, asked: asked, random: random))
        if let deadline, isHurrying(now) {
            // Half of what is left: the attempts come closer together towards the deadline, whatever the backoff has grown to.
            let half = max(RetryPolicy.shortest, now.duration(to: deadline) / 2)
            nextAttempt = max(min(nextAttempt, now.advanced(by: half)), notBefore ?? now)
        }
        let isFirst = failure == nil
        failure = Failure(
            since: failure?.since ?? now,
            count: count,
            nextAttempt: nextAttempt,
            notBefore: notBefore,
            reason: reason
        )
        for delivery in group.reversed() {
            var delivery = delivery
            delivery.mayHaveArrived = delivery.mayHaveArrived || mayHaveArrived
            // What does not fit into this series of attempts begins a new one: the body waits, it is not lost.
            if let deadline = delivery.exportDeadline, nextAttempt >= deadline { delivery.exportDeadline = nil }
            live.prepend(delivery)
        }
        return .postponed(isFirst: isFirst, reason: reason)
    }

    /// Puts the halves of a body that was too large in its place, or the same body with its values cut.
    mutating func replace(_ delivery: Delivery, with parts: [Delivery]) {
        splittingSpans -= delivery.spanCount
        for part in parts.reversed() {
            var part = part
            part.number = delivery.number
            memoryBytes += part.memoryBytes
            live.prepend(part)
        }
    }

    /// Counts a body as dropped that ``finish(_:_:mayHaveArrived:now:random:)`` had handed out as too large.
    mutating func drop(_ delivery: Delivery, _ reason: DropReason) {
        splittingSpans -= delivery.spanCount
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

    // MARK: The end

    /// Nothing is sent any more. What was in flight waits again; bodies in memory of which something had been sent without an
    /// answer are told apart from then on (``DeliveryCensus/unacknowledged``).
    /// - Parameter sent: the requests of which bytes had left.
    mutating func end(sent: Set<Int>) {
        for token in inFlight.keys.sorted(by: >) {
            for delivery in (inFlight.removeValue(forKey: token) ?? []).reversed() {
                var delivery = delivery
                delivery.mayHaveArrived = delivery.mayHaveArrived || sent.contains(token)
                live.prepend(delivery)
            }
        }
        hasEnded = true
    }
}

/// What ``DeliveryQueue`` wants its owner to see to.
enum DeliveryEvent {
    /// Accepted. - `recovered`: the failure that ended with it.
    case delivered([Delivery], rejected: Int, message: String, recovered: DeliveryQueue.Failure?)
    case postponed(isFirst: Bool, reason: String)
    case dropped(Delivery, DropReason, reason: String)
    /// To be split or cut, and put back with ``DeliveryQueue/replace(_:with:)``.
    case tooLarge(Delivery, reason: String, status: Int)
    /// A request with several bodies was refused: each is sent by itself.
    case disbanded
}
