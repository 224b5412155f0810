import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Writes bodies to a file or to standard output on its own thread, so that a blocked pipe does not block other
/// destinations.
final class WriterDestination: Destination, @unchecked Sendable {
    let name: String
    let format: BodyFormat
    private let signal: OTLPSignal

    private struct State {
        var waiting = Queue<Body>()
        var waitingBytes = 0
        var writing = 0
        var account = DeliveryAccount()
        var isClosing = false
        var hasEnded = false
    }

    private let state = Monitor(State())
    private let file: any LineFile
    private let log: DestinationLog
    private let roomChanged: @Sendable () -> Void

    init(
        name: String,
        _ signal: OTLPSignal = .traces,
        format: BodyFormat,
        log: ProfilerLog,
        roomChanged: @escaping @Sendable () -> Void,
        to file: any LineFile
    ) {
        self.name = name
        self.signal = signal
        self.format = format
        self.file = file
        self.roomChanged = roomChanged
        self.log = DestinationLog(name: name, log: log, noun: signal.noun)
    }

    func start() -> Bool {
        Thread("spankit-file") { self.run() } != nil
    }

    var componentType: String {
        "\(format.content == .console ? "console" : "otlp_file")_\(signal.exporterKind)_exporter"
    }

    var hasRoom: Bool { state.read { $0.waitingBytes < 16 * 1_024 * 1_024 } }
    var isFailing: Bool { false }

    func offer(_ delivery: Delivery, isReplay: Bool) {
        guard case .memory(let body) = delivery.content else { return }
        state.change { state in
            state.waiting.append(body)
            state.waitingBytes += body.bytes.count
        }
    }

    func drop(_ reason: DropReason, spans: Int) {
        state.change { $0.account.drop(reason, spans) }
    }

    func settle(until deadline: ContinuousClock.Instant) {
        _ = state.wait(until: deadline) { $0.waiting.isEmpty && $0.writing == 0 || $0.hasEnded ? true : nil }
    }

    func close(until deadline: ContinuousClock.Instant) {
        state.change { $0.isClosing = true }
        _ = state.wait(until: deadline) { $0.hasEnded ? true : nil }
    }

    var hasEnded: Bool { state.read { $0.hasEnded } }

    var account: ShippingAccount.Destination {
        state.read { state in
            var census = DeliveryCensus()
            census.inFlight = UInt64(state.writing)
            state.waiting.forEach { census.memory += UInt64($0.spanCount) }
            return ShippingAccount.Destination(self, signal, state.account, census)
        }
    }

    private func run() {
        muteLogRecordsOfThread()
        while let body = nextBody() {
            let problem = file.write(body.bytes, isCompressed: body.isCompressed)
            state.change { state in
                state.writing = 0
                state.waitingBytes -= body.bytes.count
                state.account.requests += 1
                if problem == nil {
                    state.account.exported += UInt64(body.spanCount)
                } else {
                    state.account.drop(.file, body.spanCount)
                }
            }
            if let problem {
                log.dropped(body.spanCount, .file, reason: FileSystem.describe(problem), now: .now)
            }
            roomChanged()
        }
        file.complete()
        log.ended()
        state.change { $0.hasEnded = true }
    }

    /// Waits for a body; nil at the end. Meanwhile completes the file when its time has come.
    private func nextBody() -> Body? {
        while true {
            let next = state.wait(until: file.deadline) { state -> Body?? in
                if let body = state.waiting.popFirst() {
                    state.writing = body.spanCount
                    return .some(body)
                }
                return state.isClosing ? .some(nil) : nil
            }
            if let next { return next }
            file.completeIfDue(.now)
        }
    }
}
