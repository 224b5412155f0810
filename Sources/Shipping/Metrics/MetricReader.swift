import SpanKitHTTP
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// The receiver of metrics and the interval (OpenTelemetry "Periodic exporting MetricReader").
public struct MetricReaderConfiguration: Sendable, Hashable {
    /// The receiver.
    public var exporter: OTLPExporter
    /// The time between two exports (`OTEL_METRIC_EXPORT_INTERVAL`).
    public var interval: Duration

    /// Creates a reader's configuration.
    public init(_ exporter: OTLPExporter, interval: Duration = .seconds(60)) {
        self.exporter = exporter
        self.interval = interval
    }
}

/// Sends metrics at regular intervals, on its own thread (OpenTelemetry "Periodic exporting MetricReader").
///
/// A reading that cannot be delivered is not retried, because the next one contains its counts.
package final class MetricReader: Sendable {
    private struct State {
        /// The deadline for the last reading; nil until the reader is stopped.
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

    /// Sends a last reading of each reader, in parallel, and ends their threads. Returns at the deadline at the latest.
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

    /// The timeout of one reading. The last one has the time until `end`, but at least two seconds; no caller waits for
    /// those.
    private func timeout(until end: ContinuousClock.Instant?) -> Duration {
        let timeout = exporter.timeout > .zero ? exporter.timeout : Self.longest
        guard let end else { return timeout }
        return min(timeout, max(.seconds(2), ContinuousClock.now.duration(to: end)))
    }

    /// The timeout if the exporter has none. A request that hangs must not block the next reading.
    private static let longest = Duration.seconds(30)

    /// The reason for a failure; nil if the receiver accepted the metrics.
    private func deliver(_ body: Body, with client: OTLPClient, timeout: Duration) -> String? {
        switch Verdict(client.answer(to: body, timeout: timeout), unixSeconds: UnixTime.seconds()) {
        case .accepted: return nil
        case .again(_, let reason), .split(let reason, _), .refused(_, let reason): return reason
        }
    }
}
