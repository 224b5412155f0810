import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

/// Sends spans that do not come from this process's span log, such as spans from a file.
///
/// It follows the rules of a ``Shipper`` and gives the same account. It must be used by one thread, which it blocks while the
/// queue is full.
final class DirectShipper {
    private let destination: HTTPDestination
    private let patience: Duration
    private var compressor: GzipCompressor?
    private var created: UInt64 = 0
    private var lastSettled: UInt64 = 0
    private var lastProgress = ContinuousClock.now

    /// - Parameter patience: The time without a successful request after which sending ends. It includes all attempts and waits.
    init?(_ exporter: OTLPExporter, patience: Duration, log: ProfilerLog) {
        var exporter = exporter
        // The file remains, so no span has to be dropped because of its age.
        exporter.keepsFor = .seconds(86_400)
        guard let destination = HTTPDestination(exporter, patience: patience, log: log), destination.start() else {
            return nil
        }
        self.destination = destination
        self.patience = patience
        compressor = exporter.compression.level.map { GzipCompressor(level: $0) }
    }

    /// Sends the body of a request.
    /// - Returns: `false` if the receiver was unavailable for too long.
    func send(_ body: [UInt8], spanCount: Int) -> Bool {
        guard waitForRoom() else { return false }
        // The time for the first body starts when it is sent, not when reading the file began.
        if settled == created { lastProgress = .now }
        created += UInt64(spanCount)
        body.withUnsafeBytes { destination.offer($0, spanCount: spanCount, compressor) }
        return true
    }

    /// The number of spans that were passed to the shipper, and the number of spans that were delivered or dropped.
    var progress: (created: UInt64, settled: UInt64) { (created, settled) }

    /// Waits for the last answers and returns the account.
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

    /// The time at which sending ends without a successful request.
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
