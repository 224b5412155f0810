import CSpanKit
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// Converts the counts of a percentile engine to metrics for the text format.
///
/// | Family | Type | What |
/// |---|---|---|
/// | `spankit_span_duration_seconds` | histogram | all durations since the start, at ``HistogramEdges`` |
/// | `spankit_span_duration_quantile_seconds` | summary | quantiles of the window; sum and count since the start |
/// | `spankit_span_calls_total` | counter | spans by `status`: `ok` or `error` |
/// | `spankit_span_errors_total` | counter | spans that failed |
/// | `spankit_span_memory_delta_bytes` | gauge | the sum of all memory deltas, which may fall |
/// | `spankit_span_memory_samples_total` | counter | spans with a memory delta |
/// | `spankit_span_overflow_total` | counter | spans counted under `operation="__overflow__"` |
/// | `spankit_span_overflow_operations` | gauge | operations that share that name |
///
/// To aggregate over processes, use the histogram: quantiles cannot be averaged. The quantiles are written as a summary
/// instead of a gauge, because `promtool check metrics` rejects the label `quantile` on gauges. Queries are the same
/// for both.
///
/// Use one instance for the lifetime of an engine, because it remembers which label sets have series. All methods are
/// thread-safe.
public final class SpanMetrics: Sendable {
    /// The configuration, with each value within its limits.
    public let configuration: Configuration
    private let labels: SpanLabels
    private let state = Locked(State())

    private struct State {
        /// The positions of the label sets below the limit.
        var members: [[Attribute]: Int] = [:]
        var labels: [[Attribute]] = []
        var written: [Written] = []
        /// The positions of operations without attributes, so that their labels are made only once.
        var named: [ByteText: Int] = [:]
        var overflow = Written()
        var plan: EdgePlan?
    }

    /// The values that counters must not fall below.
    private struct Written {
        var count: UInt64 = 0
        var okCount: UInt64 = 0
    }

    /// The counts of one label set.
    private struct Group {
        /// The position of the label set; nil for the overflow series.
        var member: Int?
        var labels: [Attribute]
        var histogram: ExponentialHistogram
        var errorCount: UInt64
    }

