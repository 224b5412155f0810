import SpanKitPercentiles
import SpanKitReports
import SpanKitSummaries

/// The section of the HTML report about conversations: texts, findings and times.
struct ConversationsSection: Sendable {
    private let runs: [ProfilingResults]
    private let aggregate: ProfilingResults.Aggregate
    /// Whether a run scaled the offline model's latency.
    private let isScaled: Bool

    /// - Parameter aggregate: The aggregate of all runs.
    init(_ runs: [ProfilingResults], _ aggregate: ProfilingResults.Aggregate) {
        self.runs = runs
        self.aggregate = aggregate
        isScaled = runs.contains { ($0.options.latencyScale ?? 1) != 1 }
    }

    /// The section with its facts, tiles and data.
    var addition: HTMLReport.Addition {
        var addition = HTMLReport.Addition()
        addition.facts = facts
        addition.tiles = tiles
        addition.sections = [("conversations", "Conversations", { conversations(&$0) })]
        addition.data = [("scenarios", scenarioListing.json)]
        return addition
    }

    /// The scenarios of all runs with their HTML anchors.
    private var scenarios: [(anchor: String, scenario: ProfilingResults.Scenario)] {
        runs.enumerated().flatMap { number, run in
            run.scenarios.map { ("run\(number + 1)-scenario\($0.number)", $0) }
        }
    }

    /// The time, the model and the system of a run, or the number of runs.
    private var facts: String? {
        guard let first = runs.first else { return nil }
        if runs.count > 1 { return "\(runs.count) runs of 'spankit profile'" }
        let scale = first.options.latencyScale.map { ", latency at scale \(Listing.plain($0))" } ?? ""
        let outcome = first.outcome == .completed ? "" : " · \(first.outcome.rawValue)"
        return "\(first.createdAt) · model \(first.options.model)\(scale) · \(first.environment.operatingSystem), "
            + "\(Readable.count(first.environment.processorCount, of: "processor")), "
            + "\(first.environment.buildConfiguration) build\(outcome)"
    }

    private var tiles: [HTMLReport.Tile] {
        var tiles: [HTMLReport.Tile] = [(count(aggregate.messageCount), "messages answered", .normal)]
        if let assessment = aggregate.assessment {
            let (figures, how) =
                isScaled
                ? (assessment.projected, "a message, projected to scale 1") : (assessment.measured, "a message")
            let target = Readable.durationInText(assessment.targetNanoseconds)
            tiles += [
                (Readable.durationInText(figures.averageNanoseconds), how, .normal),
                (Readable.durationInText(figures.p95Nanoseconds), "p95 of a message", .normal),
                (
                    "\(figures.messagesWithinTarget) of \(aggregate.messageCount)",
                    "messages below \(target): target \(figures.meetsTarget ? "met" : "missed")",
                    figures.meetsTarget ? .good : .bad
                ),
            ]
        }
        if let largest = aggregate.bottlenecks.first {
            tiles.append((Readable.percent(largest.projectedShare), "of the time in \(largest.operation)", .normal))
        }
        let models = aggregate.calls.groups(by: .model)
        let (input, output) = (models.compactMap(\.inputTokens), models.compactMap(\.outputTokens))
        if !input.isEmpty, !output.isEmpty {
            let written = count(output.reduce(0) { $0.addingSaturating($1) })
            tiles.append(
                (count(input.reduce(0) { $0.addingSaturating($1) }), "tokens read, \(written) written", .normal)
            )
        }
        let costs = models.flatMap(\.costs).summed
        if !costs.isEmpty { tiles.append((ModelCallReport.text(of: costs), "spent on models", .normal)) }
        return tiles
    }

    private func count(_ count: Int) -> String { Readable.count(UInt64(max(0, count))) }

    private func conversations(_ page: inout HTMLText) {
        page.table(scenarioListing, caption: "Scenarios in the order of the run")
        for (anchor, scenario) in scenarios { self.scenario(scenario, anchor, &page) }
    }

    /// A table with one row for each scenario.
    private var scenarioListing: Listing {
        var listing = Listing([
            .init("name", "Scenario", .name), .init("message_count", "Messages", .count),
            .init("average_ns", "A message", .duration),
            .init("projected_average_ns", "At scale 1", .duration, in: isScaled ? .everywhere : .programs),
            .init("input_tokens", "Input", .count), .init("output_tokens", "Output", .count),
            .init("finding_count", "Findings", .count), .init("last_phase", "Ends in", .text),
            .init("heap_delta_bytes", "Heap", .bytes),
        ])
        for (_, scenario) in scenarios {
            let count = UInt64(scenario.messages.count)
            func average(_ value: (ProfilingResults.Message) -> UInt64) -> Listing.Value {
                let sum = scenario.messages.reduce(0.0) { $0 + Double(value($1)) }
                return count == 0 ? .none : .number((sum / Double(count)).rounded())
            }
            let use = ModelCallTotals([scenario]).groups(by: .conversation).first
            let isWhole = scenario.outcome == .completed
            listing.rows.append([
                .text("\(scenario.number). \(scenario.title)", isWhole ? .normal : .bad), Listing.whole(count),
                average(\.durationNanoseconds), average(\.projectedDurationNanoseconds),
                use?.inputTokens.map { Listing.whole($0) } ?? .none,
                use?.outputTokens.map { Listing.whole($0) } ?? .none,
                Listing.whole(scenario.findingCounts.values.reduce(0, +)),
                .text(isWhole ? scenario.messages.last?.phaseAfter ?? "" : scenario.outcome.rawValue),
                Listing.number(scenario.memory?.deltaBytes),
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
            page.element("p", "The results file does not contain the texts.", "class=\"quiet\"")
        }
        let operations = scenario.operations.map(\.snapshot)
        if !operations.isEmpty {
            let totals = ConversationSteps.totals(of: operations, messageCount: scenario.messages.count)
            page.table(
                TopReport(totals, limit: OperationSummary.rows).listing,
                caption: "Costliest operations of this scenario"
            )
        }
        page.raw("</details>")
    }

    private func message(_ message: ProfilingResults.Message, _ page: inout HTMLText) {
        page.raw("<article class=\"exchange\">")
        if let said = message.exchange {
            turn("user", "User, message \(message.index)", said.userMessage, &page)
            findings(said.findings.filter { $0.source == .userMessage }, &page)
            turn("reply", "Coach · " + facts(of: message).joined(separator: " · "), said.answer, &page)
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

    /// The time, the tokens and the cost of an answer.
    private func facts(of message: ProfilingResults.Message) -> [String] {
        var facts = [Readable.durationInText(message.durationNanoseconds)]
        if isScaled, message.unscaledModelLatencyNanoseconds != nil {
            facts.append("\(Readable.durationInText(message.projectedDurationNanoseconds)) at scale 1")
        }
        if let first = message.timeToFirstTokenNanoseconds {
            facts.append("first token after \(Readable.durationInText(first))")
        }
        if let input = message.inputTokens {
            let share = message.cacheReadTokens.flatMap { input > 0 ? Double($0) / Double(input) : nil }
            let cached = share.map { " (\(Readable.percent($0)) from cache)" } ?? ""
            facts.append("\(count(input)) tokens read\(cached)")
        }
        if let output = message.outputTokens { facts.append("\(count(output)) written") }
        if let cost = message.cost { facts.append(ModelCallReport.text(of: [cost])) }
        return facts
    }
}

extension String {
    /// The words of a name: `activity instead of outcome` for `activityInsteadOfOutcome`.
    fileprivate var words: String {
        reduce(into: "") { $0 += $1.isUppercase ? " " + $1.lowercased() : String($1) }
    }
}
