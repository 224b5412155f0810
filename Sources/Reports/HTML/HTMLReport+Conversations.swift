import Percentiles
import Summaries

/// A page for each scenario: what was said, what was found in it, how long it took.
extension HTMLReport {
    func conversations(_ results: Results, _ page: inout HTMLText) {
        page.raw("<section id=\"conversations\"><h2>Conversations</h2>")
        page.table(Self.scenarioListing(results), caption: "The scenarios in the order in which they ran")
        for (anchor, scenario) in results.scenarios { self.scenario(scenario, anchor, &page) }
        page.raw("</section>")
    }

    /// A row for each scenario.
    static func scenarioListing(_ results: Results) -> Listing {
        let isScaled = results.isScaled
        var listing = Listing([
            .init("name", "Scenario", .name), .init("messageCount", "Messages", .count),
            .init("averageNanoseconds", "A message", .duration),
            .init("projectedAverageNanoseconds", "At scale 1", isScaled ? .duration : .detail),
            .init("inputTokens", "Input", .count), .init("outputTokens", "Output", .count),
            .init("findingCount", "Findings", .count), .init("lastPhase", "Ends in", .text),
            .init("heapDeltaBytes", "Heap", .text),
        ])
        for (_, scenario) in results.scenarios {
            let count = UInt64(scenario.messages.count)
            func average(_ value: (ProfilingResults.Message) -> UInt64) -> Listing.Value {
                let sum = scenario.messages.reduce(0.0) { $0 + Double(value($1)) }
                return count == 0 ? .none : .number((sum / Double(count)).rounded())
            }
            let use = ModelUse.total(named: scenario.title, of: scenario.messages)
            let isWhole = scenario.outcome == .completed
            listing.rows.append([
                .text("\(scenario.number). \(scenario.title)", isWhole ? .normal : .bad), Listing.whole(count),
                average(\.durationNanoseconds), average(\.projectedDurationNanoseconds),
                use?.inputTokens.map { Listing.whole($0) } ?? .none,
                use?.outputTokens.map { Listing.whole($0) } ?? .none,
                Listing.whole(scenario.findingCounts.values.reduce(0, +)),
                .text(isWhole ? scenario.messages.last?.phaseAfter ?? "" : scenario.outcome.rawValue),
                scenario.memory.map { .text(Readable.signedBytes(Double($0.deltaBytes))) } ?? .none,
            ])
        }
        return listing
    }

    private func scenario(_ scenario: ProfilingResults.Scenario, _ anchor: String, _ page: inout HTMLText) {
        let time = scenario.messages.reduce(UInt64(0)) { $0 &+ $1.durationNanoseconds }
        page.raw("<details class=\"scenario\" id=\"\(anchor)\"><summary><b>")
        page.text("\(scenario.number). \(scenario.title)")
        page.raw("</b> <span class=\"quiet\">")
        page.text(
            "\(Readable.count(scenario.messages.count, of: "message")) in \(Readable.durationInText(time)) · "
                + Readable.count(scenario.findingCounts.values.reduce(0, +), of: "finding")
        )
        page.raw("</span></summary>")
        if let failure = scenario.failure { page.element("p", failure, "class=\"bad\"") }
        for message in scenario.messages { self.message(message, &page) }
        if !scenario.messages.contains(where: { $0.exchange != nil }) {
            page.element("p", "What was said is not in the results file.", "class=\"quiet\"")
        }
        let operations = scenario.operations.map(\.snapshot)
        if !operations.isEmpty {
            page.table(Self.listing(of: operations), caption: "The costliest operations of this scenario")
        }
        page.raw("</details>")
    }