    /// Creates a converter from the counts of one engine to metrics.
    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration.checked
        labels = SpanLabels(self.configuration)
    }

    /// Returns the current metrics.
    /// - Parameters:
    ///   - snapshots: the counts since the start, from ``PercentileEngine/total()``.
    ///   - window: the counts of the last minute, from ``SlidingWindow/snapshot(at:)``. For spans of a file, pass
    ///     `snapshots` again.
    public func metrics(of snapshots: [OperationSnapshot], window: [OperationSnapshot] = []) -> [Metric] {
        metrics(of: snapshots.map { SpanSeries($0) }, window: window.map { SpanSeries($0) })
    }

    /// Returns the current metrics of series with attributes.
    ///
    /// The series must come from one engine. A series is left out if its histogram cannot be merged with that of
    /// another series with the same labels.
    public func metrics(of series: [SpanSeries], window: [SpanSeries] = []) -> [Metric] {
        state.withLock { state in
            var (groups, overflowed) = group(series, &state)
            // The groups are sorted once for all metrics, because all metrics are written in this order.
            groups.sort { ExpositionText.precedes($0.labels, $1.labels) }
            let (lately, _) = group(window, &state)
            return makeMetrics(groups, lately, overflowed: overflowed, &state)
        }
    }

    // MARK: Grouping

    private func group(_ series: [SpanSeries], _ state: inout State) -> (groups: [Group], overflowed: Int) {
        var groups: [Group] = []
        // The elements are in the order of the label sets' positions, after the element of the overflow series.
        var places: [Int?] = []
        var overflowed = 0
        for one in series {
            let isOverflow = one.snapshot.name == OperationSnapshot.overflowName
            let member = isOverflow ? nil : member(for: one, &state)
            if member == nil, !isOverflow { overflowed += 1 }
            let slot = (member ?? -1) + 1
            if slot >= places.count { places += Array(repeating: nil, count: slot + 1 - places.count) }
            if let place = places[slot] {
                guard (try? groups[place].histogram.merge(one.snapshot.histogram)) != nil else { continue }
                groups[place].errorCount &+= one.snapshot.errorCount
            } else {
                places[slot] = groups.count
                groups.append(
                    Group(
                        member: member,
                        labels: member.map { state.labels[$0] } ?? labels.overflow,
                        histogram: one.snapshot.histogram,
                        errorCount: one.snapshot.errorCount
                    )
                )
            }
        }
        return (groups, overflowed)
    }

    /// The position of the label set of a series. A new label set gets the next position; nil if the limit was reached.
    private func member(for series: SpanSeries, _ state: inout State) -> Int? {
        let name = series.snapshot.name
        if series.attributes.isEmpty, let known = state.named[ByteText(name)] { return known }
        let key = labels.labels(of: series)
        guard let member = state.members[key] ?? add(key, &state) else { return nil }
        // Several long names can have one label.
        if series.attributes.isEmpty, state.named.count < 4 * configuration.maximumLabelSets {
            state.named[ByteText(name)] = member
        }
        return member
    }

    private func add(_ labels: [Attribute], _ state: inout State) -> Int? {
        guard state.members.count < configuration.maximumLabelSets else { return nil }
        state.members[labels] = state.labels.count
        state.labels.append(labels)
        state.written.append(Written())
        return state.labels.count - 1
    }

    // MARK: Metrics

    private func makeMetrics(
        _ groups: [Group],
        _ window: [Group],
        overflowed: Int,
        _ state: inout State
    ) -> [Metric] {
        var lately = [ExponentialHistogram?](repeating: nil, count: state.labels.count + 1)
        for group in window { lately[(group.member ?? -1) + 1] = group.histogram }
        var durations: [Metric.Point] = []
        var quantiles: [Metric.Point] = []
        var calls: [Metric.Point] = []
        var errors: [Metric.Point] = []
        var memory: [Metric.Point] = []
        var memorySamples: [Metric.Point] = []
        var overflowRuns: UInt64 = 0
        for group in groups {
            let histogram = group.histogram
            let plan = plan(for: histogram, &state)
            func point(_ value: Metric.Value, _ more: Attribute...) -> Metric.Point {
                Metric.Point(value, attributes: group.labels + more)
            }
            durations.append(point(.histogram(plan.classic(histogram))))
            quantiles.append(point(.summary(summary(of: histogram, lately[(group.member ?? -1) + 1]))))
            calls.append(point(.count(group.errorCount), Attribute(SpanLabels.status, "error")))
            calls.append(point(.count(okCount(of: group, &state)), Attribute(SpanLabels.status, "ok")))
            errors.append(point(.count(group.errorCount)))
            if histogram.memoryCount > 0 {
                memory.append(point(.int(histogram.memorySumBytes)))
                memorySamples.append(point(.count(histogram.memoryCount)))
            }
            if group.member == nil { overflowRuns = histogram.count }
        }
        let constants = configuration.constantLabels
        return [
            SpanMetricNames.duration.with(durations), SpanMetricNames.quantile.with(quantiles),
            SpanMetricNames.calls.with(calls), SpanMetricNames.errors.with(errors),
            SpanMetricNames.memory.with(memory), SpanMetricNames.memorySamples.with(memorySamples),
            SpanMetricNames.overflow.with([.init(.count(overflowRuns), attributes: constants)]),
            SpanMetricNames.overflowOperations.with([.init(.int(Int64(overflowed)), attributes: constants)]),
        ].filter { !$0.points.isEmpty }
    }

    private func plan(for histogram: ExponentialHistogram, _ state: inout State) -> EdgePlan {
        if let plan = state.plan, plan.scale == histogram.scale, plan.unit == histogram.unit { return plan }
        let plan = EdgePlan(configuration.edges, scale: histogram.scale, unit: histogram.unit)
        state.plan = plan
        return plan
    }

    private func summary(of histogram: ExponentialHistogram, _ window: ExponentialHistogram?) -> QuantileSummary {
        let estimates = window?.quantiles(configuration.quantiles) ?? []
        let quantiles = configuration.quantiles.enumerated().map { place, share in
            // Whole nanoseconds: more digits mean nothing and would double the length of the line.
            let seconds = estimates.isEmpty ? Double.nan : estimates[place].estimate.rounded() / 1e9
            return QuantileSummary.Quantile(share, seconds)
        }
        return QuantileSummary(quantiles: quantiles, count: histogram.count, sum: histogram.sumSeconds)
    }

    /// The spans that did not fail, never fewer than written before. A span is counted before its failure is, and
    /// Prometheus takes a counter that falls for a restart of the process.
    private func okCount(of group: Group, _ state: inout State) -> UInt64 {
        let count = group.histogram.count
        var written = group.member.map { state.written[$0] } ?? state.overflow
        // The engine counts less only after `reset()`.
        if count < written.count { written = Written() }
        written.okCount = max(written.okCount, count - min(group.errorCount, count))
        written.count = count
        if let member = group.member { state.written[member] = written } else { state.overflow = written }
        return written.okCount
    }
}

