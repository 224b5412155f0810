import Percentiles
import Platform

/// Turns what the percentile engine counted into Prometheus families.
///
/// ```swift
/// let metrics = SpanMetrics()
/// let families = metrics.families(of: engine.snapshot(), window: window.snapshot(at: now))
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
        var members: [[MetricLabel]: Written] = [:]
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
        var labels: [MetricLabel]
        var histogram: ExponentialHistogram
        var errorCount: UInt64
        var isOverflow: Bool
    }

    /// Metrics of one engine.
    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration.checked
        labels = SpanLabels(self.configuration)
    }

    /// The families now.
    /// - Parameters:
    ///   - snapshots: everything since the start, as ``PercentileEngine/snapshot()`` has it.
    ///   - window: what ran lately, as ``SlidingWindow/snapshot(at:)`` has it.
    public func families(of snapshots: [OperationSnapshot], window: [OperationSnapshot] = []) -> [MetricFamily] {
        families(of: snapshots.map { SpanSeries($0) }, window: window.map { SpanSeries($0) })
    }

    /// The families now, of series that carry a kind and attributes.
    ///
    /// The series have to come from one engine: those that cannot be merged into one overflow series are left out.
    public func families(of series: [SpanSeries], window: [SpanSeries] = []) -> [MetricFamily] {
        state.withLock { state in
            let (groups, overflowed) = group(series, &state)
            let (lately, _) = group(window, &state)
            return makeFamilies(groups, lately, overflowed: overflowed, &state)
        }
    }

    // MARK: Grouping

    private func group(_ series: [SpanSeries], _ state: inout State) -> (groups: [Group], overflowed: Int) {
        var groups: [Group] = []
        var places: [[MetricLabel]: Int] = [:]
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

    // MARK: Families

    private func makeFamilies(
        _ groups: [Group],
        _ window: [Group],
        overflowed: Int,
        _ state: inout State
    ) -> [MetricFamily] {
        var lately: [[MetricLabel]: ExponentialHistogram] = [:]
        for group in window { lately[group.labels] = group.histogram }
        var durations: [Metric] = []
        var quantiles: [Metric] = []
        var calls: [Metric] = []
        var errors: [Metric] = []
        var memory: [Metric] = []
        var memorySamples: [Metric] = []
        var overflowRuns: UInt64 = 0
        for group in groups {
            let histogram = group.histogram
            let plan = plan(for: histogram, &state)
            durations.append(Metric(labels: group.labels, .histogram(ClassicHistogram(histogram, plan: plan))))
            quantiles.append(Metric(labels: group.labels, .summary(summary(of: histogram, lately[group.labels]))))
            let ok = okCount(of: group, &state)
            calls.append(Metric(labels: group.labels + [MetricLabel(SpanLabels.status, "ok")], Double(ok)))
            calls.append(
                Metric(labels: group.labels + [MetricLabel(SpanLabels.status, "error")], Double(group.errorCount))
            )
            errors.append(Metric(labels: group.labels, Double(group.errorCount)))
            if histogram.memoryCount > 0 {
                memory.append(Metric(labels: group.labels, Double(histogram.memorySumBytes)))
                memorySamples.append(Metric(labels: group.labels, Double(histogram.memoryCount)))
            }
            if group.isOverflow { overflowRuns = histogram.count }
        }
        let constants = configuration.constantLabels
        return [
            SpanMetricNames.duration.family(durations), SpanMetricNames.quantile.family(quantiles),
            SpanMetricNames.calls.family(calls), SpanMetricNames.errors.family(errors),
            SpanMetricNames.memory.family(memory), SpanMetricNames.memorySamples.family(memorySamples),
            SpanMetricNames.overflow.family([Metric(labels: constants, Double(overflowRuns))]),
            SpanMetricNames.overflowOperations.family([Metric(labels: constants, Double(overflowed))]),
        ].filter { !$0.metrics.isEmpty }
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
