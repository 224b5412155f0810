import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

/// Sends spans that come from elsewhere than this process's log, such as a file, with the same rules and the same account.
///
/// Belongs to one thread, which it blocks while the receiver's queue is full.
final class DirectShipper {
    private let destination: HTTPDestination
    private let exporter: OTLPExporter
    private let patience: Duration
    private let redaction: Redaction?
    private var compressor: GzipCompressor?
    private var created: UInt64 = 0
    private var lastSettled: UInt64 = 0
    private var lastProgress = ContinuousClock.now

    /// - Parameters:
    ///   - patience: how long to go on while the receiver takes nothing: the time for all attempts together.
    ///   - redaction: what may not leave; nil lets everything through.
    init?(_ exporter: OTLPExporter, patience: Duration, redaction: Redaction? = nil, log: ProfilerLog) {
        var exporter = exporter
        // Nothing is lost by waiting: the file stays.
        exporter.keepsFor = .seconds(86_400)
        guard let destination = HTTPDestination(exporter, patience: patience, log: log), destination.start() else {
            return nil
        }
        self.destination = destination
        self.exporter = exporter
        self.patience = patience
        self.redaction = redaction
        compressor = exporter.compression.level.map { GzipCompressor(level: $0) }
    }

    /// Sends spans of one resource and scope; false when the receiver has taken nothing for too long.
    func send(_ records: DetachedRecords, resource: Resource, scope: InstrumentationScope) -> Bool {
        let encoder = Shipper.encoder(BodyFormat(.otlp(exporter.encoding)), resource, scope, redaction)
        while records.count > 0 {
            guard waitForRoom() else { return false }
            records.consume(encoder.encode(records, spanLimit: 8_192, byteLimit: exporter.bodyBytes))
            guard encoder.spanCount > 0 else { continue }
            // The receiver has the whole time for the first body, however long it took to read it.
            if settled == created { lastProgress = .now }
            created += UInt64(encoder.spanCount)
            destination.offer(encoder.bytes, spanCount: encoder.spanCount, compressor)
        }
        return true
    }

    /// Spans that were handed over, and those of them that are settled: delivered or dropped.
    var progress: (created: UInt64, settled: UInt64) { (created, settled) }

    /// Waits for the last answers, and says what became of it all.
    func finish() -> ShippingAccount {
        while settled < created, isPatient() { waitForProgress() }
        destination.close(until: deadline)
        var account = ShippingAccount()
        account.created = created
        account.destinations = [destination.account]
        return account
    }

    private var settled: UInt64 {
        let result = destination.account
        return result.exported + result.dropped.values.reduce(0, +)
    }

    private func waitForRoom() -> Bool {
        while !destination.hasRoom {
            guard isPatient() else { return false }
            waitForProgress()
        }
        return true
    }

    private func waitForProgress() {
        destination.waitForProgress(until: min(deadline, .now.advanced(by: .milliseconds(100))))
    }

    /// When the receiver will have taken nothing for too long.
    private var deadline: ContinuousClock.Instant { lastProgress.advanced(by: patience) }

    private func isPatient() -> Bool {
        let now = settled
        if now > lastSettled {
            lastSettled = now
            lastProgress = .now
        }
        return ContinuousClock.now < deadline && destination.canDeliver(before: deadline)
    }
}
