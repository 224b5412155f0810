import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// Takes ended spans out of the log, makes bodies of them and hands those to the destinations.
///
/// The way of a span through this room: log → (``TailSampler``) → ``SpanEncoder`` → ``GzipCompressor`` → (``Spool``) → ``Destination``. One thread does all of
/// that up to the destinations, which have their own. It sleeps until a chunk of the log is full, the schedule delay is over, or
/// somebody calls; nothing that records a span ever waits for it.
package final class Shipper: @unchecked Sendable {
    struct State {
        var calls = ShipperCalls()
        var hasAdopted = false
        /// The latest time by which a flush or the shutdown waits.
        var deadline: ContinuousClock.Instant?
        var recovered: UInt64 = 0
        /// Taken out of the log and not handed over yet.
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
    /// Set on the shipper's thread only.
    var problemLogged = false
    /// Set on the shipper's thread only.
    var nextNote = ContinuousClock.now

    /// A way of making bodies, and who wants them.
    struct Format {
        let format: BodyFormat
        let encoder: any SpanEncoder
        let compressor: GzipCompressor?
        let destinations: [any Destination]

        /// Only bodies that are requests can be sent again later.
        var isSpooled: Bool { !spooling.isEmpty }
        /// Those whose bodies wait in the spool. A file takes the same bytes, but from memory.
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

    /// Starts the thread; false when the system has none to give.
    func start() -> Bool {
        let state = state
        recorder.onChunkOpened {
            // Without the lock when it is set already would be cheaper, but this is once in hundreds of spans.
            state.change { $0.calls.signal() }
        }
        return Thread("spankit-ship") { self.run() } != nil
    }

    /// - Parameter redaction: nil lets everything through.
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
            case .otlp(let encoding): TraceEncoder(encoding, resource: resource, scope: scope)
            case .console: ConsoleEncoder()
            }
        return redaction.map { RedactingEncoder(encoder, $0) } ?? encoder
    }

    // MARK: From other threads

    /// Whether a receiver is unavailable at the moment.
    package var isFailing: Bool { destinations.contains(where: \.isFailing) }

    /// Whether the spans of earlier processes have been looked for.
    package var hasAdopted: Bool { state.read { $0.hasAdopted } }

    /// Whether all threads are done, after ``shutdown(until:)``.
    package var hasEnded: Bool { state.read { $0.calls.hasEnded } && destinations.allSatisfy(\.hasEnded) }

    /// Sends everything that has ended so far, and tries until the deadline, but never before a receiver's `Retry-After`. Returns
    /// earlier when everything is accepted or dropped, and when every receiver has asked for more time than there is.
    package func flush(until deadline: ContinuousClock.Instant) -> ShippingAccount {
        let wanted = hurry(until: deadline) { $0.wantFlush() }
        _ = state.wait(until: deadline) { state in
            // Not before the thread is done with what there is room for, or a batch would be changing hands.
            state.calls.isFlushed(wanted) || state.calls.isBlocked && !self.canDeliver(before: deadline) ? true : nil
        }
        for destination in destinations { destination.settle(until: deadline) }
        state.change { $0.calls.giveUp(wanted) }
        return finalAccount(deadline)
    }

    /// Sends what is left and ends all threads. It tries as ``flush(until:)`` does. Returns at the deadline at the latest (plus 0.1 s
    /// on a machine that lets its threads run), whatever the receivers do.
    package func shutdown(until deadline: ContinuousClock.Instant) -> ShippingAccount {
        hurry(until: deadline) { $0.stop() }
        // The last bodies are made in the first part of the time, so that there is some left to send them.
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
        // Before the thread is called, or it would find no room for the last bodies.
        for destination in destinations { destination.hurry(until: deadline) }
        return state.change { state in
            state.deadline = max(deadline, state.deadline ?? deadline)
            return call(&state.calls)
        }
    }

    /// Whether any receiver may take something before the deadline: false when all have asked for more time than that.
    package func canDeliver(before deadline: ContinuousClock.Instant) -> Bool {
        destinations.contains { $0.canDeliver(before: deadline) }
    }

    private func finalAccount(_ deadline: ContinuousClock.Instant) -> ShippingAccount {
        var account = account()
        account.timedOut = deadline <= .now
        return account
    }

    /// Whether the spool holds folders that could not be looked into; the log has said why.
    package var hasRefusedFolders: Bool { spool?.hasRefusedFolders ?? false }

    /// Where every span is now. The terms add up when no span is ending and no batch is changing hands.
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

    /// Waits for something to do.
    private func waitForCall(until deadline: ContinuousClock.Instant) -> ShipperCalls.Call {
        _ = state.wait(until: deadline) { $0.calls.isCalled ? true : nil }
        return state.change { $0.calls.take() }
    }

    /// Where spans are read from.
    var source: any SpanSource { tail ?? recorder }

    /// About how many spans wait to be read: in the log, where a span with a few attributes takes that much.
    private var waitingSpans: Int { tail?.readyCount ?? (recorder.waitingBytes + 159) / 160 }

    /// - Parameter decidesAll: also on traces whose local root is open.
    private func decideTraces(decidesAll: Bool) {
        guard let tail else { return }
        tail.decide(.now, decidesAll: decidesAll)
        state.change { $0.tailSampling = tail.report }
    }

    /// Spans worth making a body of before the schedule delay is over. Larger ones while they only go into the spool.
    private var fullBody: Int {
        let isSpooling = spool != nil && destinations.allSatisfy(\.isFailing)
        return isSpooling && batch.maximumSpans == nil ? 8 * batch.usualSpans : batch.usualSpans
    }

    /// Makes bodies of what waits, while there is at least one full body or all is to be taken, and while there is room for them.
    /// - Returns: whether the log was emptied.
    @discardableResult
    private func drain(takesAll: Bool = false, isFinal: Bool = false) -> Bool {
        // A short body does not mean that the log is empty: bytes may have ended it.
        var wanted = takesAll ? tail?.readyCount ?? Int(clamping: recorder.account().waiting) : 0
        while true {
            // Spans may still be ending.
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
            // Under load this goes on for as long as the load does.
            tellOthers()
            if count == 0 { return waitingSpans == 0 }
            wanted -= count
            if count < batch.usualSpans, wanted <= 0, !isFinal { return true }
        }
    }

    /// While stopping: waits until a destination may have room; false when none will before the deadline.
    private func waitForRoom() -> Bool {
        guard let deadline = state.read({ $0.deadline }), canDeliver(before: deadline) else { return false }
        return state.wait(until: deadline) { $0.calls.takeSignal() ? true : nil } ?? false
    }

    /// Makes one body in each format and hands it over.
    private func ship(limit: Int) -> Int {
        guard let first = formats.first else { return 0 }
        let stretches =
            formats.count == 1
            ? first.encoder.encode(source, spanLimit: limit, byteLimit: bodyBytes) : encodeAll(limit: limit)
        let count = first.encoder.spanCount
        guard count > 0 else { return 0 }
        var bodies: [Body] = []
        for format in formats {
            bodies.append(
                Body(
                    encoding: format.format.encoding,
                    plain: format.encoder.bytes,
                    spanCount: count,
                    compressor: format.compressor
                )
            )
        }
        state.change { state in
            state.plainBytes += UInt64(first.encoder.bytes.count)
            state.sentBytes += UInt64(bodies[0].bytes.count)
        }
        let files = spooled(bodies, stretches)
        if files == nil { take(stretches, spanCount: count) }
        for (position, format) in formats.enumerated() {
            handOver(bodies[position], files?[position], to: format)
            if first.encoder.bytes.count > 1 << 20 { format.encoder.shrink() }
        }
        state.change { $0.encodingSpans = 0 }
        return count
    }

    /// Takes spans out of the source, which from now on are neither there nor at a destination.
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
                // Others had room: one destination that is away must not hold them up.
                destination.drop(.queueFull, spans: body.spanCount)
            }
        }
    }
}
