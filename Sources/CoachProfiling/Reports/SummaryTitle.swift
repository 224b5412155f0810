import SpanKitReports

/// How a report is headed: what was measured, how, and whether all of it.
enum SummaryTitle {
    static func title(for merged: MergedResults) -> String {
        merged.sources.count == 1
            ? scenarios(merged.sources[0].options.scenarios.count) : "\(merged.sources.count) runs"
    }

    static func title(for results: ProfilingResults) -> String {
        if results.options.scenarios.count == 1, let only = results.scenarios.first { return only.title }
        return scenarios(results.options.scenarios.count)
    }

    private static func scenarios(_ count: Int) -> String {
        count == 1 ? "1 scenario" : "All \(count) scenarios"
    }

    static func detail(for merged: MergedResults) -> String {
        let models = merged.sources.map { model(of: $0.options) }.uniqued()
        let stopped = merged.sources.count { $0.outcome != .completed }
        let outcome: String
        switch (stopped, merged.sources.count) {
        case (0, _): outcome = ""
        case (_, 1): outcome = merged.sources.first?.outcome.rawValue ?? ""
        default: outcome = "\(stopped) of \(merged.sources.count) incomplete"
        }
        return detail(messageCount: merged.aggregate.messageCount, models: models, outcome: outcome)
    }

    static func detail(for results: ProfilingResults) -> String {
        detail(
            messageCount: results.aggregate.messageCount,
            models: [model(of: results.options)],
            outcome: results.outcome == .completed ? "" : results.outcome.rawValue
        )
    }

    private static func detail(messageCount: Int, models: [String], outcome: String) -> String {
        let messages = "\(messageCount) message\(messageCount == 1 ? "" : "s")"
        return ([messages] + models + [outcome]).filter { !$0.isEmpty }.joined(separator: " · ")
    }

    private static func model(of options: ProfilingResults.Options) -> String {
        guard let scale = options.latencyScale else { return "model \(options.model)" }
        return "offline model at latency scale \(scale)"
    }
}

extension [String] {
    /// Each once, in the order of its first appearance.
    fileprivate func uniqued() -> [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
