import SpanKitSummaries

/// The results of all scenarios as a table for people.
package enum FleetTable {
    package static func text(of results: [FleetResult]) -> String {
        var table = Table(columns: [
            .init("Scenario", .name), .init("Created"), .init("Lost"), .init("Twice"), .init("Requests, outage"),
            .init("after"), .init("Caught up"), .init("Process"), .init("Agents"), .init("Gateway"),
        ])
        for result in results {
            table.add(
                .text(result.scenario.name),
                .text(Readable.count(result.balance.created)),
                .text(Readable.count(result.balance.lostCount), result.balance.lostCount > 0 ? .caution : .normal),
                .text(Readable.count(result.balance.copies)),
                .text("\(Readable.oneDecimal(result.peakDuring))×"),
                .text("\(Readable.oneDecimal(result.peakAfter))×"),
                .text(result.caughtUpAfter.map { "\($0) s" } ?? "not yet"),
                .text(Readable.bytes(Double(result.largestProcessBytes))),
                .text(result.agentSpans > 0 ? Readable.count(result.agentSpans) : ""),
                .text(Readable.bytes(Double(result.gatewayBytes)))
            )
        }
        let style = TerminalStyle(width: 160, widest: 160)
        return (table.lines(style: style) + [""] + results.flatMap(losses)).map { "\($0)\n" }.joined()
    }

    /// What was lost and why, one line for a scenario.
    private static func losses(_ result: FleetResult) -> [String] {
        let lost = result.balance.lost.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        guard !lost.isEmpty else { return ["\(result.scenario.name): nothing lost"] }
        let parts = lost.map { "\(Readable.count($0.value, of: "span")) (\($0.key))" }
        return ["\(result.scenario.name): lost \(parts.joined(separator: ", "))"]
    }
}
