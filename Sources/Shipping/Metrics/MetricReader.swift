import CClock
import OTLP
import Percentiles
import Recording
import Threads

/// Sends metrics at regular intervals (OpenTelemetry "Periodic exporting MetricReader").
///
/// One thread; a reading that cannot be delivered is passed over, because the next one says the same and more.
package final class MetricReader: Sendable {
    private struct State {
        var isStopping = false
        var hasEnded = false
    }

    private let exporter: OTLPExporter
    private let interval: Duration
    private let resource: Resource
    private let scope: InstrumentationScope
    private let log: ProfilerLog
    private let collect: @Sendable () -> [Metric]
    private let start = spankit_wall_nanoseconds()
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
        for reader in readers { reader.state.change { $0.isStopping = true } }
        for reader in readers { _ = reader.state.wait(until: deadline) { $0.hasEnded ? true : nil } }
    }

    private func run() {
        let client = HTTPClient(exporter)
        let compressor = exporter.compression.level.map { GzipCompressor(level: $0) }
        var isFailing = false
        var isLast = false
        while !isLast, let client {
            isLast = state.wait(until: .now.advanced(by: interval)) { $0.isStopping ? true : nil } ?? false
            let metrics = collect()
            guard !metrics.isEmpty else { continue }
            let bytes = MetricsEncoder.encode(
                metrics,
                exporter.encoding,
                resource: resource,
                scope: scope,
                startUnixNanoseconds: start,
                unixNanoseconds: spankit_wall_nanoseconds()
            )
            let body = bytes.withUnsafeBytes {
                Body(encoding: exporter.encoding, plain: $0, spanCount: 0, compressor: compressor)
            }
            let problem = deliver(body, with: client, timeout: isLast ? .seconds(2) : exporter.timeout)
            if let problem, !isFailing {
                log(.warning, "metrics → \(OTLPExporter.printable(url: exporter.url)): \(problem); trying again")
            } else if problem == nil, isFailing {
                log(.info, "metrics → \(OTLPExporter.printable(url: exporter.url)): delivers again")
            }
            isFailing = problem != nil
        }
        state.change { $0.hasEnded = true }
    }

    /// What went wrong; nil when the receiver took it.
    private func deliver(_ body: Body, with client: HTTPClient, timeout: Duration) -> String? {
        let timeout = timeout > .zero ? timeout : .seconds(30)
        var answer = client.post(body, token: 1, timeout: timeout)
        let deadline = ContinuousClock.now.advanced(by: timeout)
        while answer == nil, ContinuousClock.now < deadline {
            answer = client.poll(for: ContinuousClock.now.duration(to: deadline)).first?.answer
        }
        switch Verdict(answer ?? HTTPAnswer(failure: .timedOut), unixSeconds: UnixTime.seconds()) {
        case .accepted: return nil
        case .again(_, let reason), .split(let reason, _), .refused(_, let reason): return reason
        }
    }
}