extension SpanMetrics {
    /// The duration histogram and the failures of each operation, for OTLP.
    package static func distributions(of operations: [OperationSnapshot]) -> [Metric] {
        let counted = operations.filter { !$0.histogram.isEmpty }
        guard !counted.isEmpty else { return [] }
        func points(_ value: (OperationSnapshot) -> Metric.Value) -> [Metric.Point] {
            counted.map { .init(value($0), attributes: [Attribute(SpanLabels.operation, .string($0.name))]) }
        }
        var durations = SpanMetricNames.duration.with(points { .exponentialHistogram($0.histogram) })
        durations.kind = .exponentialHistogram
        return [durations, SpanMetricNames.errors.with(points { .count($0.errorCount) })]
    }
}

/// The metrics about spans, without points. Descriptions must not vary: node_exporter drops a family whose HELP differs
/// between files.
private enum SpanMetricNames {
    static let duration = Metric(
        "spankit.span.duration",
        description: "Durations of spans by operation since the start of the process.",
        unit: "s",
        kind: .histogram
    )
    static let quantile = Metric(
        "spankit.span.duration.quantile",
        description:
            "Quantiles of durations by operation: of a process's last minute, or of all spans of a file; sum and count of all.",
        unit: "s",
        kind: .summary
    )
    static let calls = counter("spankit.span.calls", "Spans by operation and status (ok, error).")
    static let errors = counter("spankit.span.errors", "Spans that failed, by operation.")
    static let memory = Metric(
        "spankit.span.memory.delta",
        description: "Sum of the changes of memory in use during the sampled spans, by operation; may go down.",
        unit: "By",
        kind: .sum(isMonotonic: false)
    )
    static let memorySamples = counter(
        "spankit.span.memory.samples",
        "Spans whose change of memory in use was sampled, by operation."
    )
    static let overflow = counter(
        "spankit.span.overflow",
        "Spans counted under the operation __overflow__ because the limit of label sets was reached."
    )
    static let overflowOperations = Metric(
        "spankit.span.overflow.operations",
        description: "Operations that share the operation __overflow__ because the limit of label sets was reached.",
        unit: "{operation}",
        kind: .gauge
    )

    private static func counter(_ name: String, _ description: String) -> Metric {
        Metric(name, description: description, unit: "{span}", kind: .sum(isMonotonic: true))
    }
}

/// The metrics of a percentile engine, in total and for the last minute, for a ``TextfileWriter``.
///
/// ```swift
/// let metrics = EngineMetrics(of: engine)
/// let writer = TextfileWriter(
///     .init(directory: "/var/lib/prometheus/node-exporter", processName: "importer"),
///     log: { print($0) },
///     collect: metrics.metrics
/// )
/// ```
public final class EngineMetrics: Sendable {
    private let window: SlidingWindow
    private let spans: SpanMetrics
    private let text: (@Sendable (String) -> String)?

    /// Creates the metrics of an engine. The window of the last minute is empty at first.
    /// - Parameter text: converts the name of an operation to the value of the label `operation`; by default, that is
    ///   the name. Operations with the same label are counted together.
    public init(
        of engine: PercentileEngine,
        _ configuration: SpanMetrics.Configuration = .init(),
        text: (@Sendable (String) -> String)? = nil
    ) {
        self.text = text
        window = SlidingWindow(of: engine, startingAt: spankit_monotonic_nanoseconds())
        spans = SpanMetrics(configuration)
    }

    /// Returns the current metrics. Call it at least every ten seconds, which is the resolution of the window.
    public func metrics() -> [Metric] {
        // Totals since the start: counters must not fall when the engine's statistics are reset.
        let (lately, total) = window.snapshotAndTotal(at: spankit_monotonic_nanoseconds())
        guard let text else { return spans.metrics(of: total, window: lately) }
        return spans.metrics(of: total.renamed(text), window: lately.renamed(text))
    }
}
