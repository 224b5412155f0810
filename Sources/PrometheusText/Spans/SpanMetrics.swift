import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// Turns what the percentile engine counted into metrics for the text format.
///
/// ```swift
/// let metrics = SpanMetrics()
/// let now = metrics.metrics(of: engine.snapshot(), window: window.snapshot(at: now))
/// ```
/// | Family | Type | What |
/// |---|---|---|
/// | `spankit_span_duration_seconds` | histogram | all durations since the start, at ``HistogramEdges`` |
/// | `spankit_span_duration_quantile_seconds` | summary | quantiles of the last minute; sum and count since the start |
/// | `spankit_span_calls_total` | counter | runs by `status`: `ok` or `error` |
/// | `spankit_span_errors_total` | counter | runs that failed |
/// | `spankit_span_memory_delta_bytes` | gauge | the sum of all memory deltas, which may go down |
/// | `spankit_span_memory_samples_total` | counter | how many runs had one |
/// | `spankit_span_overflow_total` | counter | runs counted under `operation="__overflow__"` |
/// | `spankit_span_overflow_operations` | gauge | how many operations share that name |
///
/// Aggregate over processes with the histogram; quantiles cannot be averaged. They are a summary because
/// `promtool check metrics` refuses the label `quantile` on gauges; to a query they are the same.
///
/// One value serves one engine for as long as it counts, since it remembers who came first. Any thread may call it.
public final class SpanMetrics: Sendable {
    /// What is written.
    public let configuration: Configuration
    private let labels: SpanLabels
    private let state = Locked(State())

    private struct State {
        /// Those that have a place of their own, with what was written of them last.
        var members: [[Attribute]: Written] = [:]
        var overflow = Written()
        var plan: EdgePlan?
    }

    /// What a counter may not fall below.
    private struct Written {
        var count: UInt64 = 0
        var okCount: UInt64 = 0
    }

    /// All that goes under one set of labels.
    private struct Group {
        var labels: [Attribute]
        var histogram: ExponentialHistogram
        var errorCount: UInt64
        var isOverflow: Bool
    }

    /// Metrics of one engine.
    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration.checked
        labels = SpanLabels(self.configuration)
    }

    /// The metrics now.
    /// - Parameters:
    ///   - snapshots: everything since the start, as ``PercentileEngine/snapshot()`` has it.
    ///   - window: what ran lately, as ``SlidingWindow/snapshot(at:)`` has it.
    public func metrics(of snapshots: [OperationSnapshot], window: [OperationSnapshot] = []) -> [Metric] {
        metrics(of: snapshots.map { SpanSeries($0) }, window: window.map { SpanSeries($0) })
    }

    /// The metrics now, of series that carry attributes.
    ///
    /// The series have to come from one engine: those that cannot be merged into one overflow series are left out.
    public func metrics(of series: [SpanSeries], window: [SpanSeries] = []) -> [Metric] {
        state.withLock { state in
            let (groups, overflowed) = group(series, &state)
            let (lately, _) = group(window, &state)
            return makeMetrics(groups, lately, overflowed: overflowed, &state)
        }
    }

    // MARK: Grouping

    private func group(_ series: [SpanSeries], _ state: inout State) -> (groups: [Group], overflowed: Int) {
        var groups: [Group] = []
        var places: [[Attribute]: Int] = [:]
        var overflowed = 0
        for one in series {
            var key = labels.labels(of: one)
            var isOverflow = one.snapshot.name == OperationSnapshot.overflowName
            if !isOverflow, state.members[key] == nil {
                if state.members.count < configuration.maximumLabelSets {
                    state.members[key] = Written()
                } else {
                    isOverflow = true
                    overflowed += 1
                }
            }
            if isOverflow { key = labels.overflow }
            if let place = places[key] {
                guard (try? groups[place].histogram.merge(one.snapshot.histogram)) != nil else { continue }
                groups[place].errorCount &+= one.snapshot.errorCount
            } else {
                places[key] = groups.count
                groups.append(
                    Group(
                        labels: key,
                        histogram: one.snapshot.histogram,
                        errorCount: one.snapshot.errorCount,
                        isOverflow: isOverflow
                    )
                )
            }
        }
        return (groups, overflowed)
    }

    // MARK: Metrics

    private func makeMetrics(
        _ groups: [Group],
        _ window: [Group],
        overflowed: Int,
        _ state: inout State
    ) -> [Metric] {
        var lately: [[Attribute]: ExponentialHistogram] = [:]
        for group in window { lately[group.labels] = group.histogram }
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
            durations.append(point(.histogram(ClassicHistogram(histogram, plan: plan))))
            quantiles.append(point(.summary(summary(of: histogram, lately[group.labels]))))
            calls.append(point(.count(okCount(of: group, &state)), Attribute(SpanLabels.status, "ok")))
            calls.append(point(.count(group.errorCount), Attribute(SpanLabels.status, "error")))
            errors.append(point(.count(group.errorCount)))
            if histogram.memoryCount > 0 {
                memory.append(point(.int(histogram.memorySumBytes)))
                memorySamples.append(point(.count(histogram.memoryCount)))
            }
            if group.isOverflow { overflowRuns = histogram.count }
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
            // Whole nanoseconds: the digits beyond say nothing and would double the length of the line.
            let seconds = estimates.isEmpty ? Double.nan : estimates[place].estimate.rounded() / 1e9
            return QuantileSummary.Quantile(share, seconds)
        }
        return QuantileSummary(quantiles: quantiles, count: histogram.count, sum: histogram.sumSeconds)
    }

    /// Runs that did not fail, never less than written before: a run is counted before its failure is, and a counter
    /// that falls by one means to Prometheus that the process began anew.
    private func okCount(of group: Group, _ state: inout State) -> UInt64 {
        let count = group.histogram.count
        var written = group.isOverflow ? state.overflow : state.members[group.labels] ?? Written()
        // Only `reset()` makes the engine count less.
        if count < written.count { written = Written() }
        written.okCount = max(written.okCount, count - min(group.errorCount, count))
        written.count = count
        if group.isOverflow { state.overflow = written } else { state.members[group.labels] = written }
        return written.okCount
    }
}

extension SpanMetrics {
    /// The distribution and the failures of each operation, for OTLP.
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
