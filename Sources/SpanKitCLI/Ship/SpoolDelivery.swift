import Foundation
import SpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping
import SpanKitSummaries

/// Sends the spans and log records in a spool to the receivers.
final class SpoolDelivery: Sendable {
    private let shipper: Shipper
    private let isStopped = Locked(false)
    private let log: @Sendable (String) -> Void

    init(
        _ configuration: TelemetryConfiguration,
        _ spool: SpoolConfiguration,
        log: @escaping @Sendable (String) -> Void
    ) throws {
        self.log = log
        let profilerLog = ProfilerLog { _, line in log(line) }
        var recording = RecordingConfiguration()
        recording.logBytes = 1 << 20
        for warning in configuration.warnings { log(warning) }
        guard let handle = Spool.make(spool, profilerLog), let recorder = Recorder.make(recording),
            let shipper = Shipper.start(
                recorder: recorder,
                exporters: configuration.exporters,
                logs: LogShipping(configuration.effectiveLogExporters, configuration.logBatch),
                resource: configuration.resource,
                scope: configuration.scope,
                batch: configuration.batch,
                redaction: configuration.redaction,
                spool: handle,
                replayInterval: .zero,
                log: profilerLog
            )
        else {
            throw CommandFailure(
                .cannotCreate,
                "\(spool.directory): cannot be used as a spool; "
                    + "check its permissions and free space, and the limits of the process (ulimit -a)"
            )
        }
        self.shipper = shipper
    }

    /// What happened to the log records.
    var logsAccount: ShippingAccount { shipper.account(of: .logs) }

    /// Whether a folder of the spool could not be read.
    var isIncomplete: Bool { shipper.hasRefusedFolders }

    /// Ends ``run(patience:)`` soon.
    func stop() {
        isStopped.withLock { $0 = true }
    }

    /// Sends until the spool is empty, a receiver was unavailable for too long, or ``stop()`` is called.
    ///
    /// It also ends if a receiver asks for a longer wait than `patience` allows.
    func run(patience: Duration) -> ShippingAccount {
        var lastProgress = ContinuousClock.now
        var lastLine = lastProgress
        var delivered: UInt64 = 0
        while !isStopped.withLock({ $0 }) {
            let (account, logs) = (shipper.account(), shipper.account(of: .logs))
            let now = ContinuousClock.now
            let current = (account.destinations + logs.destinations).reduce(0) { $0 + $1.exported + $1.droppedCount }
            if current > delivered {
                delivered = current
                lastProgress = now
            }
            let undelivered = account.undelivered + logs.undelivered
            if shipper.hasAdopted, undelivered == 0 { break }
            let deadline = lastProgress.advanced(by: patience)
            guard now < deadline, !shipper.hasAdopted || shipper.canDeliver(before: deadline) else { break }
            if lastLine.duration(to: now) > .seconds(2) {
                lastLine = now
                let total = account.created + logs.created
                let noun = logs.created == 0 ? "span" : "record"
                log("\(total - undelivered) of \(Readable.count(total, of: noun)) sent or dropped")
            }
            usleep(20_000)
        }
        // Undelivered spans stay in the spool, so the shutdown need not wait longer than the receiver was given.
        return shipper.shutdown(until: min(lastProgress.advanced(by: patience), .now.advanced(by: .seconds(2))))
    }
}

extension ShippingAccount {
    /// The number of records that the slowest destination has not received.
    fileprivate var undelivered: UInt64 { destinations.map(\.undelivered).max() ?? 0 }
}
