import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// Reads ended spans from the log, encodes them into bodies and hands the bodies to the destinations.
///
/// A span passes: log → (``TailSampler``) → ``SpanEncoder`` → ``GzipCompressor`` → (``Spool``) → ``Destination``. One
/// thread does all this, except the work of the destinations, which have their own threads. It sleeps until a chunk of
/// the log is full, the schedule delay is over, or a flush or the shutdown is requested. Threads that record spans
/// never wait for it.
package final class Shipper: @unchecked Sendable {
    struct State {
        var calls = ShipperCalls()
        var hasAdopted = false
        /// The latest deadline of a flush or the shutdown.
        var deadline: ContinuousClock.Instant?
        var recovered: UInt64 = 0
        /// Spans that were removed from the log and not handed over yet.
        var encodingSpans: UInt64 = 0
        var tailSampling: TailSampler.Report?
        var plainBytes: UInt64 = 0
        var sentBytes: UInt64 = 0
    }

    let recorder: Recorder
    private let tail: TailSampler?
    private let batch: BatchSettings
    private let bodyBytes: Int
    private let resource: Resource
    let scope: InstrumentationScope
    let redaction: Redaction?
    let destinations: [any Destination]
    let formats: [Format]
    let spool: Spool?
    let log: ProfilerLog
    let state = Monitor(State())
    /// Whether a problem with the spool was logged. Used on the shipper's thread only.
    var problemLogged = false
    /// When the next note is due. Used on the shipper's thread only.
    var nextNote = ContinuousClock.now

    /// A format of bodies, and the destinations that use it.
    struct Format {
        let format: BodyFormat
        let encoder: any SpanEncoder
        let compressor: GzipCompressor?
        let destinations: [any Destination]

        /// Whether its bodies are written to the spool. Only requests can be sent later.
        var isSpooled: Bool { !spooling.isEmpty }
        /// The destinations whose bodies wait in the spool. Bodies for files wait in memory.
        var spooling: [any Destination] { destinations.filter { $0 is HTTPDestination } }
    }

    init(
        recorder: Recorder,
        resource: Resource,
        scope: InstrumentationScope,
        batch: BatchSettings,
        bodyBytes: Int,
        tailSampling: TailSampling? = nil,
        redaction: Redaction? = nil,
        spool: Spool?,
        log: ProfilerLog,
        destinations: (_ roomChanged: @escaping @Sendable () -> Void) -> [any Destination]
    ) {
        self.recorder = recorder
        tail = tailSampling.map { TailSampler($0, recorder) }
        self.resource = resource
        self.scope = scope
        self.batch = batch
        self.bodyBytes = bodyBytes
        self.redaction = redaction
        self.spool = spool
        self.log = log
        let state = state
        let made = destinations { state.change { $0.calls.signal() } }
        self.destinations = made
        var formats: [BodyFormat] = []
        for destination in made where !formats.contains(destination.format) { formats.append(destination.format) }
        self.formats = formats.map { format in
            Format(
                format: format,
                encoder: Self.encoder(format, resource, scope, redaction),
                compressor: format.gzipLevel.map { GzipCompressor(level: $0) },
                destinations: made.filter { $0.format == format }
            )
        }
    }

    /// Starts the thread. Returns false if the system cannot create one.
    func start() -> Bool {
        let state = state
        recorder.onChunkOpened {
            // Takes a lock, but only once for hundreds of spans.
            state.change { $0.calls.signal() }
        }
        return Thread("spankit-ship") { self.run() } != nil
    }

    /// An encoder of spans in a format.
    /// - Parameter redaction: the rules for removing sensitive data; nil redacts nothing.
    package static func encoder(
        _ format: BodyFormat,
        _ resource: Resource,
        _ scope: InstrumentationScope,
        _ redaction: Redaction?
    ) -> any SpanEncoder {
        let redactor = redaction.map { Redactor($0) }
        let (resource, scope) = (redactor?.resource(resource) ?? resource, redactor?.scope(scope) ?? scope)
        let encoder: any SpanEncoder =
            switch format.content {
            case .otlp(let encoding):
                TraceEncoder(
                    encoding,
                    resource: resource,
                    scope: scope,
                    givesHints: format.gzipLevel.map { GzipCompressor.usesHints(level: $0) } ?? false
                )
            case .console: ConsoleEncoder()
            case .spans: SpanListEncoder()
            }
        return redaction.map { RedactingEncoder(encoder, $0) } ?? encoder
    }

    // MARK: From other threads

    /// Whether any receiver is unavailable.
    package var isFailing: Bool { destinations.contains(where: \.isFailing) }

    /// Whether the spans of earlier processes have been taken over.
    package var hasAdopted: Bool { state.read { $0.hasAdopted } }

    /// Whether all threads have ended, after ``shutdown(until:)``.
    package var hasEnded: Bool { state.read { $0.calls.hasEnded } && destinations.allSatisfy(\.hasEnded) }

    /// Sends all spans that have ended. Retries until the deadline, but never before a receiver's `Retry-After`.
    /// Returns early when every span is accepted or dropped, or when every receiver has asked for more time than is
    /// left.
    package func flush(until deadline: ContinuousClock.Instant) -> ShippingAccount {
        let wanted = hurry(until: deadline) { $0.wantFlush() }
        _ = state.wait(until: deadline) { state in
            // Not before the thread has handed over what there is room for, or the account would miss that batch.
            state.calls.isFlushed(wanted) || state.calls.isBlocked && !self.canDeliver(before: deadline) ? true : nil
        }
        for destination in destinations { destination.settle(until: deadline) }
        state.change { $0.calls.giveUp(wanted) }
        return finalAccount(deadline)
    }

    /// Sends the remaining spans, as ``flush(until:)`` does, and ends all threads. Returns at the deadline at the
    /// latest, plus 0.1 s for threads to end.
    package func shutdown(until deadline: ContinuousClock.Instant) -> ShippingAccount {
        hurry(until: deadline) { $0.stop() }
        // Leaves a part of the time for sending the last bodies.
        let left = ContinuousClock.now.duration(to: deadline)
        _ = state.wait(until: ContinuousClock.now.advanced(by: left * 0.9)) { $0.calls.hasEnded ? true : nil }
        let closers = destinations.map { destination in
            Thread("spankit-close", isJoined: true) { destination.close(until: deadline) }
        }
        for closer in closers { closer?.join() }
        spool?.close(isDrained: recorder.waitingBytes == 0)
        return finalAccount(deadline)
    }

    private func hurry<Result>(
        until deadline: ContinuousClock.Instant,
        _ call: (inout ShipperCalls) -> Result
    ) -> Result {
        // Before the thread is called, or there would be no room for the last bodies.
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

    private func finalAccount(_ deadline: ContinuousClock.Instant) -> ShippingAccount {
        var account = account()
        account.timedOut = deadline <= .now
        return account
    }

    /// Whether the spool has folders that could not be read. The reason was logged.
    package var hasRefusedFolders: Bool { spool?.hasRefusedFolders ?? false }

    /// The numbers of ended spans, by what happened to them. They add up (``ShippingAccount/isBalanced``) while no span
    /// is ending and no batch is being passed to a destination.
    package func account() -> ShippingAccount {
        var account = ShippingAccount()
        let (recovered, plain, sent, tail, encoding) = state.read {
            ($0.recovered, $0.plainBytes, $0.sentBytes, $0.tailSampling, $0.encodingSpans)
        }
        account.recovered = recovered
        account.bodyBytes = (plain, sent)
        account.tailSampling = tail?.account
        let delivered = destinations.map(\.account)
        let recorded = recorder.account()
        account.spooledBytes = spool.map { UInt64(max(0, $0.bytes)) }
        account.created = recorded.written + recorded.droppedLogFull + recorded.droppedTooManyLive + recovered
        let log = tail.map { recorder.unseenRecords(after: $0.places) + $0.ready } ?? recorded.waiting
        let tailSampling = tail?.account.waiting ?? 0
        account.destinations = delivered.map { own in
            var result = own
            (result.waiting.log, result.waiting.tailSampling) = (log, tailSampling)
            result.waiting.encoding = encoding
            if recorded.droppedLogFull > 0 { result.dropped[.queueFull, default: 0] += recorded.droppedLogFull }
            if recorded.droppedTooManyLive > 0 { result.dropped[.tooManyLive] = recorded.droppedTooManyLive }
            if let dropped = tail?.account.dropped, dropped > 0 { result.dropped[.tailSampled] = dropped }
            return result
        }
        return account
    }

    // MARK: On the thread

    private func run() {
        adoptOrphans()
        state.change { $0.hasAdopted = true }
        var nextTick = ContinuousClock.now.advanced(by: batch.scheduleDelay)
        var nextAdoption = ContinuousClock.now.advanced(by: .seconds(60))
        while true {
            tellOthers()
            let heartbeat = spool == nil ? nextTick : min(nextTick, ContinuousClock.now.advanced(by: .seconds(1)))
            let call = waitForCall(until: heartbeat)
            let now = ContinuousClock.now
            if call.isStopping {
                drain(isFinal: true)
                break
            }
            let isTick = now >= nextTick
            if isTick { nextTick = now.advanced(by: batch.scheduleDelay) }
            decideTraces(decidesAll: call.flush > 0)
            let isDrained = drain(takesAll: isTick || call.flush > 0)
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

    /// The source of spans: the log, or the tail sampler.
    var source: any SpanSource { tail ?? recorder }

    /// The approximate number of spans to read. A span with a few attributes takes 160 bytes of the log.
    private var waitingSpans: Int { tail?.readyCount ?? (recorder.waitingBytes + 159) / 160 }

    /// - Parameter decidesAll: whether to decide on traces with an open local root as well.
    private func decideTraces(decidesAll: Bool) {
        guard let tail else { return }
        tail.decide(.now, decidesAll: decidesAll)
        state.change { $0.tailSampling = tail.report }
    }

    /// The number of spans that are sent before the schedule delay is over. Larger while bodies only go to the spool.
    private var fullBody: Int {
        let isSpooling = spool != nil && destinations.allSatisfy(\.isFailing)
        return isSpooling && batch.maximumSpans == nil ? 8 * batch.usualSpans : batch.usualSpans
    }

    /// Encodes and hands over spans while there is a full body, or any span if `takesAll`, and while a destination has
    /// room.
    /// - Returns: whether the log is empty.
    @discardableResult
    private func drain(takesAll: Bool = false, isFinal: Bool = false) -> Bool {
        // A body with few spans does not mean that the log is empty, because it may have reached the byte limit.
        var wanted = takesAll ? tail?.readyCount ?? Int(clamping: recorder.account().waiting) : 0
        while true {
            // Spans may still end during the shutdown.
            if isFinal { decideTraces(decidesAll: true) }
            let waiting = waitingSpans
            guard waiting > 0 else { return true }
            guard takesAll || isFinal || waiting >= fullBody else { return false }
            let hasRoom = destinations.contains(where: \.hasRoom)
            guard hasRoom || (isFinal && spool != nil) else {
                guard isFinal, waitForRoom() else { return false }
                continue
            }
            let count = ship(limit: batch.spanLimit(waiting: waiting))
            // Under load, this loop runs for long.
            tellOthers()
            if count == 0 { return waitingSpans == 0 }
            wanted -= count
            if count < batch.usualSpans, wanted <= 0, !isFinal { return true }
        }
    }

    /// During the shutdown, waits until a destination may have room; false if none will before the deadline.
    private func waitForRoom() -> Bool {
        guard let deadline = state.read({ $0.deadline }), canDeliver(before: deadline) else { return false }
        return state.wait(until: deadline) { $0.calls.takeSignal() ? true : nil } ?? false
    }

    /// Encodes one body in each format and hands the bodies over.
    /// - Returns: the number of spans in each body.
    private func ship(limit: Int) -> Int {
        guard let first = formats.first else { return 0 }
        let stretches =
            formats.count == 1
            ? first.encoder.encode(source, spanLimit: limit, byteLimit: bodyBytes) : encodeAll(limit: limit)
        let count = first.encoder.spanCount
        guard count > 0 else { return 0 }
        var bodies: [Body] = []
        for format in formats {
            bodies.append(Body(format.encoder, format.format.encoding, compressor: format.compressor))
        }
        state.change { state in
            state.plainBytes += UInt64(first.encoder.bytes.count)
            state.sentBytes += UInt64(bodies[0].bytes.count)
        }
        let files = spooled(bodies, stretches)
        if files == nil { take(stretches, spanCount: count) }
        for (position, format) in formats.enumerated() {
            handOver(bodies[position], files?[position], to: format)
            guard first.encoder.bytes.count > 1 << 20 else { continue }
            format.encoder.shrink()
            format.compressor?.shrink()
        }
        state.change { $0.encodingSpans = 0 }
        return count
    }

    /// Removes encoded spans from the source. Until they are handed over, they count as ``State/encodingSpans``.
    func take(_ stretches: [LogStretch], spanCount: Int) {
        source.consume(stretches)
        state.change { state in
            state.encodingSpans = UInt64(spanCount)
            state.tailSampling = tail?.report
        }
    }

    /// Encodes the same spans in every format.
    private func encodeAll(limit: Int) -> [LogStretch] {
        for format in formats { format.encoder.begin(source) }
        let stretches = source.read { record in
            let count = formats[0].encoder.spanCount
            guard count < limit else { return false }
            for format in formats { format.encoder.append(record) }
            guard count > 0, formats.contains(where: { $0.encoder.bytes.count > bodyBytes }) else { return true }
            for format in formats { format.encoder.removeLast() }
            return false
        }
        for format in formats { format.encoder.finish() }
        return stretches
    }

    private func handOver(_ body: Body, _ file: SpoolFile?, to format: Format) {
        for destination in format.destinations {
            if let file, destination is HTTPDestination {
                destination.offer(Delivery(file, body: body, queued: .now), isReplay: false)
            } else if destination.hasRoom || format.destinations.count == 1 && formats.count == 1 {
                destination.offer(Delivery(body, queued: .now), isReplay: false)
            } else {
                // Another destination had room, and an unreachable one must not delay it.
                destination.drop(.queueFull, spans: body.spanCount)
            }
        }
    }
}
