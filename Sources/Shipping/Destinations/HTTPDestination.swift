import SpanKitHTTP
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Posts bodies to an OTLP receiver, by the rules of ``DeliveryQueue``.
///
/// The thread of its ``ReceiverConnections`` sends requests and waits for answers and for the next attempt; every change wakes it.
package final class HTTPDestination: Destination, ReceiverMember, @unchecked Sendable {
    let name: String
    let format: BodyFormat

    private struct State {
        var queue: DeliveryQueue
        var closeDeadline: ContinuousClock.Instant?
        var hasEnded = false
    }

    private let exporter: OTLPExporter
    private let signal: OTLPSignal
    private let spool: Spool?
    private let client: OTLPClient
    private let connections: ReceiverConnections
    private let state: Monitor<State>
    private let log: DestinationLog
    private let roomChanged: @Sendable () -> Void

    /// - Parameters:
    ///   - pool: where to look for connections that another destination has to the same receiver; nil for connections of its own.
    ///   - maximumSpans: the maximum number of spans in a request; nil for as many as its size allows.
    ///   - roomChanged: called on the destination's thread whenever a body has left the queue.
    init?(
        _ exporter: OTLPExporter,
        _ signal: OTLPSignal = .traces,
        spool: Spool?,
        pool: ConnectionPool? = nil,
        log: ProfilerLog,
        retry: RetryPolicy = RetryPolicy(),
        replayInterval: Duration = .milliseconds(100),
        maximumSpans: Int? = nil,
        roomChanged: @escaping @Sendable () -> Void
    ) {
        let name = "\(signal.rawValue) → \(OTLPExporter.printable(url: exporter.url))"
        guard let connections = pool.map({ $0.connections(for: exporter) }) ?? ReceiverConnections(),
            let client = OTLPClient(exporter, signal, sharing: connections, note: { log(.info, "\(name): \($0)") })
        else { return nil }
        self.connections = connections
        self.exporter = exporter
        self.signal = signal
        self.spool = spool
        self.client = client
        self.roomChanged = roomChanged
        self.name = name
        format = BodyFormat(.otlp(exporter.encoding), gzipLevel: exporter.compression.level)
        self.log = DestinationLog(name: name, log: log, noun: signal.noun)
        var settings = DeliveryQueue.Settings(exporter)
        settings.retry = retry
        settings.replayInterval = replayInterval
        if let maximumSpans { settings.joinedSpans = maximumSpans }
        state = Monitor(State(queue: DeliveryQueue(settings)))
    }

    /// Starts sending; false if the system cannot create a thread.
    package func start() -> Bool { connections.add(self) }

    var parallelRequests: Int { max(1, exporter.parallelRequests) }

    // MARK: From other threads

    var componentType: String { exporter.protocol.componentType(of: signal.exporterKind) }

    package var hasRoom: Bool { state.read { $0.queue.takesBody(hasSpool: spool != nil, .now) } }

    var isFailing: Bool { state.read { $0.queue.failure != nil } }

    func offer(_ delivery: Delivery, isReplay: Bool) {
        state.change { isReplay ? $0.queue.appendForReplay(delivery) : $0.queue.append(delivery) }
        client.wake()
    }

    func drop(_ reason: DropReason, spans: Int) {
        state.change { $0.queue.count(reason, spans) }
    }

    func dropOldestFile(_ reason: DropReason, where condition: (SpoolFile) -> Bool) -> SpoolFile? {
        state.change { $0.queue.dropOldestFile(reason, where: condition) }
    }

    func hurry(until deadline: ContinuousClock.Instant) {
        state.change { $0.queue.hurry(until: deadline, .now) }
        client.wake()
    }

    package func canDeliver(before deadline: ContinuousClock.Instant) -> Bool {
        state.read { $0.queue.canDeliver(before: deadline) }
    }

    func settle(until deadline: ContinuousClock.Instant) {
        hurry(until: deadline)
        let mark = state.read { $0.queue.mark() }
        _ = state.wait(until: deadline) { state in
            state.queue.isSettled(upTo: mark) || state.hasEnded || !state.queue.canDeliver(before: deadline)
                ? true : nil
        }
    }

    /// Waits until the counts of spans or the failure change, or nothing is left to send, at most until the deadline.
    package func waitForProgress(until deadline: ContinuousClock.Instant) {
        let before = state.read { ($0.queue.account, $0.queue.failure) }
        _ = state.wait(until: deadline) { state in
            (state.queue.account, state.queue.failure) != before || state.queue.isEmpty || state.hasEnded ? true : nil
        }
    }

    package func close(until deadline: ContinuousClock.Instant) {
        state.change { state in
            state.closeDeadline = deadline
            state.queue.hurry(until: deadline, .now)
        }
        client.wake()
        // The thread keeps the deadline and needs a little time for its last steps.
        _ = state.wait(until: deadline.advanced(by: .milliseconds(80))) { $0.hasEnded ? true : nil }
    }

    var hasEnded: Bool { state.read { $0.hasEnded } }

    package var account: ShippingAccount.Destination {
        state.read { state in
            var account = ShippingAccount.Destination(self, signal, state.queue.account, state.queue.census)
            account.failure = state.queue.failure?.description(.now)
            return account
        }
    }

    // MARK: On the thread

    func proceed(maySend: Bool, _ random: inout SystemRandomNumberGenerator) -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        guard !isDone() else {
            end()
            return now
        }
        let (step, deadline) =
            maySend
            ? state.change { ($0.queue.next(now), $0.closeDeadline) } : (.wait(until: nil), state.read(\.closeDeadline))
        switch step {
        case .send(let token, let group, let timeout):
            send(token, group, timeout, closingAt: deadline, &random)
            return now
        case .wait(let until): return [until, deadline].compactMap { $0 }.min() ?? now.advanced(by: .seconds(60))
        }
    }

    var hasRequests: Bool { client.hasRequests }

    func owns(_ token: Int) -> Bool { client.owns(token) }

    func receive(
        _ token: Int,
        _ answer: HTTPAnswer,
        _ random: inout SystemRandomNumberGenerator
    ) -> ReceiverContact {
        let (token, reply) = client.read(answer, token: token)
        finish(token, reply, isUnreachable: answer.isUnreachable, &random)
        if answer.status != 0 { return .reached }
        guard answer.isUnreachable, let failure = state.read(\.queue.failure) else { return .unknown }
        return .unreachable(failure)
    }

    func share(_ failure: DeliveryQueue.Failure) {
        state.change { $0.queue.share(failure) }
        roomChanged()
    }

    func receiverIsBack() {
        state.change { $0.queue.receiverIsBack(.now) }
        roomChanged()
    }

    private func end() {
        let sent = client.cancelAll()
        log.ended()
        state.change { state in
            state.queue.end(sent: sent)
            state.hasEnded = true
        }
    }

    private func isDone() -> Bool {
        state.read { state in
            guard let deadline = state.closeDeadline else { return false }
            if state.queue.isEmpty || deadline <= .now { return true }
            return state.queue.census.inFlight == 0 && !state.queue.canDeliver(before: deadline)
        }
    }

    private func send(
        _ token: Int,
        _ group: [Delivery],
        _ timeout: Duration?,
        closingAt deadline: ContinuousClock.Instant?,
        _ random: inout SystemRandomNumberGenerator
    ) {
        var body: Body?
        if group.count > 1 {
            guard let joined = joined(group) else { return state.change { $0.queue.disband(token) } }
            body = joined.body
            state.change { $0.queue.shorten(token, to: joined.count) }
        } else if let delivery = group.first {
            switch delivery.load() {
            case .body(let loaded): body = loaded
            case .damaged(let path): return settle(token, .refused(.file, reason: "\(path) is damaged"), false, &random)
            case .unreadable(let problem):
                return settle(token, .again(after: nil, reason: problem.description), false, &random)
            }
        }
        guard let body else { return }
        var timeout = timeout
        if let deadline {
            let left = max(.milliseconds(1), ContinuousClock.now.duration(to: deadline))
            timeout = timeout.map { min($0, left) } ?? left
        }
        if let reply = client.post(body, token: token, timeout: timeout) { finish(token, reply, &random) }
    }

    /// One body that joins the first bodies of the group: those that have the encoding of the first one and fit into
    /// the maximum size. Nil if one of them cannot be read.
    ///
    /// Bodies from the spool may have another encoding than new ones.
    private func joined(_ group: [Delivery]) -> (body: Body, count: Int)? {
        var plain: [[UInt8]] = []
        var bytes = 0
        var encoding: Encoding?
        for delivery in group {
            guard case .body(let body) = delivery.load(), let own = body.plainBytes() else { return nil }
            if plain.isEmpty { encoding = body.encoding }
            guard plain.isEmpty || body.encoding == encoding && bytes + own.count <= exporter.bodyBytes else { break }
            bytes += own.count
            plain.append(own)
        }
        guard let encoding, let whole = BodySplitter.joined(plain, encoding, signal.frame) else { return nil }
        let compressor = format.gzipLevel.map { GzipCompressor(level: $0) }
        let spans = group[..<plain.count].reduce(0) { $0 + $1.spanCount }
        let body = whole.withUnsafeBytes {
            Body(encoding: encoding, signal, plain: $0, spanCount: spans, compressor: compressor)
        }
        return (body, plain.count)
    }

    private func finish(
        _ token: Int,
        _ reply: OTLPClient.Reply,
        isUnreachable: Bool = false,
        _ random: inout SystemRandomNumberGenerator
    ) {
        switch reply {
        case .verdict(let verdict, let mayHaveArrived):
            settle(token, verdict, mayHaveArrived, isUnreachable: isUnreachable, &random)
        case .resend: state.change { $0.queue.putBack(token) }
        }
    }

    private func settle(
        _ token: Int,
        _ verdict: Verdict,
        _ mayHaveArrived: Bool,
        isUnreachable: Bool = false,
        _ random: inout SystemRandomNumberGenerator
    ) {
        let draw = Double.random(in: 0..<1, using: &random)
        let now = ContinuousClock.now
        let event = state.change { state in
            state.queue.finish(
                token,
                verdict,
                mayHaveArrived: mayHaveArrived,
                isUnreachable: isUnreachable,
                now: now,
                random: draw
            )
        }
        guard let event else { return }
        switch event {
        case .delivered(let group, let rejected, let message, let recovered):
            for delivery in group { remove(delivery) }
            log.delivered(rejected: rejected, message: message, recovered: recovered, now: now)
        case .postponed(let isFirst, let reason):
            let (failure, waiting) = state.read { ($0.queue.failure, $0.queue.census.total) }
            log.postponed(isFirst: isFirst, reason: failure?.description(now) ?? reason, waiting: waiting)
        case .dropped(let delivery, let why, let reason):
            remove(delivery)
            log.dropped(delivery.spanCount, why, reason: reason, now: now)
        case .tooLarge(let delivery, let reason, let status):
            split(delivery, reason: reason, status: status, now: now)
        case .disbanded: break
        }
        roomChanged()
    }

    private func remove(_ delivery: Delivery) {
        if case .file(let file, _) = delivery.content { spool?.remove(file) }
    }

    /// Replaces a body that was too large by two halves, or by a span with its long values cut.
    private func split(_ delivery: Delivery, reason: String, status: Int, now: ContinuousClock.Instant) {
        let body: Body?
        switch delivery.load() {
        case .body(let loaded): body = loaded
        case .damaged: body = nil
        // The body stays in the queue unchanged. The next attempt reads the file again.
        case .unreadable: return state.change { $0.queue.replace(delivery, with: [delivery]) }
        }
        let parts =
            body?.split(trimming: !delivery.isTrimmed, level: format.gzipLevel ?? 1) ?? []
        guard !parts.isEmpty else {
            state.change { $0.queue.drop(delivery, .tooLarge) }
            log.dropped(delivery.spanCount, .tooLarge, reason: reason, now: now)
            return remove(delivery)
        }
        let isTrimmed = delivery.spanCount == 1
        var deliveries: [Delivery] = []
        for part in parts {
            var half = Delivery(part, queued: delivery.queued)
            if case .file(let file, _) = delivery.content, let stored = spool?.store(part, inPlaceOf: file) {
                half = Delivery(stored, queued: delivery.queued)
            }
            half.exportDeadline = delivery.exportDeadline
            half.isTrimmed = isTrimmed
            deliveries.append(half)
        }
        state.change { $0.queue.replace(delivery, with: deliveries) }
        remove(delivery)
    }
}

