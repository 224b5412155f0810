import SpanKitPlatform
import SpanKitSummaries

/// The failures of traces, the most frequent cause first.
package struct FailureReport: Sendable {
    private let groups: FailureGroups
    private let names: NameTable
    private let sorted: [FailureGroups.Group]
    private let limit: Int

    /// - Parameter limit: The maximum number of groups.
    package init(_ groups: FailureGroups, names: NameTable, limit: Int) {
        self.groups = groups
        self.names = names
        self.limit = max(1, limit)
        sorted = groups.sorted(names: names)
    }

    private func share(_ group: FailureGroups.Group) -> Double {
        Double(group.count) / Double(max(1, groups.runs(of: group)))
    }

    /// A row for each group.
    package var listing: Listing {
        let operation: [Listing.Field<FailureGroups.Group>] =
            Listing.Field.service(isShown: groups.hasServices) { names[$0.key.service] }
            + [.init("name", "Operation", .name) { .text(names[$0.key.name], .bad) }]
        let facts: [Listing.Field<FailureGroups.Group>] = [
            .init("error_type", "Type", .text) { Listing.text($0.key.cause.errorType?.text) },
            .init("message", "Message", .text) { Listing.text($0.key.cause.message?.text) },
            .init("count", "Count", .count) { Listing.whole($0.count) },
            .init("run_count", "Of runs", .count) { Listing.whole(groups.runs(of: $0)) },
            .init("run_fraction", "Share", .share) { .number(share($0)) },
            .init("first_unix_ns", "First", .moment) { Listing.number($0.first) },
            .init("last_unix_ns", "Last", .moment) { Listing.number($0.last) },
            .init("trace_id", "Trace", .text) { .text("\($0.traceID)") },
            .init("span_id", "Span", .text) { .text($0.spanID.hexadecimalDigits) },
        ]
        return Listing(sorted, limit: limit, operation + facts)
    }

    /// The most frequent causes, up to the limit: the operation, the type and the message, and how often it occurred.
    package var causes: [(operation: String, text: String, count: Int)] {
        sorted.prefix(limit).map { (names[$0.key.name], $0.key.cause.text ?? FailureCause.unknown, $0.count) }
    }

    /// The machine-readable report.
    package var document: ReportDocument {
        ReportDocument(
            .errors,
            facts: [
                ("failure_count", .count(groups.count)), ("failed_trace_count", .count(groups.failedTraceCount)),
                ("trace_count", .count(groups.traceCount)),
                ("ungrouped_failure_count", .count(groups.ungroupedCount)),
            ],
            listing
        )
    }

    /// The report for a terminal.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard !sorted.isEmpty else {
            page.paragraph("No errors.", role: .quiet)
            return page.text
        }
        let shown = sorted.prefix(limit)
        let causes = Readable.count(sorted.count, of: "cause")
        page.heading(
            "Errors",
            "\(Readable.count(groups.count, of: "failure")) · "
                + (shown.count < sorted.count ? "\(Readable.count(shown.count)) of \(causes)" : causes)
                + " · in \(Readable.count(groups.failedTraceCount)) of \(Readable.count(groups.traceCount, of: "trace"))"
        )
        page.lines(lines(shown, style))
        return page.text
    }

    /// A row for each group: the complete cause, the count and the share. The operation, the time and the trace are on
    /// the lines below.
    private func lines(_ shown: ArraySlice<FailureGroups.Group>, _ style: TerminalStyle) -> [String] {
        let counts = shown.map { Readable.count($0.count) }
        let shares = shown.map { Readable.percent(share($0)) }
        let causes = shown.map { style.printable($0.key.cause.text ?? FailureCause.unknown) }
        let countWidth = max(5, counts.map(displayWidth).max() ?? 0)
        let shareWidth = max(5, shares.map(displayWidth).max() ?? 0)
        let numberWidth = countWidth + shareWidth + 4
        let causeWidth = min(max(5, causes.map(displayWidth).max() ?? 0), style.width - numberWidth)
        func row(_ cause: String, _ count: String, _ share: String, _ role: TerminalStyle.Role) -> String {
            style.paint(cause, role) + String(repeating: " ", count: max(0, causeWidth - displayWidth(cause)))
                + style.paint(
                    "  " + padLeft(count, countWidth) + "  " + padLeft(share, shareWidth),
                    role == .quiet ? .quiet : .normal
                )
        }
        var lines = [
            row("Cause", "Count", "Share", .quiet),
            style.paint(String(repeating: style.usesUnicode ? "─" : "-", count: causeWidth + numberWidth), .quiet),
        ]
        for (place, group) in shown.enumerated() {
            let parts = wrappedWhole(causes[place], to: causeWidth)
            lines.append(row(parts.first ?? "", counts[place], shares[place], .bad))
            lines += parts.dropFirst().map { style.paint($0, .bad) }
            lines += facts(group, style).map { style.paint("  " + $0, .quiet) }
        }
        return lines
    }

    /// The operation, the time and the trace of a group, on as many lines as they need.
    private func facts(_ group: FailureGroups.Group, _ style: TerminalStyle) -> [String] {
        let service = groups.hasServices ? " (\(OperationKey.text(ofService: names[group.key.service])))" : ""
        var facts = ["\(names[group.key.name])\(service), \(Readable.count(groups.runs(of: group), of: "run"))"]
        if let first = group.first, let last = group.last { facts.append(Readable.period(first, last, in: style.zone)) }
        facts.append("trace \(group.traceID)")
        var lines: [String] = []
        for fact in facts.map(style.printable) {
            if let last = lines.last, displayWidth(last) + 3 + displayWidth(fact) <= style.width - 2 {
                lines[lines.count - 1] = last + style.printable(" · ") + fact
            } else {
                lines += wrappedWhole(fact, to: style.width - 2)
            }
        }
        return lines
    }
}

/// Wraps a text at blanks. A word that is longer than a line continues on the next one.
func wrappedWhole(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var current = ""
    var used = 0
    for word in text.split(separator: " ") {
        let wordWidth = displayWidth(word)
        if used > 0, used + 1 + wordWidth <= width {
            current += " " + word
            used += 1 + wordWidth
            continue
        }
        if used > 0 { lines.append(current) }
        (current, used) = ("", 0)
        for character in word {
            let step = displayWidth(String(character))
            if used + step > width, used > 0 {
                lines.append(current)
                (current, used) = ("", 0)
            }
            current.append(character)
            used += step
        }
    }
    return used > 0 ? lines + [current] : lines
}