    private static func listing(of operations: [OperationSnapshot]) -> Listing {
        var listing = Listing([
            .init("name", "Operation", .name), .init("count", "Count", .count),
            .init("p50Nanoseconds", "p50", .duration),
            .init("maximumNanoseconds", "Max", .duration), .init("totalNanoseconds", "Total", .duration),
            .init("share", "Share", .share), .init("bar", "", .bar),
        ])
        let costliest = operations.costliestFirst()
        let whole = costliest.first { $0.name == ConversationSteps.total } ?? costliest.first
        for operation in costliest.prefix(10) {
            let total = Double(operation.histogram.sumNanoseconds)
            let share = whole.map { total / max(1, Double($0.histogram.sumNanoseconds)) } ?? 0
            listing.rows.append([
                .text(operation.name), Listing.whole(operation.histogram.count),
                operation.histogram.quantile(0.5).map { .number($0.estimate) } ?? .none,
                Listing.whole(operation.histogram.maximumNanoseconds), .number(total), .number(share), .number(share),
            ])
        }
        return listing
    }

    private func message(_ message: ProfilingResults.Message, _ page: inout HTMLText) {
        page.raw("<article class=\"exchange\">")
        if let said = message.exchange {
            turn("user", "User, message \(message.index)", said.userMessage, &page)
            findings(said.findings.filter { $0.source == .userMessage }, &page)
            turn("coach", "Coach · " + facts(of: message).joined(separator: " · "), said.answer, &page)
            findings(said.findings.filter { $0.source == .answer }, &page)
        } else {
            page.element(
                "p",
                "Message \(message.index) · " + facts(of: message).joined(separator: " · "),
                "class=\"who\""
            )
            let kinds = message.findings.map(\.words)
            if !kinds.isEmpty { page.element("p", "Found: " + kinds.joined(separator: ", ") + ".", "class=\"quiet\"") }
        }
        let phase =
            message.phaseBefore == message.phaseAfter
            ? "Stays in \(message.phaseAfter)" : "From \(message.phaseBefore) to \(message.phaseAfter)"
        let reason = message.exchange?.phaseReason ?? ""
        page.element("p", reason.isEmpty ? phase + "." : "\(phase): \(reason)", "class=\"phase quiet\"")
        page.raw("</article>")
    }

    private func turn(_ who: String, _ title: String, _ text: String, _ page: inout HTMLText) {
        page.raw("<div class=\"turn \(who)\">")
        page.element("p", title, "class=\"who\"")
        for line in text.split(separator: "\n") { page.element("p", String(line)) }
        page.raw("</div>")
    }

    private func findings(_ findings: [ProfilingResults.Finding], _ page: inout HTMLText) {
        guard !findings.isEmpty else { return }
        page.raw("<ul class=\"findings\">")
        for finding in findings {
            page.raw("<li><b class=\"\(finding.severity.rawValue)\">")
            page.text(finding.kind.words)
            page.raw("</b> ")
            if !finding.excerpt.isEmpty {
                page.element("q", finding.excerpt)
                page.raw(" ")
            }
            page.text(finding.explanation)
            page.raw("</li>")
        }
        page.raw("</ul>")
    }

    /// What the answer took.
    private func facts(of message: ProfilingResults.Message) -> [String] {
        var facts = [Readable.durationInText(message.durationNanoseconds)]
        if isScaled, message.unscaledModelLatencyNanoseconds != nil {
            facts.append("\(Readable.durationInText(message.projectedDurationNanoseconds)) at scale 1")
        }
        if let first = message.timeToFirstTokenNanoseconds {
            facts.append("first token after \(Readable.durationInText(first))")
        }
        func count(_ count: Int) -> String { Readable.count(UInt64(max(0, count))) }
        if let input = message.inputTokens {
            let share = message.cacheReadTokens.flatMap { input > 0 ? Double($0) / Double(input) : nil }
            let cached = share.map { " (\(Readable.percent($0)) from cache)" } ?? ""
            facts.append("\(count(input)) tokens read\(cached)")
        }
        if let output = message.outputTokens { facts.append("\(count(output)) written") }
        if let cost = message.cost { facts.append(ModelUseTable.costs([cost])) }
        return facts
    }
}

extension String {
    /// `activityInsteadOfOutcome` as people write it: `activity instead of outcome`.
    fileprivate var words: String {
        reduce(into: "") { $0 += $1.isUppercase ? " " + $1.lowercased() : String($1) }
    }
}
