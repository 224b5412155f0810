import SpanKitPlatform
import SpanKitSummaries

/// Log records in a waterfall: inside their span in the order of their times.
extension TreeReport {
    /// The maximum number of a span's records, unless everything is shown. Those with the highest severity are shown.
    private static let mostLogs = 20

    /// What is directly below a span: a child or a log record.
    struct Item {
        var child: Int?
        var log: TraceLog?
        /// Whether no child follows.
        var isBelowLastChild = false
    }

    /// The children and the log records of a span in the order of their times. Records without a time come last.
    func items(of place: Int, _ children: [Int]) -> [Item] {
        var items: [Item] = []
        var logs = shownLogs(of: trace.logs(of: place))[...]
        for child in children {
            while let log = logs.first, log.time > 0, log.time <= trace.spans[child].start {
                items.append(Item(log: log))
                logs.removeFirst()
            }
            items.append(Item(child: child))
        }
        return items + logs.map { Item(log: $0, isBelowLastChild: true) }
    }

    private func shownLogs(of all: ArraySlice<TraceLog>) -> [TraceLog] {
        guard !isFull, all.count > Self.mostLogs else { return Array(all) }
        let places = all.indices.sorted { (all[$1].severity, $0) < (all[$0].severity, $1) }
        return places.prefix(Self.mostLogs).sorted().map { all[$0] }
    }

    /// A sentence about the records that are not shown; `nil` if all are.
    var leftOutLogs: String? {
        let shown = shown
        var count = 0
        var hasHiddenSpans = false
        for place in trace.spans.indices {
            let logs = trace.logs(of: place)
            if shown?.contains(place) ?? true {
                count += logs.count - shownLogs(of: logs).count
            } else {
                count += logs.count
                if !logs.isEmpty { hasHiddenSpans = true }
            }
        }
        count += trace.logsOutsideSpans.count - shownLogs(of: trace.logsOutsideSpans).count
        guard count > 0 else { return nil }
        let remedy = hasHiddenSpans ? "--full and a larger --limit show all" : "--full shows all"
        return "\(Readable.count(count, of: "log record", "is", "are")) not shown; \(remedy)."
    }

    /// The lines of a record, with the time since the start of the trace.
    func rows(of log: TraceLog, below lead: String, _ style: TerminalStyle) -> [String] {
        let mark = lead + (style.usesUnicode ? "• " : "* ")
        let role = TerminalStyle.Role(ofSeverity: log.severity)
        let width = max(20, style.width - displayWidth(mark))
        let indent = lead + "  "
        let texts = log.text.split(separator: "\n", omittingEmptySubsequences: false).map {
            style.printable(String($0))
        }
        let first = "\(offset(of: log))  \(texts.first ?? "")"
        // The message of an error is shown to its end.
        let lines =
            isFull || log.severity >= LogLevel.leastError
            ? whole(first, to: width) + texts.dropFirst().flatMap { wrappedKeepingIndent($0, to: width) }
            : [cut(first, to: width)]
        return lines.enumerated().map { place, line in
            (place == 0 ? mark : indent) + style.paint(line, role == .normal ? .quiet : role)
        }
    }

    private func offset(of log: TraceLog) -> String {
        guard log.time > 0 else { return "no time" }
        guard trace.hasTimes else { return "" }
        let offset = log.time.subtractingReportingOverflow(trace.start).partialValue
        return offset == 0 ? "0" : (offset < 0 ? "-" : "+") + Readable.durationInText(offset.magnitude)
    }

    /// A text on as many lines as it needs.
    private func whole(_ text: String, to width: Int) -> [String] {
        displayWidth(text) <= width ? [text] : wrappedWhole(text, to: width)
    }

    /// The records without a span, or whose span is missing.
    func linesOutsideSpans(_ style: TerminalStyle) -> [String] {
        let logs = shownLogs(of: trace.logsOutsideSpans)
        guard !logs.isEmpty else { return [] }
        let missing = trace.logsOutsideSpans.count { $0.spanID != 0 }
        let note =
            missing == 0
            ? "Log records without a span"
            : missing == trace.logsOutsideSpans.count
                ? "Log records whose span is missing"
                : "Log records without a span, or whose span is missing"
        return ["", note] + logs.flatMap { rows(of: $0, below: "", style) }
    }
}
