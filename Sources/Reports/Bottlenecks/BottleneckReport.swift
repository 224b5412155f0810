import SpanKitPercentiles
import SpanKitSummaries

/// The report of a ``BottleneckAnalysis`` for a terminal or as Markdown.
package struct BottleneckReport: Sendable {
    let analysis: BottleneckAnalysis
    let limit: Int

    /// - Parameter limit: The maximum number of rows.
    package init(_ analysis: BottleneckAnalysis, limit: Int = 20) {
        self.analysis = analysis
        self.limit = max(1, limit)
    }

    private var perConversation: Double { Double(max(1, analysis.conversationCount)) }

    /// A row for each finding.
    package var listing: Listing { listing(of: analysis.findings) }

    private func listing(of findings: [BottleneckAnalysis.Finding]) -> Listing {
        typealias Finding = BottleneckAnalysis.Finding
        let count = perConversation
        let shown = findings.prefix(limit)
        let knowsP99 = shown.contains { $0.operation.variability != nil }
        var fields: [Listing.Field<Finding>] = Listing.Field.service(isShown: analysis.hasServices) {
            $0.operation.key.service?.text
        }
        fields += [
            .init("name", "Operation", .name) { .text($0.operation.name) },
            .init("category", "Category", .text, priority: 4) { .text($0.operation.category.rawValue) },
            .init("impact_ns_per_unit", "Impact", .duration) { .number($0.operation.impactNanoseconds / count) },
            .init("share_fraction", "Share", .share) { .number($0.operation.share) },
        ]
        fields.append(
            .init("critical_ns_per_unit", "On path", .duration, priority: 4, in: isOfTraces ? .everywhere : .programs) {
                Listing.number($0.operation.criticalNanoseconds.map { $0 / count })
            }
        )
        fields.append(
            .init("measured_fraction", "Measured", .share, priority: 4, in: isProjected ? .everywhere : .programs) {
                Listing.number($0.operation.measured?.share)
            }
        )
        fields += [
            .init("calls_per_unit", "Calls", .decimal, priority: 3) { .number($0.operation.callsPerConversation) },
            .init("p95_to_p50_ratio", "p95/p50", .ratio, priority: knowsP99 ? 7 : 5) {
                Listing.number($0.operation.spread)
            },
            .init("p99_to_p50_ratio", "p99/p50", .ratio, priority: knowsP99 ? 5 : 7) {
                Listing.number($0.operation.variability)
            },
            .init("memory_delta_bytes", "Memory", .bytes, priority: 9) {
                Listing.number($0.operation.averageMemoryDeltaBytes)
            },
            .init("shape", "Shape", .text, priority: 6) {
                .text($0.operation.shape.rawValue, $0.operation.shape == .unknown ? .quiet : .normal)
            },
        ]
        fields += [
            .init("effort", "Effort", .text, priority: 1) { Listing.text($0.advice.first?.rule.effort.title) },
            .init("gain_ns_per_unit", "Gain", .duration, priority: 2) {
                Listing.number($0.advice.first.map { $0.gain / count })
            },
            .init("rule", "Rule", .text, priority: 8) { Listing.text($0.advice.first?.rule.rawValue) },
            .init("evidence", "", .text, in: .programs) { finding in
                Listing.text(finding.advice.first?.rule.evidence(finding.operation))
            },
            .init("advice", "", .text, in: .programs) { finding in
                Listing.text(finding.advice.first?.rule.change(finding.operation))
            },
            .init("assumption", "", .text, in: .programs) { finding in
                Listing.text(finding.advice.first?.rule.assumption(finding.operation))
            },
            .init("example_trace_id", "", .text, in: .programs) { finding in
                Listing.text((finding.advice.first?.rule.example(finding.operation)).map { "\($0)" })
            },
        ]
        return Listing(findings, limit: limit, fields)
    }

    /// The machine-readable report. Times and calls are per unit. A unit is a trace or, for results files, a message.
    package var document: ReportDocument {
        func perUnit(_ nanoseconds: Double) -> JSONText { .count(wholeNanoseconds(nanoseconds / perConversation)) }
        let advice = analysis.advice(limit: limit).map { operation, rule, gain in
            JSONText.object([
                ("operation", .string(operation.name)), ("service", .text(operation.key.service?.text)),
                ("rule", .string(rule.rawValue)),
                ("effort", .string(rule.effort.title)), ("gain_ns_per_unit", perUnit(gain)),
                ("evidence", .text(rule.evidence(operation))), ("change", .string(rule.change(operation))),
                ("assumption", .text(rule.assumption(operation))),
                ("trace_id", .text(rule.example(operation).map { "\($0)" })),
            ])
        }
        return ReportDocument(
            .analyze,
            facts: [
                ("sources", .list(analysis.sources.map { .string($0) })),
                ("unit", .string(analysis.conversationNoun)), ("unit_count", .count(analysis.conversationCount)),
                ("untimed_unit_count", .count(analysis.untimedCount)),
                ("ns_per_unit", perUnit(analysis.totalNanoseconds)), ("advice", .list(advice)),
            ],
            // The text sums up the operations that take very little time; programs get all of them.
            listing(of: analysis.findings + analysis.others.map { .init(operation: $0, advice: []) })
        )
    }

    /// Whether critical paths are known.
    private var isOfTraces: Bool { analysis.findings.contains { $0.operation.criticalNanoseconds != nil } }

    private var isProjected: Bool { analysis.findings.prefix(limit).contains { $0.operation.measured != nil } }

    private var nothing: String {
        analysis.others.isEmpty ? "No operation was recorded." : "No operation takes time."
    }

    private var facts: String {
        let average = Readable.durationInText(wholeNanoseconds(analysis.totalNanoseconds / perConversation))
        return "\(Readable.count(analysis.conversationCount, of: analysis.conversationNoun)), \(average) on average"
    }

    /// For each piece of advice: the measurement, the change, its gain and assumption, and a trace to look at.
    var advice: [(lead: String, text: String)] {
        analysis.advice(limit: limit).map { operation, rule, gain in
            var parts = [rule.strategy(operation)]
            if gain > 0 {
                let time = Readable.durationInText(wholeNanoseconds(gain / perConversation))
                let assumption = rule.assumption(operation).map { " if \($0)" } ?? ""
                parts.append("saves up to \(time) per \(analysis.conversationNoun)\(assumption)")
            }
            parts.append("\(rule.effort.title) effort")
            // Enough of the id for `spankit tree --trace`.
            if let trace = rule.example(operation) { parts.append("see trace \("\(trace)".prefix(12))") }
            return (operation.key.title(withService: analysis.hasServices), parts.joined(separator: "; "))
        }
    }

    /// Notes on the numbers in the table.
    /// - Parameter shows: Whether a column is shown.
    func notes(_ shows: (String) -> Bool = { _ in true }) -> [String] {
        var notes = [
            isOfTraces
                ? "Impact is how much shorter a trace would be if the operation took no time of its own. Gains are estimates by the "
                    + "rules in docs/analyzing-traces.md; they do not add up."
                : "Impact is self time, without children. Gains are estimates by the rules in docs/analyzing-traces.md; they do "
                    + "not add up."
        ]
        let operations = analysis.findings.prefix(limit).map(\.operation)
        let ratios = [
            ("p95/p50", DistributionShape.fewest, operations.count { $0.spread == nil }),
            ("p99/p50", OperationStatistics.fewestForP99, operations.count { $0.variability == nil }),
        ]
        for (column, fewest, few) in ratios where few > 0 && shows(column) {
            notes.append(
                "\(column) is – for \(Readable.count(few, of: "operation")) with too few runs (fewer than \(fewest))."
            )
        }
        if let others { notes.append(others) }
        return notes + analysis.limits + analysis.background.notes
    }

    /// A sentence about the operations that are not in the table.
    private var others: String? {
        let hidden = analysis.others + analysis.findings.dropFirst(limit).map(\.operation)
        let sum = hidden.reduce(0) { $0 + $1.share }
        guard sum > 0 else { return nil }
        let share = Readable.percent(sum)
        return Readable.count(hidden.count, of: "more operation", "takes \(share).", "take \(share) together.")
    }

    /// A sentence about the effect of only the first piece of advice.
    private var outlook: String? {
        guard let (target, average) = analysis.background.goal, let best = analysis.findings.first?.advice.first,
            best.gain > 0
        else { return nil }
        let then = average - min(average, wholeNanoseconds(best.gain / perConversation))
        return
            "The first item alone would shorten a \(analysis.conversationNoun) from \(Readable.durationInText(average)) to about "
            + "\(Readable.durationInText(then)), \(then < target ? "below" : "which is still not below") the target of "
            + "\(Readable.durationInText(target))."
    }

    // MARK: Terminal

    /// The report for a terminal.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !analysis.findings.isEmpty else {
            page.paragraph(nothing, role: .quiet)
            for line in analysis.limits { page.paragraph(line, role: .quiet) }
            return page.text
        }
        append(to: &page)
        if let verdict = analysis.background.verdict { page.paragraph(verdict) }
        return page.text
    }

    /// Appends the report to a page, unless nothing was recorded.
    package func append(to page: inout ReportPage) {
        guard !analysis.findings.isEmpty else { return }
        page.heading("Bottlenecks by gain for effort", facts)
        let table = listing.table
        page.table(table)
        for note in notes({ table.shows($0, style: page.style) }) { page.paragraph(note, role: .quiet) }
        if !advice.isEmpty {
            page.heading("What to do first")
            for (number, advice) in advice.prefix(8).enumerated() {
                page.paragraph(
                    "\(advice.lead): \(advice.text).",
                    lead: number < 9 ? " \(number + 1). " : "\(number + 1). "
                )
            }
            if let outlook { page.paragraph(outlook) }
        }
        for (title, rows, about) in analysis.background.tables {
            page.heading(title)
            page.table(rows.table)
            page.paragraph(about, role: .quiet)
        }
    }

    // MARK: Markdown

    /// The report as Markdown.
    package var markdown: String {
        var text = "# Bottleneck analysis\n\n"
        text += "Runs: \(analysis.sources.map(\.codeInMarkdown).joined(separator: ", ")). \(facts).\n\n"
        guard !analysis.findings.isEmpty else {
            return ([text + nothing + "\n"] + analysis.limits.map { $0 + "\n" }).joined(separator: "\n")
        }
        for line in [analysis.background.verdict].compactMap({ $0 }) + analysis.limits + analysis.background.notes {
            text += line + "\n\n"
        }
        text += "## Bottlenecks by gain for effort\n\n" + listing.markdown + "\n"
        if let others { text += others + "\n\n" }
        text += legend
        if !advice.isEmpty {
            text += "\n## What to do\n\n"
            for (number, advice) in advice.enumerated() {
                text += "\(number + 1). \(advice.lead.codeInMarkdown): \(advice.text.escapedForMarkdown).\n"
            }
            if let outlook { text += "\n" + outlook + "\n" }
        }
        text += "\n## By category\n\n"
        let all = analysis.findings.map(\.operation) + analysis.others
        for category in WorkCategory.allCases {
            let parts = all.filter { $0.category == category }.sorted { $0.impactNanoseconds > $1.impactNanoseconds }
            guard !parts.isEmpty else { continue }
            let share = parts.reduce(0) { $0 + $1.share }
            text +=
                "- **\(category.rawValue)**, \(Readable.percent(share)): "
                + parts.map { $0.key.title(withService: analysis.hasServices).codeInMarkdown }.joined(separator: ", ")
                + "\n"
        }
        for (title, rows, about) in analysis.background.tables {
            text += "\n## \(title)\n\n\(about)\n\n" + rows.markdown
        }
        return text
    }

    private var impactLegend: String {
        let noun = analysis.conversationNoun
        guard isOfTraces else {
            return
                "- **Impact**: self time per \(noun), without the operations within it. **Share**: the part of all time"
                + (isProjected ? "; **measured**: the share before the projection." : ".")
        }
        return
            "- **Impact**: how much shorter a \(noun) would be if the operation took no time of its own. **Share**: the same as a "
            + "part of the duration.\n- **On path**: time on the critical path. It is longer than the impact if other operations "
            + "run at the same time."
    }

    /// The explanation of the table's columns.
    private var legend: String {
        """
        \(impactLegend)
        - **Calls**: runs per \(analysis.conversationNoun).
        - **p95/p50**, **p99/p50**: how much longer slow runs take than typical ones; – if there are fewer than \
        \(DistributionShape.fewest) or \(OperationStatistics.fewestForP99) runs.
        - **Memory**: the average change of the process's heap during a run, including other threads.
        - **Shape**: constant (p99 below 1.5 times p50), spread, bimodal (two kinds of runs), heavy tail (p99 at least five times p50).
        - **Gain**: an estimate of what the advice can save, if its assumption is right; gains do not add up. **Effort**: low is 1, medium 2, high 4; \
        the rows are ordered by gain divided by effort.
        - **Rule**: the rule behind the advice below; SpanKit's docs/analyzing-traces.md lists all rules.

        """
    }
}
