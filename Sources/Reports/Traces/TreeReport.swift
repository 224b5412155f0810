import SpanKitPlatform
import SpanKitSummaries

/// One trace as a waterfall: who called whom, when, and for how long.
package struct TreeReport: Sendable {
    let trace: Trace
    let names: NameTable
    let limit: Int
    /// Details have lines of their own.
    let isFull: Bool

    /// - Parameters:
    ///   - limit: spans shown at most, the longest of them.
    ///   - isFull: whether the spans were read with all their details.
    package init(_ trace: Trace, names: NameTable, limit: Int = 200, isFull: Bool = false) {
        self.isFull = isFull
        self.trace = trace
        self.names = names
        self.limit = max(1, limit)
    }

    /// A line of the tree.
    private struct Line {
        var place: Int
        var lead: String
    }

    /// The spans that are shown: the longest, with all their ancestors.
    private var shown: Set<Int>? {
        guard trace.spans.count > limit else { return nil }
        var shown: Set<Int> = []
        for place in trace.spans.indices.sorted(by: { trace.spans[$0].duration > trace.spans[$1].duration }).prefix(
            limit
        ) {
            var ancestor = place
            while ancestor >= 0, shown.insert(ancestor).inserted { ancestor = trace.parents[ancestor] }
        }
        return shown
    }

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
            let children = visible(trace.children(of: next.line.place))
            for (position, child) in children.enumerated().reversed() {
                let isLast = position == children.count - 1
                // Deeper levels would leave no room for the names.
                let isDeep = next.depth >= Self.deepestGuide
                let lead = isDeep ? next.inner : next.inner + (isLast ? last : branch)
                let inner = isDeep ? next.inner : next.inner + (isLast ? "  " : through)
                stack.append((Line(place: child, lead: lead), inner, next.depth + 1))
            }
        }
        return lines
    }

    /// The whole report.
    package func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        guard let root = trace.mainRoot else {
            page.paragraph("No spans.", role: .quiet)
            return page.text
        }
        let services = Set(trace.spans.map(\.service))
        var facts = ["\(Readable.count(trace.spans.count, of: "span"))", Readable.durationInText(trace.duration)]
        if trace.errorCount > 0 { facts.append(Readable.count(trace.errorCount, of: "error")) }
        let named = services.map { names[$0] }.filter { !$0.isEmpty }.sorted()
        if !named.isEmpty { facts.append(named.joined(separator: ", ")) }
        page.heading(names[trace.spans[root].name], "trace \(trace.id) · " + facts.joined(separator: " · "))
        page.lines(waterfall(style, tellsServices: services.count > 1))
        let left = trace.spans.count - (shown?.count ?? trace.spans.count)
        if left > 0 { page.paragraph("\(Readable.count(UInt64(left))) shorter spans are not shown.", role: .quiet) }
        if trace.orphanCount > 0 {
            page.paragraph(
                "\(Readable.count(trace.orphanCount, of: "span")) without their parent stand at the left.",
                role: .quiet
            )
        }
        return page.text
    }

    private func waterfall(_ style: TerminalStyle, tellsServices: Bool) -> [String] {
        let selfTimes = trace.selfTimes()
        let lines = lines(style)
        let labels = lines.map { line in
            line.lead + style.printable(names[trace.spans[line.place].name])
                + (tellsServices ? " (\(style.printable(names[trace.spans[line.place].service])))" : "")
        }
        let durations = lines.map { Readable.duration(trace.spans[$0.place].duration) }
        let own = lines.map { Readable.duration(selfTimes[$0.place]) }
        let durationWidth = max(4, durations.map(displayWidth).max() ?? 0)
        let ownWidth = max(4, own.map(displayWidth).max() ?? 0)
        let numbers = durationWidth + ownWidth + 4
        let labelWidth = min(labels.map(displayWidth).max() ?? 0, max(16, (style.width - numbers) * 45 / 100))
        // Half of a wide terminal; the rest is for what the spans say.
        let barWidth = max(8, min(style.width - numbers - labelWidth - 2, max(48, style.width / 2)))
        let room = style.width - labelWidth - barWidth - numbers - 4
        var result = [
            style.paint(
                padded("Span", labelWidth) + "  " + padded("", barWidth) + "  "
                    + padLeft("Time", durationWidth) + "  " + padLeft("Self", ownWidth),
                .quiet
            ),
            style.paint(
                String(repeating: style.usesUnicode ? "─" : "-", count: labelWidth + barWidth + numbers + 2),
                .quiet
            ),
        ]
        for (position, line) in lines.enumerated() {
            let span = trace.spans[line.place]
            let role: TerminalStyle.Role = span.isError ? .bad : span.isUnfinished ? .caution : .normal
            let label = padded(truncatedInTheMiddle(labels[position], to: labelWidth), labelWidth)
            var text =
                style.paint(style.printable(label), role) + "  "
                + style.paint(bar(span, barWidth, style), role == .normal ? .bar : role)
                + "  " + padLeft(durations[position], durationWidth) + "  "
                + style.paint(padLeft(own[position], ownWidth), .quiet)
            let marks = [span.isError ? "error" : nil, span.isUnfinished ? "unfinished" : nil].compactMap { $0 }
            let parent = trace.parents[line.place]
            let folded = FoldedDetails.line(span.details ?? "", below: parent < 0 ? nil : trace.spans[parent].details)
            let details = (marks + [isFull ? "" : folded]).filter { !$0.isEmpty }.joined(separator: " ")
            let indent = String(repeating: " ", count: min(displayWidth(line.lead) + 2, style.width / 2))
            func below(_ text: String) -> String {
                indent + style.paint(cut(style.printable(text), to: style.width - indent.count), .quiet)
            }
            if !details.isEmpty {
                if room >= displayWidth(details) + 2 {
                    text += "  " + style.paint(style.printable(details), .quiet)
                } else {
                    result.append(text)
                    text = below(details)
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

    /// Where the span lies within the trace.
    private func bar(_ span: TraceSpan, _ width: Int, _ style: TerminalStyle) -> String {
        let whole = Double(max(1, trace.duration))
        let from = Double(span.start - trace.start) / whole * Double(width)
        let length = Double(span.duration) / whole * Double(width)
        let first = min(width - 1, max(0, Int(from)))
        let cells = min(width - first, max(1, Int((from + length).rounded(.up)) - first))
        // What is shorter than half a column is a mark, not a bar.
        let mark = style.usesUnicode ? (length < 0.5 ? "╵" : "█") : (length < 0.5 ? "." : "#")
        return String(repeating: " ", count: first) + String(repeating: mark, count: cells)
            + String(repeating: " ", count: width - first - cells)
    }

    /// A line broken at blanks; what follows is indented as it is, and a little more.
    private func wrappedKeepingIndent(_ line: String, to width: Int) -> [String] {
        let lead = String(line.prefix { $0 == " " })
        guard displayWidth(line) > width, lead.count + 12 < width else { return [line] }
        return wrapped(String(line.dropFirst(lead.count)), to: width - lead.count - 2).enumerated().map { place, part in
            lead + (place == 0 ? "" : "  ") + part
        }
    }

    private func cut(_ text: String, to width: Int) -> String {
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

    // MARK: For programs

    /// A row for each span, parents before their children.
    package var listing: Listing {
        var listing = Listing([
            .init("depth", "Depth", .count), .init("name", "Span", .name), .init("service", "Service", .text),
            .init("spanId", "Span id", .text), .init("parentSpanId", "Parent", .text),
            .init("startUnixNanoseconds", "Start", .count), .init("durationNanoseconds", "Time", .duration),
            .init("selfNanoseconds", "Self", .duration), .init("status", "Status", .text),
            .init("details", "Details", .text),
        ])
        let selfTimes = trace.selfTimes()
        for (place, depth) in trace.preorder() {
            let span = trace.spans[place]
            listing.rows.append([
                Listing.whole(depth), .text(names[span.name]), .text(names[span.service]),
                .text(span.spanID.hexadecimalDigits),
                .text(span.parentSpanID == 0 ? "" : span.parentSpanID.hexadecimalDigits),
                .text("\(span.start)"), Listing.whole(span.duration), Listing.whole(selfTimes[place]),
                .text(span.isError ? "error" : span.isUnfinished ? "unfinished" : "ok"), .text(span.details ?? ""),
            ])
        }
        return listing
    }
}

/// The text and blanks behind it.
func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - displayWidth(text)))
}

/// Blanks and the text behind them.
func padLeft(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - displayWidth(text))) + text
}
