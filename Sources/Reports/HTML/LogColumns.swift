import SpanKitRecording

/// The log records of the HTML page as columns: one list for each property, with an element for each record.
///
/// They are in the order of their spans. Records outside the spans of their trace follow those of its first span.
struct LogColumns: Sendable {
    private var attached = SpanColumns.Attached()
    private var times = JSONColumn()
    private var levels = JSONColumn()
    private var severities = JSONColumn()
    private var bodies = JSONColumn()
    private var events = JSONColumn()
    private var loggers = JSONColumn()
    private var outside = JSONColumn()

    /// - Parameters:
    ///   - number: The number of the span.
    ///   - start: The start of the trace.
    ///   - isOutside: Whether the record belongs to no span of the page.
    mutating func add(
        _ record: TraceLog,
        to number: Int,
        from start: Int64,
        isOutside: Bool = false,
        _ texts: inout PairTable
    ) {
        guard let log = record.page?.log else { return }
        attached.add(to: number, texts.numbers(of: log.attributes))
        if record.time > 0 { times.append(record.time &- start) } else { times.appendNull() }
        levels.append(texts.number(of: log.levelText))
        severities.append(Int(record.severity))
        bodies.append(texts.number(ofValue: log.body.map(LogText.text) ?? ""))
        events.append(texts.number(of: log.eventName))
        loggers.append(texts.number(of: log.scope.name))
        outside.append(isOutside ? 1 : 0)
    }

    /// The columns as members of a JSON object.
    var members: [(String, String)] {
        [
            ("logSpans", attached.span.json), ("logCounts", attached.counts.json), ("logPairs", attached.pairs.json),
            ("logTimes", times.json), ("logLevels", levels.json), ("logSeverities", severities.json),
            ("logBodies", bodies.json), ("logEvents", events.json), ("logLoggers", loggers.json),
            ("logOutside", outside.json),
        ]
    }
}