// MARK: Without a recorder

extension HTTPDestination {
    /// Creates a destination for spans that do not come from a recorder's log.
    /// - Parameter patience: the time for which the caller keeps trying while the receiver is unavailable. Waits
    ///   between attempts are shorter, so that a receiver that recovers is tried again.
    package convenience init?(_ exporter: OTLPExporter, patience: Duration, log: ProfilerLog) {
        var retry = RetryPolicy()
        retry.longest = min(retry.longest, patience / 4)
        retry.first = min(retry.first, retry.longest)
        self.init(exporter, spool: nil, log: log, retry: retry, roomChanged: {})
    }

    /// Adds the body of a request to the queue.
    package func offer(_ plain: UnsafeRawBufferPointer, spanCount: Int, _ compressor: GzipCompressor?) {
        let body = Body(encoding: exporter.encoding, plain: plain, spanCount: spanCount, compressor: compressor)
        offer(Delivery(body, queued: .now), isReplay: false)
    }
}

extension OTLPExporter {
    /// The URL without user information and query, which may be secret.
    package static func printable(url: String) -> String {
        if let endpoint = try? EndpointURL(url), let path = endpoint.socketPath {
            return path.hasPrefix("@")
                ? "unix-abstract:\(path.dropFirst())" : "unix:\(path.hasPrefix("/") ? "//" : "")\(path)"
        }
        var text = url.prefix { $0 != "?" && $0 != "#" }
        // A text without a scheme may contain secrets as well.
        let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        if let at = text[start...].prefix(while: { $0 != "/" }).lastIndex(of: "@") { text.removeSubrange(start...at) }
        return String(text)
    }
}
