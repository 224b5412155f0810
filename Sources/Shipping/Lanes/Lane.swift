import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The settings of a signal's export.
struct LaneSettings {
    var signal: OTLPSignal
    var batch: BatchSettings
    /// The maximum size of a body before compression.
    var bodyBytes: Int
    var destinations: [any Destination]
}

/// One signal's way from its log to its destinations.
///
/// The shipper's thread uses it; other threads may call ``account(timedOut:)`` and ask the destinations.
final class Lane: @unchecked Sendable {
    /// A format of bodies, and the destinations that use it.
    struct Format {
        let format: BodyFormat
        let compressor: GzipCompressor?
        let destinations: [any Destination]

        /// Whether its bodies are written to the spool. Only requests can be sent later.
        var isSpooled: Bool { !spooling.isEmpty }
        /// The destinations whose bodies wait in the spool. Bodies for files wait in memory.
        var spooling: [any Destination] { destinations.filter { $0 is HTTPDestination } }
    }

    struct Counts {
        var recovered: UInt64 = 0
        /// Records that are being removed from the log and handed over.
        var encoding: UInt64 = 0
        /// The number of batches that were handed over.
        var handovers: UInt64 = 0
        var tailSampling: TailSampler.Report?
        var plainBytes: UInt64 = 0
        var sentBytes: UInt64 = 0
        /// Whether records waited for room at the destinations when the log was read last.
        var isBlocked = false
    }

    let signal: OTLPSignal
    let feed: any RecordFeed
    let batch: BatchSettings
    let bodyBytes: Int
    let destinations: [any Destination]
    let formats: [Format]
    let counts = Locked(Counts())
    /// The time at which all waiting records are sent. Used on the shipper's thread only.
    var nextTick: ContinuousClock.Instant
    /// Whether a problem with the spool was logged. Used on the shipper's thread only.
    var problemLogged = false

    /// - Parameter feed: makes the feed for the formats.
    init(_ settings: LaneSettings, feed: ([BodyFormat]) -> any RecordFeed) {
        signal = settings.signal
        batch = settings.batch
        bodyBytes = settings.bodyBytes
        destinations = settings.destinations
        var formats: [BodyFormat] = []
        for destination in settings.destinations where !formats.contains(destination.format) {
            formats.append(destination.format)
        }
        self.formats = formats.map { format in
            Format(
                format: format,
                compressor: format.gzipLevel.map { GzipCompressor(level: $0) },
                destinations: settings.destinations.filter { $0.format == format }
            )
        }
        self.feed = feed(formats)
        nextTick = .now.advanced(by: settings.batch.scheduleDelay)
    }

    /// Whether the destinations that bodies could be handed to can be tried before the deadline.
    func canDeliver(before deadline: ContinuousClock.Instant) -> Bool {
        destinations.contains { $0.canDeliver(before: deadline) }
    }

    /// The number of records that are sent before the schedule delay is over.
    func fullBody(hasSpool: Bool) -> Int {
        batch.fullBody(isSpooling: hasSpool && destinations.allSatisfy(\.isFailing))
    }

    /// Removes encoded records from the source. Until ``endHandover()``, they count as ``Counts/encoding``.
    func take(_ stretches: [LogStretch], count: Int) {
        counts.withLock { $0.encoding = UInt64(count) }
        feed.source.consume(stretches)
        counts.withLock { $0.tailSampling = feed.report }
    }

    /// The records that were taken are at their destinations.
    func endHandover() {
        counts.withLock { counts in
            counts.encoding = 0
            counts.handovers += 1
        }
    }

    /// Where every record of the signal is now.
    ///
    /// A batch that is handed over is for a moment in two places or in none. The account is read before or after it, so call this on any
    /// thread but the one that hands over.
    func account() -> ShippingAccount {
        // Handing over takes microseconds, and with a spool as long as the disk needs. In the child of a fork, it never ends.
        let deadline = ContinuousClock.now + .seconds(1)
        while true {
            let before = counts.withLock { $0 }
            let account = account(before)
            let after = counts.withLock { $0 }
            let isStill = before.encoding == 0 && after.encoding == 0 && before.handovers == after.handovers
            guard !isStill, ContinuousClock.now < deadline else { return account }
            usleep(50)
        }
    }

    private func account(_ counts: Counts) -> ShippingAccount {
        var account = ShippingAccount()
        account.recovered = counts.recovered
        account.bodyBytes = (counts.plainBytes, counts.sentBytes)
        account.tailSampling = counts.tailSampling?.account
        let delivered = destinations.map(\.account)
        let census = feed.census(counts.tailSampling)
        account.created = census.created + counts.recovered
        account.destinations = delivered.map { own in
            var result = own
            (result.waiting.log, result.waiting.tailSampling) = (census.log, census.tailSampling)
            result.waiting.encoding = counts.encoding
            for (reason, count) in census.dropped { result.dropped[reason, default: 0] += count }
            return result
        }
        return account
    }
}
