import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// Reads ended spans and log records from their logs, encodes them into bodies and hands the bodies to the destinations.
///
/// A span passes: log → (``TailSampler``) → ``SpanEncoder`` → ``GzipCompressor`` → (``Spool``) → ``Destination``. A log
/// record passes the same steps, except tail sampling. Each signal has a ``Lane`` of its own. One thread does all this,
/// except the work of the destinations, which have their own threads. It sleeps until a chunk of a log is full, a
/// schedule delay is over, or a flush or the shutdown is requested. Threads that record never wait for it.
package final class Shipper: @unchecked Sendable {
    struct State {
        var calls = ShipperCalls()
        var hasAdopted = false
        /// The latest deadline of a flush or the shutdown.
        var deadline: ContinuousClock.Instant?
    }

    let recorder: Recorder
    private let resource: Resource
    let scope: InstrumentationScope
    let redaction: Redaction?
    let lanes: [Lane]
    let spool: Spool?
    let log: ProfilerLog
    let state = Monitor(State())
    /// When the next note is due. Used on the shipper's thread only.
    var nextNote = ContinuousClock.now
    /// Bodies of earlier processes whose signal this process does not export. Used on the shipper's thread only.
    var unclaimed: [SpoolFile] = []

    /// - Parameter lanes: makes the settings of each signal with its destinations, which call `roomChanged` whenever a body has left
    ///   their queue.
    init(
        recorder: Recorder,
        resource: Resource,
        scope: InstrumentationScope,
        tailSampling: TailSampling? = nil,
        redaction: Redaction? = nil,
        spool: Spool?,
        log: ProfilerLog,
        lanes: (_ roomChanged: @escaping @Sendable () -> Void) -> [LaneSettings]
    ) {
        self.recorder = recorder
        self.resource = resource
        self.scope = scope
        self.redaction = redaction
        self.spool = spool
        self.log = log
        let state = state
        self.lanes = lanes { state.change { $0.calls.signal() } }.map { settings in
            Lane(settings) { formats in
                switch settings.signal {
                case .traces, .metrics:
                    SpanFeed(
                        recorder,
                        tailSampling,
                        formats.map { Self.encoder($0, resource, scope, redaction) }
                    )
                case .logs:
                    LogRecordFeed(recorder, formats.map { Self.logEncoder($0, resource, scope, redaction) })
                }
            }
        }
        recorder.noteExported(spans: lane(.traces) != nil, logRecords: lane(.logs) != nil)
    }

    /// Starts the thread. Returns false if the system cannot create one.
    func start() -> Bool {
        let state = state
        for lane in lanes {
            lane.feed.onChunkOpened {
                // Takes a lock, but only once for hundreds of records.
                state.change { $0.calls.signal() }
            }
        }
        return Thread("spankit-ship") { self.run() } != nil
    }

    /// The lane of a signal; nil if it is not exported.
    func lane(_ signal: OTLPSignal) -> Lane? { lanes.first { $0.signal == signal } }

    var destinations: [any Destination] { lanes.flatMap(\.destinations) }

    /// An encoder of spans in a format.
    /// - Parameter redaction: the rules for removing sensitive data; nil redacts nothing.
    package static func encoder(
        _ format: BodyFormat,
        _ resource: Resource,
        _ scope: InstrumentationScope,
        _ redaction: Redaction?
    ) -> any SpanEncoder {
        let (resource, scope) = redacted(resource, scope, redaction)
        let encoder: any SpanEncoder =
            switch format.content {
            case .otlp(let encoding):
                TraceEncoder(encoding, resource: resource, scope: scope, givesHints: format.usesHints)
            case .console: ConsoleEncoder()
            case .spans: SpanListEncoder()
            }
        return redaction.map { RedactingEncoder(encoder, $0) } ?? encoder
    }

    /// An encoder of log records in a format.
    /// - Parameter redaction: nil redacts nothing.
    package static func logEncoder(
        _ format: BodyFormat,
        _ resource: Resource,
        _ scope: InstrumentationScope,
        _ redaction: Redaction?
    ) -> any LogRecordEncoder {
        let (resource, scope) = redacted(resource, scope, redaction)
        let encoder: any LogRecordEncoder =
            switch format.content {
            case .otlp(let encoding):
                LogEncoder(encoding, resource: resource, scope: scope, givesHints: format.usesHints)
            // An exporter that takes spans gets no log records.
            case .console, .spans: ConsoleLogEncoder()
            }
        return redaction.map { RedactingLogEncoder(encoder, $0) } ?? encoder
    }

    private static func redacted(
        _ resource: Resource,
        _ scope: InstrumentationScope,
        _ redaction: Redaction?
    ) -> (Resource, InstrumentationScope) {
        let redactor = redaction.map { Redactor($0) }
        return (redactor?.resource(resource) ?? resource, redactor?.scope(scope) ?? scope)
    }

    // MARK: From other threads

    /// Whether any receiver is unavailable.
    package var isFailing: Bool { destinations.contains(where: \.isFailing) }

    /// Whether the spans of earlier processes have been taken over.
    package var hasAdopted: Bool { state.read { $0.hasAdopted } }

    /// Whether all threads have ended, after ``shutdown(until:)``.
    package var hasEnded: Bool { state.read { $0.calls.hasEnded } && destinations.allSatisfy(\.hasEnded) }

    /// Sends all spans that have ended and all log records. Retries until the deadline, but never before a receiver's `Retry-After`.
    /// Returns early when everything is accepted or dropped, or when every receiver has asked for more time than is
    /// left.
    /// - Returns: the account of the spans.
    @discardableResult
    package func flush(until deadline: ContinuousClock.Instant) -> ShippingAccount {
        let wanted = hurry(until: deadline) { $0.wantFlush() }
        _ = state.wait(until: deadline) { state in
            // The wait ends only after the thread has handed over all batches for which there is room. Otherwise the
            // account would miss a batch.
            state.calls.isFlushed(wanted) || state.calls.isBlocked && !self.canUnblock(before: deadline) ? true : nil
        }
        for destination in destinations { destination.settle(until: deadline) }
        state.change { $0.calls.giveUp(wanted) }
        return finalAccount(deadline)
    }

    /// Sends the remaining spans and log records, as ``flush(until:)`` does, and ends all threads. Returns at the deadline at the
    /// latest, plus 0.1 s for threads to end.
    /// - Returns: the account of the spans.
    @discardableResult
    package func shutdown(until deadline: ContinuousClock.Instant) -> ShippingAccount {
        hurry(until: deadline) { $0.stop() }
        // Leaves a part of the time for sending the last bodies.
        let left = ContinuousClock.now.duration(to: deadline)
        _ = state.wait(until: ContinuousClock.now.advanced(by: left * 0.9)) { $0.calls.hasEnded ? true : nil }
        let closers = destinations.map { destination in
            Thread("spankit-close", isJoined: true) { destination.close(until: deadline) }
        }
        for closer in closers { closer?.join() }
        spool?.close(isDrained: lanes.allSatisfy { $0.feed.isEmpty })
        return finalAccount(deadline)
    }

    private func hurry<Result>(
        until deadline: ContinuousClock.Instant,
        _ call: (inout ShipperCalls) -> Result
    ) -> Result {
        // The destinations are told first. Otherwise the thread would find no room for the last bodies.
        for destination in destinations { destination.hurry(until: deadline) }
        return state.change { state in
            state.deadline = max(deadline, state.deadline ?? deadline)
            return call(&state.calls)
        }
    }

    /// Whether any receiver can be tried before the deadline: false if all have asked for more time.
    package func canDeliver(before deadline: ContinuousClock.Instant) -> Bool {
        destinations.contains { $0.canDeliver(before: deadline) }
    }

    /// Whether a signal that waits for room may get it before the deadline.
    private func canUnblock(before deadline: ContinuousClock.Instant) -> Bool {
        lanes.contains { lane in lane.counts.withLock { $0.isBlocked } && lane.canDeliver(before: deadline) }
    }

    private func finalAccount(_ deadline: ContinuousClock.Instant) -> ShippingAccount {
        var account = account()
        account.timedOut = deadline <= .now
        return account
    }

    /// Whether the spool has folders that could not be read. The reason was logged.
    package var hasRefusedFolders: Bool { spool?.hasRefusedFolders ?? false }

    /// The account of a signal: where each of its spans or log records is now. The terms add up while no record is
    /// being made and no batch is being passed to a destination. The account of a signal that is not exported is empty.
    package func account(of signal: OTLPSignal = .traces) -> ShippingAccount {
        var account = lane(signal)?.account() ?? ShippingAccount()
        account.spooledBytes = spool.map { UInt64(max(0, $0.bytes)) }
        return account
    }

    // MARK: On the thread

    private func run() {
        muteLogRecordsOfThread()
        adoptOrphans()
        state.change { $0.hasAdopted = true }
        for lane in lanes { lane.nextTick = .now.advanced(by: lane.batch.scheduleDelay) }
        var nextAdoption = ContinuousClock.now.advanced(by: .seconds(60))
        var hasMore = false
        while true {
            tellOthers()
            var wakes = lanes.map(\.nextTick)
            if spool != nil { wakes.append(.now.advanced(by: .seconds(1))) }
            if hasMore { wakes.append(.now) }
            let call = waitForCall(until: wakes.min() ?? .now.advanced(by: .seconds(60)))
            let now = ContinuousClock.now
            if call.isStopping {
                drain(isFinal: true)
                break
            }
            for lane in lanes { decideTraces(lane, decidesAll: call.flush > 0) }
            let (isDrained, hasShipped) = drain(takesAll: { lane in
                let isTick = now >= lane.nextTick
                if isTick { lane.nextTick = now.advanced(by: lane.batch.scheduleDelay) }
                return isTick || call.flush > 0
            })
            hasMore = hasShipped && lanes.contains(where: hasFullBody)
            state.change { $0.calls.answer(call, isOver: isDrained) }
            if spool != nil, now >= nextAdoption {
                nextAdoption = now.advanced(by: .seconds(60))
                adoptOrphans()
                expireFiles()
            }
        }
        state.change { $0.calls.end() }
    }

    /// Waits for work.
    private func waitForCall(until deadline: ContinuousClock.Instant) -> ShipperCalls.Call {
        _ = state.wait(until: deadline) { $0.calls.isCalled ? true : nil }
        return state.change { $0.calls.take() }
    }

    /// - Parameter decidesAll: whether to decide on traces with an open local root as well.
    private func decideTraces(_ lane: Lane, decidesAll: Bool) {
        guard lane.feed.report != nil else { return }
        lane.feed.decide(decidesAll: decidesAll)
        lane.counts.withLock { $0.tailSampling = lane.feed.report }
    }

    // MARK: Draining the logs

    /// One lane while the logs are drained.
    private struct Drain {
        let lane: Lane
        let takesAll: Bool
        let isFinal: Bool
        /// The number of records to ship: those that wait at the beginning. A body with few records does not mean that all are shipped,
        /// because it may have reached the byte limit. Records that are made meanwhile are left to the next drain, so that a signal
        /// whose records never end delays no other, no flush and no shutdown.
        var wanted: Int
    }

    /// What one step of a drain has done.
    private enum Step {
        case shipped
        /// No destination has room.
        case blocked
        /// Nothing is left to do. The value tells whether the log is empty.
        case over(isEmpty: Bool)
    }

    /// Encodes and hands over the records that wait while there is a full body, or any record if `takesAll`, and while a destination has
    /// room. The lanes take turns, so that a signal with many records does not delay the other.
    /// - Returns: whether nothing is left of the records that waited, and whether any were shipped.
    @discardableResult
    private func drain(
        takesAll: (Lane) -> Bool = { _ in false },
        isFinal: Bool = false
    ) -> (isDrained: Bool, hasShipped: Bool) {
        var (isDrained, hasShippedAny) = (true, false)
        var drains = lanes.map { lane in
            let takesAll = takesAll(lane)
            let wanted = takesAll ? lane.feed.exactCount : lane.feed.waitingCount
            return Drain(lane: lane, takesAll: takesAll, isFinal: isFinal, wanted: wanted)
        }
        for drain in drains { drain.lane.counts.withLock { $0.isBlocked = false } }
        while !drains.isEmpty {
            var hasShipped = false
            var open: [Drain] = []
            for var drain in drains {
                switch step(&drain) {
                case .shipped:
                    hasShipped = true
                    open.append(drain)
                case .blocked:
                    open.append(drain)
                case .over(let isEmpty):
                    isDrained = isDrained && isEmpty
                    if !isEmpty, drain.takesAll { drain.lane.counts.withLock { $0.isBlocked = true } }
                }
            }
            drains = open
            hasShippedAny = hasShippedAny || hasShipped
            // Only the shutdown waits here, when all remaining lanes are blocked.
            if !hasShipped, !drains.isEmpty, !waitForRoom(drains.map(\.lane)) { return (false, hasShippedAny) }
        }
        return (isDrained, hasShippedAny)
    }

    /// Whether a body can be shipped before the schedule delay is over.
    private func hasFullBody(_ lane: Lane) -> Bool {
        lane.feed.waitingCount >= lane.fullBody(hasSpool: spool != nil) && lane.destinations.contains(where: \.hasRoom)
    }

    private func step(_ drain: inout Drain) -> Step {
        let lane = drain.lane
        // Spans may still end during the shutdown.
        if drain.isFinal { decideTraces(lane, decidesAll: true) }
        let waiting = lane.feed.waitingCount
        guard waiting > 0 else { return .over(isEmpty: true) }
        guard drain.takesAll || drain.isFinal || waiting >= lane.fullBody(hasSpool: spool != nil) else {
            return .over(isEmpty: false)
        }
        let hasRoom = lane.destinations.contains(where: \.hasRoom)
        guard hasRoom || (drain.isFinal && spool != nil) else {
            return drain.isFinal ? .blocked : .over(isEmpty: false)
        }
        let count = ship(lane, limit: lane.batch.spanLimit(waiting: waiting))
        // Under load, a drain takes long.
        tellOthers()
        if count == 0 { return .over(isEmpty: lane.feed.waitingCount == 0) }
        drain.wanted -= count
        return drain.wanted <= 0 && !drain.isFinal ? .over(isEmpty: true) : .shipped
    }

    /// During the shutdown, waits until a destination may have room; false if none will before the deadline.
    private func waitForRoom(_ lanes: [Lane]) -> Bool {
        guard let deadline = state.read({ $0.deadline }), lanes.contains(where: { $0.canDeliver(before: deadline) })
        else { return false }
        return state.wait(until: deadline) { $0.calls.takeSignal() ? true : nil } ?? false
    }

    /// Encodes one body in each format and hands the bodies over.
    /// - Returns: the number of records in each body.
    private func ship(_ lane: Lane, limit: Int) -> Int {
        let encoders = lane.feed.encoders
        guard let first = encoders.first else { return 0 }
        let stretches = lane.feed.encode(recordLimit: limit, byteLimit: lane.bodyBytes)
        let count = first.spanCount
        guard count > 0 else { return 0 }
        let bodies = zip(lane.formats, encoders).map { format, encoder in
            Body(encoder, format.format.encoding, lane.signal, compressor: format.compressor)
        }
        lane.counts.withLock { counts in
            counts.plainBytes += UInt64(first.bytes.count)
            counts.sentBytes += UInt64(bodies[0].bytes.count)
        }
        let files = spooled(bodies, stretches, lane)
        if files == nil { lane.take(stretches, count: count) }
        for (position, format) in lane.formats.enumerated() {
            handOver(bodies[position], files?[position], to: format, lane)
            guard first.bytes.count > 1 << 20 else { continue }
            encoders[position].shrink()
            format.compressor?.shrink()
        }
        lane.endHandover()
        return count
    }

    private func handOver(_ body: Body, _ file: SpoolFile?, to format: Lane.Format, _ lane: Lane) {
        for destination in format.destinations {
            if let file, destination is HTTPDestination {
                destination.offer(Delivery(file, body: body, queued: .now), isReplay: false)
            } else if destination.hasRoom || format.destinations.count == 1 && lane.formats.count == 1 {
                destination.offer(Delivery(body, queued: .now), isReplay: false)
            } else {
                // Another destination had room, and an unreachable one must not delay it.
                destination.drop(.queueFull, spans: body.spanCount)
            }
        }
    }
}
