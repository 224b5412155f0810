import SpanKitPlatform
import SpanKitRecording
import SpanKitSummaries

/// One trace as a waterfall: the call tree with start times and durations.
package struct TreeReport: Sendable {
    let trace: Trace
    let names: NameTable
    let limit: Int
    /// Whether details are shown on separate lines.
    let isFull: Bool

    /// - Parameters:
    ///   - limit: The maximum number of spans. The longest ones are shown, with their ancestors.
    ///   - isFull: Whether the spans were read with all their details.
    package init(_ trace: Trace, names: NameTable, limit: Int = 200, isFull: Bool = false) {
        self.isFull = isFull
        self.trace = trace
        self.names = names
        self.limit = max(1, limit)
    }

    /// A line of the tree: a span, or a log record of the span.
    struct Line {
        var place: Int
        var lead: String
        var log: TraceLog?
    }

    /// The indices of the spans that are shown; `nil` for all.
    var shown: Set<Int>? { trace.longestSpans(limit) }

    private static let deepestGuide = 24

    private func lines(_ style: TerminalStyle) -> [Line] {
        let shown = shown
        var lines: [Line] = []
        func visible(_ children: some Sequence<Int>) -> [Int] {
            children.filter { shown?.contains($0) ?? true }
        }
        let (branch, last, through) = style.usesUnicode ? ("├ ", "└ ", "│ ") : ("|-", "`-", "| ")
        var stack = visible(trace.roots).reversed().map { (line: Line(place: $0, lead: ""), inner: "", depth: 0) }
        while let next = stack.popLast() {
            lines.append(next.line)
            guard next.line.log == nil else { continue }
            let children = visible(trace.children(of: next.line.place))
            for item in items(of: next.line.place, children).reversed() {
                guard let child = item.child else {
                    let lead = next.inner + (item.isBelowLastChild || next.depth >= Self.deepestGuide ? "" : through)
                    stack.append((Line(place: next.line.place, lead: lead, log: item.log), "", next.depth + 1))
                    continue
                }
                let isLast = child == children.last
                // Guides of deeper levels would leave no space for the names.
                let isDeep = next.depth >= Self.deepestGuide
                let lead = isDeep ? next.inner : next.inner + (isLast ? last : branch)
                let inner = isDeep ? next.inner : next.inner + (isLast ? "  " : through)
                stack.append((Line(place: child, lead: lead), inner, next.depth + 1))
            }
        }
        return lines
    }

    /// The report for a terminal.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard let root = trace.mainRoot else {
            page.paragraph("No spans.", role: .quiet)
            return page.text
        }
        let services = Set(trace.spans.map(\.service))
        let shownCount = shown?.count ?? trace.spans.count
        let isCut = shownCount < trace.spans.count
        var facts = [
            (isCut ? "\(Readable.count(shownCount)) of " : "") + Readable.count(trace.spans.count, of: "span"),
            trace.timedDuration.map(Readable.durationInText) ?? "no start or end",
        ]
        if trace.hasTimes { facts.insert(Readable.moment(trace.start, in: style.zone), at: 0) }
        if trace.errorCount > 0 { facts.append(Readable.count(trace.errorCount, of: "error")) }
        let named = services.map { ByteText(names[$0]) }.sorted().map { OperationKey.text(ofService: $0.text) }
        if services.count > 1 || names[services.first ?? NameTable.none] != "" {
            facts.append(named.joined(separator: ", "))
        }
        page.heading(names[trace.spans[root].name], "trace \(trace.id) · " + facts.joined(separator: " · "))
        page.lines(waterfall(style, tellsServices: services.count > 1))
        page.lines(linesOutsideSpans(style))
        if trace.hasParts { page.paragraph(partLegend(style), role: .quiet) }
        if let sentence = leftOutLogs { page.paragraph(sentence, role: .quiet) }
        if isCut {
            let left = trace.spans.count - shownCount
            let spans = Readable.count(left, of: "shorter span")
            page.paragraph("\(spans) \(left == 1 ? "is" : "are") not shown.", role: .quiet)
        }
        if trace.orphanCount > 0 {
            let spans = Readable.count(trace.orphanCount, of: "span")
            let isOne = trace.orphanCount == 1
            page.paragraph(
                "\(spans) \(isOne ? "is shown as a root because its parent is" : "are shown as roots because their parents are") missing.",
                role: .quiet
            )
        }
        return page.text
    }

    private func waterfall(_ style: TerminalStyle, tellsServices: Bool) -> [String] {
        let selfTimes = trace.selfTimes()
        let whole = Double(max(1, trace.duration))
        let lines = lines(style)
        let labels = lines.map { line in
            line.log != nil
                ? ""
                : line.lead + style.printable(names[trace.spans[line.place].name])
                    + (tellsServices
                        ? " (\(style.printable(OperationKey.text(ofService: names[trace.spans[line.place].service]))))"
                        : "")
        }
        let durations = lines.map { line in
            line.log != nil
                ? "" : trace.spans[line.place].hasTimes ? Readable.duration(trace.spans[line.place].duration) : "–"
        }
        let own = lines.map {
            $0.log != nil ? "" : trace.spans[$0.place].hasTimes ? Readable.duration(selfTimes[$0.place]) : "–"
        }
        let starts = lines.map { line in
            let span = trace.spans[line.place]
            let offset = UInt64(span.start - trace.start)
            return line.log != nil ? "" : !span.hasTimes ? "–" : offset == 0 ? "0" : "+" + Readable.duration(offset)
        }
        // A narrow terminal has no room for when each span started; the bars show it.
        let startWidth = style.width < 80 ? 0 : max(5, starts.map(displayWidth).max() ?? 0)
        let startColumn = startWidth == 0 ? 0 : startWidth + 2
        let durationWidth = max(4, durations.map(displayWidth).max() ?? 0)
        let ownWidth = max(4, own.map(displayWidth).max() ?? 0)
        let numbers = durationWidth + ownWidth + 4 + startColumn
        let widestLabel = max(16, (style.width - numbers + startColumn) * 45 / 100)
        let labelWidth = min(labels.map(displayWidth).max() ?? 0, widestLabel)
        // The bar takes at most half of a wide terminal; the rest is for the details.
        let barWidth = max(8, min(style.width - numbers - labelWidth - 2, max(48, style.width / 2)))
        let room = style.width - labelWidth - barWidth - numbers - 4
        var result = [
            style.paint(
                padded("Span", labelWidth) + "  " + padded("", barWidth) + "  "
                    + (startWidth == 0 ? "" : padLeft("Start", startWidth) + "  ") + padLeft("Time", durationWidth)
                    + "  " + padLeft("Self", ownWidth),
                .quiet
            ),
            style.paint(
                String(repeating: style.usesUnicode ? "─" : "-", count: labelWidth + barWidth + numbers + 2),
                .quiet
            ),
        ]
        for (position, line) in lines.enumerated() {
            if let log = line.log {
                result += rows(of: log, below: line.lead, style)
                continue
            }
            let span = trace.spans[line.place]
            let role: TerminalStyle.Role = span.isError ? .bad : span.isUnfinished ? .caution : .normal
            let label = padded(truncatedInTheMiddle(labels[position], to: labelWidth), labelWidth)
            var text =
                style.paint(style.printable(label), role) + "  "
                + style.paint(bar(span, of: whole, barWidth, style), role == .normal ? .bar : role)
                + (startWidth == 0 ? "" : "  " + style.paint(padLeft(starts[position], startWidth), .quiet))
                + "  " + padLeft(durations[position], durationWidth) + "  "
                + style.paint(padLeft(own[position], ownWidth), .quiet)
            let marks = [
                span.isError ? "error" : nil, span.isUnfinished ? "unfinished" : nil,
                span.hasTimes ? nil : "no start or end", span.parts.map(\.text),
            ].compactMap { $0 }
            let parent = trace.parents[line.place]
            let folded = FoldedDetails.line(span.details ?? "", below: parent < 0 ? nil : trace.spans[parent].details)
            let separator = span.parts == nil ? " " : "  "
            let details = (marks + [isFull ? "" : folded]).filter { !$0.isEmpty }.joined(separator: separator)
            let indent = String(repeating: " ", count: min(displayWidth(line.lead) + 2, style.width / 2))
            func below(_ text: String) -> String {
                indent + style.paint(cut(style.printable(text), to: style.width - indent.count), .quiet)
            }
            if !details.isEmpty {
                if room >= displayWidth(details) + 2 {
                    text += "  " + style.paint(style.printable(details), .quiet)
                } else {
                    result.append(text)
                    var lines = [details]
                    if span.isError {
                        // The cause of a failure is shown to its end.
                        let (cause, rest) = FoldedDetails.split(details)
                        lines = wrappedWhole(style.printable(cause), to: style.width - indent.count)
                        if !rest.isEmpty { lines.append(rest) }
                    }
                    result += lines.dropLast().map(below)
                    text = below(lines.last ?? "")
                }
            }
            result.append(text)
            guard isFull, let said = span.details, !said.isEmpty else { continue }
            for line in said.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
                result += wrappedKeepingIndent(style.printable(line), to: style.width - indent.count).map(below)
            }
        }
        return result
    }

    /// A bar that shows the position of the span within the trace.
    /// - Parameter whole: The duration of the trace in nanoseconds. The caller computes it once, because that searches
    ///   all spans.
    private func bar(_ span: TraceSpan, of whole: Double, _ width: Int, _ style: TerminalStyle) -> String {
        guard span.hasTimes else { return String(repeating: " ", count: width) }
        let from = Double(span.start - trace.start) / whole * Double(width)
        let length = Double(span.duration) / whole * Double(width)
        let first = min(width - 1, max(0, Int(from)))
        let cells = min(width - first, max(1, Int((from + length).rounded(.up)) - first))
        // A span shorter than half a column is shown as a mark.
        let mark = style.usesUnicode ? (length < 0.5 ? "╵" : "█") : (length < 0.5 ? "." : "#")
        let filled = length < 0.5 ? nil : span.parts.map { Self.shares(of: $0, cells, style) }
        return String(repeating: " ", count: first) + (filled ?? String(repeating: mark, count: cells))
            + String(repeating: " ", count: width - first - cells)
    }

    /// The marks of a bar for running, queued and suspended.
    private static func partMarks(_ style: TerminalStyle) -> [String] {
        style.usesUnicode ? ["█", "▓", "░"] : ["#", "=", "-"]
    }

    /// A bar whose shares are the parts of a span. A part that exists has at least one cell, if there are enough.
    private static func shares(of parts: SpanParts, _ cells: Int, _ style: TerminalStyle) -> String {
        let times = [parts.running, parts.queued, parts.suspended]
        let whole = Double(max(1, times.reduce(0, +)))
        let exact = times.map { Double($0) / whole * Double(cells) }
        var counts = exact.map { Int($0) }
        // The cells that rounding leaves go to the largest remainders.
        let order = exact.indices.sorted { exact[$0] - exact[$0].rounded(.down) > exact[$1] - exact[$1].rounded(.down) }
        for place in order.prefix(max(0, cells - counts.reduce(0, +))) { counts[place] += 1 }
        return zip(partMarks(style), counts).map { String(repeating: $0, count: $1) }.joined()
    }

    private func partLegend(_ style: TerminalStyle) -> String {
        let marks = Self.partMarks(style)
        return
            "\(marks[0]) running, \(marks[1]) queued for an actor or a thread, \(marks[2]) suspended. Their lengths are shares of the "
            + "span, not points in time."
    }

    /// Wraps a line at blanks. Continuation lines keep its indentation and two more blanks.
    func wrappedKeepingIndent(_ line: String, to width: Int) -> [String] {
        let lead = String(line.prefix { $0 == " " })
        guard displayWidth(line) > width, lead.count + 12 < width else { return [line] }
        return wrapped(String(line.dropFirst(lead.count)), to: width - lead.count - 2).enumerated().map { place, part in
            lead + (place == 0 ? "" : "  ") + part
        }
    }

    func cut(_ text: String, to width: Int) -> String {
        guard displayWidth(text) > width else { return text }
        var result = ""
        var used = 0
        for character in text {
            used += displayWidth(String(character))
            if used > width - 1 { break }
            result.append(character)
        }
        return result + "…"
    }

    /// The machine-readable trace. Its spans have to be read with the detail level `typed`.
    package var document: ReportDocument {
        ReportDocument(
            .tree,
            facts: [
                ("trace_id", .string("\(trace.id)")),
                ("start_unix_ns", trace.hasTimes ? .count(trace.start) : .null),
                ("duration_ns", .count(trace.timedDuration)), ("error_count", .count(trace.errorCount)),
                ("orphan_count", .count(trace.orphanCount)), ("log_count", .count(trace.logCount)),
                ("logs_outside_spans", .list(trace.logsOutsideSpans.compactMap(\.json))),
            ],
            listing
        )
    }

    /// A row for each span, parents before their children.
    package var listing: Listing {
        let selfTimes = trace.selfTimes()
        let shown = shown
        let spans = trace.preorder().filter { shown?.contains($0.place) ?? true }
            .map {
                (depth: $0.depth, span: trace.spans[$0.place], own: selfTimes[$0.place], logs: trace.logs(of: $0.place))
            }
        var listing = Listing(
            spans,
            [
                .init("depth", "Depth", .count) { Listing.whole($0.depth) },
                .init("name", "Span", .name) { .text(names[$0.span.name]) },
                .init("service", "Service", .text) { Listing.text(names[$0.span.service]) },
                .init("kind", "", .text, in: .programs) { .text("\($0.span.kind)") },
                .init("span_id", "Span id", .text) { .text($0.span.spanID.hexadecimalDigits) },
                .init("parent_span_id", "Parent", .text) {
                    $0.span.parentSpanID == 0 ? .none : .text($0.span.parentSpanID.hexadecimalDigits)
                },
                .init("start_unix_ns", "Start", .moment) { $0.span.hasTimes ? Listing.whole($0.span.start) : .none },
                .init("duration_ns", "Time", .duration) { $0.span.hasTimes ? Listing.whole($0.span.duration) : .none },
                .init("self_ns", "Self", .duration) { $0.span.hasTimes ? Listing.whole($0.own) : .none },
                .init("", "Status", .text, in: .tables) {
                    .text($0.span.isError ? "error" : $0.span.isUnfinished ? "unfinished" : "")
                },
                .init("", "Details", .text, in: .tables) { .text($0.span.details ?? "") },
                .init("is_error", "", .flag, in: .programs) { .flag($0.span.isError) },
                .init("is_unfinished", "", .flag, in: .programs) { .flag($0.span.isUnfinished) },
                .init("status", "", .text, in: .programs) { Listing.text($0.span.content?.status) },
                .init("status_message", "", .text, in: .programs) { Listing.text($0.span.content?.statusMessage) },
                .init("error_type", "", .text, in: .programs) {
                    Listing.text($0.span.isError ? $0.span.cause?.errorType?.text : nil)
                },
                .init("error_message", "", .text, in: .programs) {
                    Listing.text($0.span.isError ? $0.span.cause?.message?.text : nil)
                },
                .init("attributes", "", .json, in: .programs) { Listing.json($0.span.content?.attributes) },
                .init("events", "", .json, in: .programs) { Listing.json($0.span.content?.events) },
                .init("links", "", .json, in: .programs) { Listing.json($0.span.content?.links) },
                .init("logs", "", .json, in: .programs) { .json(.list($0.logs.compactMap(\.json))) },
            ]
        )
        listing.total = trace.spans.count
        return listing
    }
}

/// Pads a text with blanks at its end.
package func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - displayWidth(text)))
}

/// Pads a text with blanks at its start.
package func padLeft(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - displayWidth(text))) + text
}
