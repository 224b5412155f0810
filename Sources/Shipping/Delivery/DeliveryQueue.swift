import SpanKitPlatform

/// Decides what is sent next, and what happens to a body after each attempt. It has no thread, socket or clock, so
/// tests and the simulation of a fleet (`Benchmarks/Fleet`) run every rule in virtual time.
///
/// - The oldest body goes first; bodies that the spool kept from earlier processes go last.
/// - Several requests are in flight while the receiver answers well. After the first failure there is one at a time, the probe, after a
///   backoff. The first success ends that.
/// - Under a backlog, bodies that are certain not to have arrived are sent together in one request. A body whose request got no answer
///   is always sent again by itself, as the same bytes.
/// - A body stays in the queue until it is accepted, refused or too old. Every span is in exactly one term of ``census`` or of
///   ``account``, and each term is counted where the span is.
package struct DeliveryQueue {
    package typealias Instant = ContinuousClock.Instant

    package struct Settings: Sendable {
        var parallelRequests = 4
        /// The limit of one series of attempts; nil for no limit.
        var exportTimeout: Duration? = .seconds(10)
        package var keepsFor = Duration.seconds(300)
        package var waitingBytes = 16 * 1_024 * 1_024
        /// The maximum number of spans in a request that carries several bodies.
        var joinedSpans = 16_384
        package var retry = RetryPolicy()
        /// The pause between bodies of an earlier process.
        var replayInterval = Duration.milliseconds(100)
    }

    /// The next action.
    package enum Step {
        /// Send these bodies in one request.
        case send(token: Int, [Delivery], timeout: Duration?)
        /// Wait until this time, or until something changes.
        case wait(until: Instant?)
    }

    private let settings: Settings
    private var live = Queue<Delivery>()
    private var replay = Queue<Delivery>()
    private var inFlight: [Int: [Delivery]] = [:]
    /// The spans in bodies that the owner is splitting.
    private var splittingSpans = 0
    private var lastToken = 0
    private var lastNumber: UInt64 = 0
    private var nextReplay: Instant?
    /// The deadline of a flush or the shutdown.
    private var deadline: Instant?
    private var hasEnded = false
    package private(set) var failure: Failure?
    package private(set) var account = DeliveryAccount()
    /// The memory that bodies take, including those in flight, in bytes.
    package private(set) var memoryBytes = 0

    package init(_ settings: Settings) { self.settings = settings }

    /// Whether another body may be handed over.
    var hasRoom: Bool { memoryBytes < settings.waitingBytes }

    /// The number of bodies that wait, without those of earlier processes.
    var waitingBodyCount: Int { live.count }

    /// Whether nothing waits and nothing is in flight.
    var isEmpty: Bool { live.isEmpty && replay.isEmpty && inFlight.isEmpty && splittingSpans == 0 }

    /// Where the spans are that are neither exported nor dropped.
    package var census: DeliveryCensus {
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

    /// Whether everything that was handed over before a call of ``mark()`` is accepted or dropped.
    func isSettled(upTo mark: UInt64) -> Bool {
        var isSettled = splittingSpans == 0
        let look: (Delivery) -> Void = { if $0.number <= mark { isSettled = false } }
        live.forEach(look)
        replay.forEach(look)
        for group in inFlight.values { group.forEach(look) }
        return isSettled
    }

    /// The number of the last body that was handed over, for ``isSettled(upTo:)``.
    func mark() -> UInt64 { lastNumber }

    /// Adds a body. A body in a file is also kept in memory while there is room.
    package mutating func append(_ delivery: Delivery) {
        var delivery = delivery
        if case .file(let file, _?) = delivery.content, memoryBytes + delivery.memoryBytes > settings.waitingBytes {
            delivery = Delivery(file, queued: delivery.queued)
        }
        lastNumber += 1
        delivery.number = lastNumber
        memoryBytes += delivery.memoryBytes
        live.append(delivery)
    }

    /// Adds a body of an earlier process, which is sent after all others.
    mutating func appendForReplay(_ delivery: Delivery) {
        var delivery = delivery
        lastNumber += 1
        delivery.number = lastNumber
        memoryBytes += delivery.memoryBytes
        replay.append(delivery)
    }

    // MARK: Deadlines

    /// Delivers as much as possible until the deadline: the next attempt is now, or when the receiver's `Retry-After`
    /// allows it, and backoff leaves time for more attempts.
    mutating func hurry(until deadline: Instant, _ now: Instant) {
        self.deadline = max(deadline, self.deadline ?? deadline)
        if let current = failure { failure?.nextAttempt = max(now, current.notBefore ?? now) }
        nextReplay = nil
    }

    /// Whether a flush or the shutdown waits.
    func isHurrying(_ now: Instant) -> Bool { deadline.map { now < $0 } ?? false }

    /// Whether an attempt is possible before the deadline: false if the receiver has asked for more time.
    func canDeliver(before deadline: Instant) -> Bool { failure?.notBefore.map { $0 < deadline } ?? true }

    // MARK: Sending

    /// The next action. After `send`, the request counts as in flight.
    package mutating func next(_ now: Instant) -> Step {
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

    var parallelRequests: Int { max(1, settings.parallelRequests) }

    /// The bodies to send in one request. There are several only under a backlog, when more bodies wait than requests
    /// are free: a slow receiver then gets larger requests.
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
        let deadline = settings.exportTimeout.map { limit in
            // A series with less than half of its time left is over: a receiver that is only slow would get the same spans twice.
            let open = group.compactMap(\.exportDeadline).filter { now.duration(to: $0) >= limit / 2 }
            return open.min() ?? now.advanced(by: limit)
        }
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

    /// Records that a request carries only the first bodies of its group. The others go back to the queue.
    mutating func shorten(_ token: Int, to count: Int) {
        guard let group = inFlight[token], count < group.count else { return }
        inFlight[token] = Array(group[..<count])
        for delivery in group[count...].reversed() { live.prepend(delivery) }
    }

    /// Records that a group was not sent because its bodies cannot be joined. Each is sent alone.
    mutating func disband(_ token: Int) {
        guard let group = inFlight.removeValue(forKey: token) else { return }
        account.requests -= 1
        putBackAlone(group)
    }

    /// Puts back the bodies of a request that has to be sent again at once, in another protocol.
    mutating func putBack(_ token: Int) {
        for delivery in (inFlight.removeValue(forKey: token) ?? []).reversed() { live.prepend(delivery) }
    }

    private mutating func putBackAlone(_ group: [Delivery]) {
        for delivery in group.reversed() {
            var delivery = delivery
            delivery.isAlone = true
            live.prepend(delivery)
        }
    }

    // MARK: Answers

    /// Records the result of a request.
    /// - Parameters:
    ///   - mayHaveArrived: whether bytes were sent, but no answer arrived.
    ///   - isUnreachable: whether nothing could be sent.
    ///   - random: a uniform random number from 0 up to 1, for the jitter.
    /// - Returns: what the owner must do.
    package mutating func finish(
        _ token: Int,
        _ verdict: Verdict,
        mayHaveArrived: Bool,
        isUnreachable: Bool = false,
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
            // An earlier attempt without an answer may have arrived as well.
            for delivery in group where delivery.mayHaveArrived {
                account.possiblyDuplicated += UInt64(delivery.spanCount)
            }
            let recovered = failure?.isShared == true ? nil : failure
            failure = nil
            return .delivered(group, rejected: rejected, message: message, recovered: recovered)
        case .again(let asked, let reason):
            return postpone(
                group,
                mayHaveArrived,
                isUnreachable,
                asked: asked,
                reason: reason,
                now: now,
                random: random
            )
        case .split, .refused:
            // The receiver is available, because it answered.
            if verdict.isAnswer { failure = nil }
            guard let delivery = group.first, group.count == 1 else {
                // One of the bodies may have caused it. The others must not be dropped.
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
        _ isUnreachable: Bool,
        asked: Duration?,
        reason: String,
        now: Instant,
        random: Double
    ) -> DeliveryEvent {
        let count = (failure?.count ?? 0) + 1
        let notBefore = asked.map { now.advanced(by: $0) }
        var nextAttempt = now.advanced(by: settings.retry.delay(failures: count, asked: asked, random: random))
        if let deadline, isHurrying(now) {
            // The wait is at most half of the time left, so that attempts become more frequent towards the deadline.
            let half = max(RetryPolicy.shortest, now.duration(to: deadline) / 2)
            nextAttempt = max(min(nextAttempt, now.advanced(by: half)), notBefore ?? now)
        }
        let isFirst = failure.map(\.isShared) ?? true
        failure = Failure(
            since: failure?.since ?? now,
            count: count,
            nextAttempt: nextAttempt,
            notBefore: notBefore,
            reason: reason,
            isUnreachable: isUnreachable
        )
        for delivery in group.reversed() {
            var delivery = delivery
            delivery.mayHaveArrived = delivery.mayHaveArrived || mayHaveArrived
            live.prepend(delivery)
        }
        return .postponed(isFirst: isFirst, reason: reason)
    }

    // MARK: Other destinations of the receiver

    /// Waits for the next attempt of another destination that could not reach the same receiver.
    mutating func share(_ other: Failure) {
        var shared = failure ?? other
        if failure == nil { (shared.isShared, shared.notBefore) = (true, nil) }
        shared.count = max(shared.count, other.count)
        shared.nextAttempt = max(other.nextAttempt, shared.notBefore ?? other.nextAttempt)
        failure = shared
    }

    /// Ends the wait for a receiver that could not be reached, because another destination has reached it. A failure of this queue's
    /// own is over when one of its requests succeeds.
    mutating func receiverIsBack(_ now: Instant) {
        guard let current = failure, current.isUnreachable else { return }
        if current.isShared { failure = nil } else { failure?.nextAttempt = max(now, current.notBefore ?? now) }
    }

    /// Replaces a body that was too large by its parts.
    mutating func replace(_ delivery: Delivery, with parts: [Delivery]) {
        splittingSpans -= delivery.spanCount
        for part in parts.reversed() {
            var part = part
            part.number = delivery.number
            memoryBytes += part.memoryBytes
            live.prepend(part)
        }
    }

    /// Drops a body that was too large and cannot be split.
    mutating func drop(_ delivery: Delivery, _ reason: DropReason) {
        splittingSpans -= delivery.spanCount
        account.drop(reason, delivery.spanCount)
    }

    /// Counts spans as dropped that were never added.
    mutating func count(_ reason: DropReason, _ spans: Int) {
        account.drop(reason, spans)
    }

    /// Removes the oldest body that waits in the spool, and counts its spans as dropped.
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

    /// Ends sending. Bodies in flight wait again. From now on, bodies in memory that may have arrived count as
    /// ``DeliveryCensus/unacknowledged``.
    /// - Parameter sent: the requests of which bytes were sent.
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
