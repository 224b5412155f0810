import SpanKitOTLP
import SpanKitRecording
import SpanKitReports

/// Traffic from what SpanKit counts about itself.
extension SpanTraffic {
    /// The traffic of the metrics of SpanKit's exporter in OTLP files; nil if they contain none, or no time.
    init?(_ metrics: MetricTotals) {
        let series = metrics.series
        func rate(_ name: String, where condition: ([Attribute]) -> Bool = { _ in true }) -> Double {
            series.filter { $0.metric.name == name && condition($0.attributes) }.reduce(0) {
                $0 + ($1.ratePerSecond ?? 0)
            }
        }
        func total(_ name: String, where condition: ([Attribute]) -> Bool = { _ in true }) -> Double {
            series.filter { $0.metric.name == name && condition($0.attributes) }.reduce(0) { $0 + $1.value.measure }
        }
        let isSampled: ([Attribute]) -> Bool = {
            $0.contains(Attribute("otel.span.sampling_result", "RECORD_AND_SAMPLE"))
        }
        let started = rate("otel.sdk.span.started")
        guard started > 0, let count = Int(exactly: total("otel.sdk.span.started").rounded()), count > 0 else {
            return nil
        }
        let processes = series.filter { $0.metric.name == "otel.sdk.span.started" }.map(\.processCount).max() ?? 1
        self.init(
            measurement: .init(
                spanCount: count,
                seconds: Double(count) / started,
                source: "from otel.sdk.span.started of \(processes == 1 ? "1 process" : "\(processes) processes")"
            ),
            startedPerSecond: started
        )
        headShare = Self.share(rate("otel.sdk.span.started", where: isSampled), of: started)
        let decided = total("spankit.tail_sampling.spans")
        if decided > 0 {
            tailShare = Self.share(
                total("spankit.tail_sampling.spans") { $0.contains { $0.key == "reason" } },
                of: decided
            )
        }
        // Bytes are only those of spans that tail sampling has kept.
        let processed = total("otel.sdk.processor.span.processed") { !$0.contains { $0.key == "error.type" } }
        let encoded = processed * (tailShare ?? 1)
        let sent = total("spankit.exporter.body") { $0.contains(Attribute("form", "sent")) }
        let plain = total("spankit.exporter.body") { $0.contains(Attribute("form", "plain")) }
        if encoded > 0, sent > 0, max(sent, plain) / encoded <= Self.largestSpan {
            sentBytes = sent / encoded
            plainBytes = plain / encoded
        } else {
            assumptions.append(Self.assumedBytes)
        }
    }

    /// The traffic of running processes; nil if no process has made spans.
    init?(_ processes: [LiveProcess], now: Int64) {
        var (count, rate, running) = (0, 0.0, 0)
        for process in processes where process.isRunning {
            guard let account = process.account, now > process.createdUnixNanoseconds else { continue }
            running += 1
            count += Int(clamping: account.created)
            rate += Double(account.created) / (Double(now - process.createdUnixNanoseconds) / 1e9)
        }
        guard rate > 0 else { return nil }
        self.init(
            measurement: .init(
                spanCount: count,
                seconds: Double(count) / rate,
                source: "since the start of \(running == 1 ? "1 running process" : "\(running) running processes")"
            ),
            startedPerSecond: rate
        )
        assumptions.append("Spans that head sampling has dropped are not counted in a spool.")
        assumptions.append(Self.assumedBytes)
    }

    /// A part of a sum of counts; damaged files may have negative ones.
    private static func share(_ part: Double, of all: Double) -> Double { min(1, max(0, part / all)) }

    /// The size in bytes above which the metrics are damaged: no request is as large.
    private static let largestSpan = 1e9
    private static let assumedBytes = "\(Int(assumedSentBytes)) bytes a span after compression."
}
