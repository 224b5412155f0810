import SpanKitHTTP
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// Sends metrics at regular intervals (OpenTelemetry "Periodic exporting MetricReader").
///
/// One thread; a reading that cannot be delivered is passed over, because the next one says the same and more.
package final class MetricReader: Sendable {
    private struct State {
        /// When the last reading is to have been sent; nil until the reader is stopped.
        var end: ContinuousClock.Instant?
        var hasEnded = false
    }

    private let exporter: OTLPExporter
    private let interval: Duration
    private let resource: Resource
    private let scope: InstrumentationScope
    private let log: ProfilerLog
    private let collect: @Sendable () -> [Metric]
    private let start = UnixTime.nanoseconds()
    private let state = Monitor(State())

    /// - Parameter collect: the metrics, cumulative since the start; called on the reader's thread.
    package init(
        _ exporter: OTLPExporter,
        interval: Duration,
        resource: Resource,
        scope: InstrumentationScope,
        log: ProfilerLog,
        collect: @escaping @Sendable () -> [Metric]
    ) {
        self.exporter = exporter
        self.interval = max(.milliseconds(10), interval)
        self.resource = resource
        self.scope = scope
        self.log = log
        self.collect = collect
        if Thread("spankit-metrics", { self.run() }) == nil { state.change { $0.hasEnded = true } }
    }

    /// Sends a last reading of each and ends their threads, until the deadline at the latest: none waits for another.
    package static func shutdown(_ readers: [MetricReader], until deadline: ContinuousClock.Instant) {
        for reader in readers { reader.state.change { $0.end = $0.end ?? deadline } }
        for reader in readers { _ = reader.state.wait(until: deadline) { $0.hasEnded ? true : nil } }
    }

    private func run() {
        let client = OTLPClient(exporter)
        let compressor = exporter.compression.level.map { GzipCompressor(level: $0) }
        var isFailing = false
        var end: ContinuousClock.Instant?
        while end == nil, let client {
            end = state.wait(until: .now.advanced(by: interval)) { $0.end }
            let metrics = collect()
            guard !metrics.isEmpty else { continue }
            let bytes = MetricsEncoder.encode(
                metrics,
                exporter.encoding,
                resource: resource,
                scope: scope,
                startUnixNanoseconds: start,
                unixNanoseconds: UnixTime.nanoseconds()
            )
            let body = bytes.withUnsafeBytes {
                Body(encoding: exporter.encoding, plain: $0, spanCount: 0, compressor: compressor)
            }
            let problem = deliver(body, with: client, timeout: timeout(until: end))
            if let problem, !isFailing {
                log(.warning, "metrics → \(OTLPExporter.printable(url: exporter.url)): \(problem); trying again")
            } else if problem == nil, isFailing {
                log(.info, "metrics → \(OTLPExporter.printable(url: exporter.url)): delivers again")
            }
            isFailing = problem != nil
        }
        state.change { $0.hasEnded = true }
    }

    /// For one reading. A last one has what is left until `end`, and two seconds in any case: no caller waits for those.
    private func timeout(until end: ContinuousClock.Instant?) -> Duration {
        let timeout = exporter.timeout > .zero ? exporter.timeout : Self.longest
        guard let end else { return timeout }
        return min(timeout, max(.seconds(2), ContinuousClock.now.duration(to: end)))
    }

    /// Where the exporter has no timeout: the next reading is worth more than one that hangs.
    private static let longest = Duration.seconds(30)

    /// What went wrong; nil when the receiver took it.
    private func deliver(_ body: Body, with client: OTLPClient, timeout: Duration) -> String? {
        switch Verdict(client.answer(to: body, timeout: timeout), unixSeconds: UnixTime.seconds()) {
        case .accepted: return nil
        case .again(_, let reason), .split(let reason, _), .refused(_, let reason): return reason
        }
    }
}
