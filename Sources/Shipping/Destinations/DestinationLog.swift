import SpanKitPlatform
import SpanKitRecording

/// Logs changes of a destination's state, not single events: an outage of an hour is two lines, not thousands.
///
/// Used by the destination's thread.
final class DestinationLog: @unchecked Sendable {
    private let name: String
    private let log: ProfilerLog
    private let noun: String
    private var droppedSinceLine = 0
    private var lastDropLine: ContinuousClock.Instant?
    private var lastReason = ""
    private var adviceGiven: Set<String> = []

    /// - Parameter noun: what is counted, in the singular.
    init(name: String, log: ProfilerLog, noun: String = "span") {
        self.name = name
        self.log = log
        self.noun = noun
    }

    func delivered(
        rejected: Int,
        message: String,
        recovered: DeliveryQueue.Failure?,
        now: ContinuousClock.Instant
    ) {
        if let recovered {
            let time = ReadableDuration(recovered.since.duration(to: now))
            let attempts = recovered.count == 1 ? "1 failed attempt" : "\(recovered.count) failed attempts"
            log(.info, "\(name): delivering again after \(time) and \(attempts)")
        }
        if rejected > 0 {
            dropped(rejected, .rejected, reason: message.isEmpty ? "the receiver refused them" : message, now: now)
        } else if !message.isEmpty, adviceGiven.count < 20, adviceGiven.insert(message).inserted {
            log(.info, "\(name): the receiver says: \(message)")
        }
    }

    func postponed(isFirst: Bool, reason: String, waiting: UInt64) {
        guard isFirst else { return }
        log(
            .warning,
            "\(name): \(reason); trying again; \(count(Int(clamping: waiting))) \(waiting == 1 ? "waits" : "wait")"
        )
    }

    /// Logs the first drop at once, and later ones at most once a minute.
    func dropped(_ spans: Int, _ why: DropReason, reason: String, now: ContinuousClock.Instant) {
        droppedSinceLine += spans
        lastReason = "\(why.name): \(reason)"
        if let lastDropLine, lastDropLine.duration(to: now) < .seconds(60) { return }
        lastDropLine = now
        flushDrops()
    }

    /// Logs the drops that were not logged yet.
    func ended() {
        flushDrops()
    }

    private func flushDrops() {
        guard droppedSinceLine > 0 else { return }
        log(.warning, "\(name): \(count(droppedSinceLine)) dropped (\(lastReason))")
        droppedSinceLine = 0
    }

    /// A number of what is counted, in words.
    func count(_ number: Int) -> String { number == 1 ? "1 \(noun)" : "\(number) \(noun)s" }
}
