import SpanKitHTTP
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// Exports metrics at regular intervals, on its own thread (OpenTelemetry "Periodic exporting MetricReader").
///
/// The rules of delivery are in ``MetricQueue``. If a strict receiver refuses a whole request because of one metric, the request is
/// divided until only that metric is dropped; from then on, that metric is sent apart from the others.
package final class MetricReader: Sendable {
    private struct State {
        var queue: MetricQueue
        /// The deadline of the shutdown; nil until then.
        var end: ContinuousClock.Instant?
        /// How many readings were asked for in addition to the regular ones, and how many were made.
        var asked = 0
        var answered = 0
        var hasEnded = false
    }

    private let configuration: MetricReaderConfiguration
    private let interval: Duration
    private let collect: @Sendable (_ takesEnds: Bool) -> [Metric]
    private let start = UnixTime.nanoseconds()
    private let state: Monitor<State>
    private let log: ProfilerLog
    private let sender: MetricSender?
    private let bodies: MetricBodies
    private let name: String
    /// The spool with the number of this reader; nil without one.
    private let spool: MetricSpool?
    private let number: Int

    /// - Parameters:
    ///   - resource: the resource. Like the scope and the metrics, it is already redacted.
    ///   - spool: the spool; nil without one.
    ///   - number: the number of the reader in the spool.
    ///   - pool: where to look for connections to the same receiver; nil for connections of its own.
    ///   - collect: the metrics, cumulative since the start; called on the reader's thread. If `takesEnds` is false, later
    ///     calls must return the last values of ended series again.
    package init(
        _ configuration: MetricReaderConfiguration,
        resource: Resource,
        scope: InstrumentationScope,
        log: ProfilerLog,
        spool: MetricSpool? = nil,
        number: Int = 0,
        pool: ConnectionPool? = nil,
        collect: @escaping @Sendable (_ takesEnds: Bool) -> [Metric]
    ) {
        self.configuration = configuration
        interval = max(.milliseconds(10), configuration.interval)
        self.collect = collect
        self.log = log
        let name = "metrics → \(configuration.exporter.destinationName)"
        self.name = name
        sender = MetricSender(configuration.exporter, pool) { log(.info, "\(name): \($0)") }
        var settings = MetricQueue.Settings()
        var limits = [configuration.timeout]
        let target = MetricSpool.Target(configuration)
        self.spool = target.isSpooled ? spool : nil
        self.number = number
        switch configuration.exporter {
        case .otlp(let exporter):
            limits.append(exporter.timeout)
            settings.waitingBytes = exporter.waitingBytes
        case .custom(let exporter):
            limits.append(exporter.timeout)
            settings.waitingBytes = exporter.waitingBytes
        case .linesFile, .console: break
        }
        settings.timeout = limits.filter { $0 > .zero }.min()
        state = Monitor(State(queue: MetricQueue(settings)))
        bodies = MetricBodies(format: target.format, resource: resource, scope: scope, limit: target.limit)
        if sender == nil || Thread("spankit-metrics", { self.run() }) == nil {
            log(.error, "\(name): not exported, because a thread or a connection could not be created; check ulimit -a")
            state.change { $0.hasEnded = true }
        }
    }

    /// Begins to collect and send the metrics of each reader one last time, in parallel; then their threads end.
    package static func beginShutdown(_ readers: [MetricReader], until deadline: ContinuousClock.Instant) {
        // Each reader gets at least two seconds. No caller waits longer than until its deadline.
        let end = max(deadline, .now.advanced(by: .seconds(2)))
        for reader in readers {
            reader.state.change { $0.end = $0.end ?? end }
            reader.sender?.wake()
        }
    }

    /// Waits until the threads have ended after ``beginShutdown(_:until:)``, at most until the deadline.
    package static func awaitShutdown(_ readers: [MetricReader], until deadline: ContinuousClock.Instant) {
        for reader in readers { _ = reader.state.wait(until: deadline) { $0.hasEnded ? true : nil } }
    }

    /// Collects and sends the metrics with each reader now, in parallel, and waits until they are sent, at most until the deadline.
    package static func flush(_ readers: [MetricReader], until deadline: ContinuousClock.Instant) {
        let numbers = readers.map { reader in
            reader.state.change { state in
                state.queue.retry(.now)
                state.asked += 1
                return state.asked
            }
        }
        for (reader, number) in zip(readers, numbers) {
            _ = reader.state.wait(until: deadline) { state in
                state.answered >= number && state.queue.isEmpty || state.hasEnded ? true : nil
            }
        }
    }

    /// The numbers of collected data points, by what happened to them.
    package var account: ShippingAccount.Destination {
        state.read { state in
            var account = ShippingAccount.Destination(
                name: name,
                componentType: configuration.exporter.metricComponentType,
                state.queue.account,
                state.queue.census
            )
            account.failure = state.queue.failure?.description(.now)
            return account
        }
    }

    // MARK: On the thread

    private func run() {
        var round = Round(
            preparation: MetricPreparation(configuration, start: start),
            log: DestinationLog(name: name, log: log, noun: "data point"),
            nextReading: .now.advanced(by: interval)
        )
        while true {
            let now = ContinuousClock.now
            useSpool(now)
            let (end, asked) = state.read { ($0.end, $0.asked) }
            if let end, !round.isLast {
                round.isLast = true
                state.change { $0.queue.hurry(until: end, now) }
                read(&round)
                continue
            } else if let end, now >= end {
                break
            } else if end == nil, now >= round.nextReading || asked > round.answered {
                read(&round)
                round.answered = asked
                state.change { $0.answered = asked }
                if now >= round.nextReading { round.nextReading = max(.now, round.nextReading.advanced(by: interval)) }
                continue
            }
            switch state.change({ $0.queue.next(now) }) {
            case .send(let body, let timeout): send(body, timeout, &round)
            case .wait(let until):
                if let end, until.map({ $0 >= end }) ?? true { return finish(&round) }
                let beat = spool == nil ? nil : now.advanced(by: .seconds(1))
                let wake = [until, end, end == nil ? round.nextReading : nil, beat].compactMap { $0 }.min()
                _ = state.wait(until: wake) { $0.end != end || $0.asked > asked ? true : nil }
            }
        }
        finish(&round)
    }

    /// What the thread keeps between its steps.
    private struct Round {
        var preparation: MetricPreparation
        let log: DestinationLog
        var nextReading: ContinuousClock.Instant
        var answered = 0
        var isLast = false
        /// The names of metrics that the receiver has refused.
        var suspects: Set<String> = []
        /// The names of those that were refused in a request of their own.
        var refused: Set<String> = []
        /// Whether the receiver has accepted a request of this reading, and of the one before.
        var accepts = false
        var accepted = false
        var named = MetricRemarks()
        var readings = 0
    }

    private func finish(_ round: inout Round) {
        round.log.ended()
        let waiting = state.read { $0.queue.census.total }
        if waiting > 0 {
            let reason = state.read { $0.queue.failure?.reason } ?? "the time limit was reached"
            log(
                .warning,
                "\(name): \(round.log.count(Int(clamping: waiting))) not sent before the shutdown ended (\(reason))"
                    + (spool == nil ? "" : "; those of instruments wait in the spool for the next start")
            )
        }
        spool?.finish(number, isDelivered: waiting == 0)
        sender?.close()
        state.change { $0.hasEnded = true }
    }

    /// Takes over what processes that have ended left in the spool.
    private func useSpool(_ now: ContinuousClock.Instant) {
        guard let spool else { return }
        spool.beat()
        // What cannot be sent any more stays in the spool.
        guard state.read({ $0.end == nil }) else { return }
        spool.adopt(now) { reason, points in
            guard points > 0 else { return }
            state.change { $0.queue.drop(reason, points) }
        }
        while state.read({ $0.queue.hasRoomForDeltas }), let file = spool.nextLeft(of: number) {
            switch file.load() {
            case .body(let body): state.change { $0.queue.append(recovered: MetricBody(body, file)) }
            case .damaged(let path):
                log(.warning, "\(path): is damaged; its \(file.spanCount) data points are lost")
                state.change { $0.queue.drop(.file, file.spanCount) }
                spool.remove(file)
            case .unreadable: return spool.putBack(file, of: number)
            }
        }
    }

    /// Collects the metrics and hands them to the queue.
    private func read(_ round: inout Round) {
        round.readings += 1
        (round.accepted, round.accepts) = (round.accepts, false)
        let (hasRoom, hasSentNewest) = state.read { ($0.queue.hasRoomForDeltas, $0.queue.hasSentNewest) }
        let includesDeltas = round.isLast || hasRoom
        // Later readings do not contain the ends of series that were taken, so they are taken only if their bodies can wait.
        let isCumulative = configuration.temporality == .cumulative
        let takesEnds = round.isLast || (isCumulative ? hasSentNewest : hasRoom)
        let collected = collect(takesEnds)
        // As deltas, they are in bodies that are never replaced.
        let hasEnds = isCumulative && takesEnds && collected.contains { $0.points.contains { $0.time != nil } }
        let now = UnixTime.nanoseconds()
        spool?.noteCollection(now, of: number)
        let metrics = round.preparation.prepare(
            collected,
            now: now,
            includingDeltas: includesDeltas
        )
        for (isWarning, text) in round.preparation.remarks { log(isWarning ? .warning : .info, "\(name): \(text)") }
        let leftOut = round.preparation.leftOut
        var parts: [MetricBody] = []
        let clean = metrics.filter { !round.suspects.contains($0.name) }
        let suspect = metrics.filter { round.suspects.contains($0.name) }
        for isDelta in [false, true] {
            func own(_ metrics: [Metric]) -> [Metric] { metrics.filter { $0.isDelta == isDelta } }
            parts += bodies.bodies(of: own(clean), isDelta: isDelta)
            // Few suspects are sent one by one. Many are sent together, and now and then one by one.
            if suspect.count <= 8 || round.readings.isMultiple(of: 10) {
                for metric in own(suspect) { parts += bodies.bodies(of: [metric], isDelta: isDelta, isSuspect: true) }
            } else {
                parts += bodies.bodies(of: own(suspect), isDelta: isDelta, isSuspect: true)
            }
        }
        if hasEnds { for place in parts.indices where !parts[place].isDelta { parts[place].hasEnds = true } }
        parts = stored(parts, round)
        state.change { state in
            state.queue.append(parts)
            state.queue.drop(.invalid, leftOut)
        }
    }

    /// Stores the bodies with deltas in the spool.
    private func stored(_ bodies: [MetricBody], _ round: Round, inPlaceOf replaced: SpoolFile? = nil) -> [MetricBody] {
        guard let spool, bodies.contains(where: \.isDelta) else { return bodies }
        let deltas = bodies.filter(\.isDelta)
        return bodies.filter { !$0.isDelta }
            + spool.store(deltas, round.preparation.deltas, of: number, inPlaceOf: replaced)
    }

    private func send(_ body: MetricBody, _ timeout: Duration?, _ round: inout Round) {
        guard let sender else { return }
        let verdict = sender.send(body.body, timeout: timeout) { self.state.read { $0.end } }
        let (now, random) = (ContinuousClock.now, Double.random(in: 0..<1))
        guard let event = state.change({ $0.queue.finish(verdict, now: now, random: random) }) else { return }
        switch event {
        case .delivered(let body, let rejected, let message, let recovered):
            round.accepts = true
            if let file = body.file { spool?.remove(file) }
            if body.isSuspect, rejected == 0 {
                round.suspects.subtract(body.metrics.map(\.name))
                round.refused.subtract(body.metrics.map(\.name))
            }
            round.log.delivered(rejected: rejected, message: message, recovered: recovered, now: now)
        case .postponed(let isFirst, let reason):
            let (failure, waiting) = state.read { ($0.queue.failure, $0.queue.census.total) }
            round.log.postponed(isFirst: isFirst, reason: failure?.description(now) ?? reason, waiting: waiting)
        case .refused(let body, let why, let reason):
            guard MetricSender.divides(after: why), body.metrics.count > 1,
                // A receiver that refuses everything gets few requests.
                !body.isSuspect || round.accepted && !body.metrics.allSatisfy({ round.refused.contains($0.name) })
            else { return drop(body, why, reason: reason, &round) }
            divide(body, why, reason: reason, &round)
        case .tooLarge(let body, let reason):
            // The metrics of a body that another process has left are not known.
            guard body.points > 1, !body.metrics.isEmpty else { return drop(body, .tooLarge, reason: reason, &round) }
            divide(body, .tooLarge, reason: reason, &round)
        }
    }

    /// Puts the halves of a refused body in its place, or drops it if too many were divided already.
    private func divide(_ body: MetricBody, _ why: DropReason, reason: String, _ round: inout Round) {
        guard state.read({ $0.queue.mayDivide }) else { return drop(body, why, reason: reason, &round) }
        var parts = MetricBodies.halves(of: body.metrics).flatMap {
            bodies.bodies(of: $0, isDelta: body.isDelta, isSuspect: body.isSuspect)
        }
        for place in parts.indices { parts[place].hasEnds = body.hasEnds }
        let stored = body.file == nil ? parts : self.stored(parts, round, inPlaceOf: body.file)
        if let file = body.file, stored.first?.file == nil { spool?.remove(file) }
        state.change { $0.queue.divide(into: stored) }
    }

    private func drop(_ body: MetricBody, _ why: DropReason, reason: String, _ round: inout Round) {
        state.change { $0.queue.dropRefused(why) }
        if let file = body.file { spool?.remove(file) }
        guard MetricSender.divides(after: why) else {
            return round.log.dropped(body.points, why, reason: reason, now: .now)
        }
        for metric in body.metrics {
            round.suspects.insert(metric.name)
            if body.metrics.count == 1 { round.refused.insert(metric.name) }
            if body.metrics.count == 1, round.named.isNew(metric.name) {
                log(
                    .warning,
                    "\(name): the receiver refuses the metric '\(metric.name)' (\(reason)); from now on it is sent in its own request, "
                        + "and dropped as long as it is refused"
                )
            }
        }
        round.log.dropped(body.points, why, reason: reason, now: .now)
    }
}

extension Metric {
    /// Whether the points are deltas.
    fileprivate var isDelta: Bool { temporality == .delta && kind.countsOverPeriod && kind != .summary }
}
