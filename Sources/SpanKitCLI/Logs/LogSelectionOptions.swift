import ArgumentParser
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// The options that select log records.
struct LogSelectionOptions: ParsableArguments {
    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Select log records, such as 'severity>=warn and body~timeout'.",
            discussion: """
                Fields: service, severity, body, logger, event, error, and every attribute of the record or its resource. Operators: \
                = != < <= > >= and ~ (contains), and, or, not, parentheses. docs/analyzing-traces.md describes them.
                """,
            valueName: "filter"
        ),
        completion: .custom { _, _, text in FilterCompletion.candidates(after: text, of: .logs) }
    )
    var filter: String?

    @Option(
        help: ArgumentHelp(
            "Select log records of this level and higher ones: trace, debug, info, notice, warn, error, critical, fatal or 1 to 24.",
            valueName: "level"
        ),
        completion: .list(LogLevel.names)
    )
    var severity: String?

    @Option(
        help: ArgumentHelp("Select the log records of the trace whose id begins with these digits.", valueName: "id")
    )
    var trace: String?

    @Option(
        help: ArgumentHelp(
            "Select log records from this time on, such as 15m (ago) or '2026-11-23 10:15'.",
            discussion: "RFC 3339. Without a zone, the time is local, or UTC with --utc.",
            valueName: "time"
        )
    )
    var since: String?

    @Option(help: ArgumentHelp("Select log records before this time.", valueName: "time"))
    var until: String?

    @Flag(help: "Show and read times in UTC instead of the local time zone.")
    var utc = false

    var zone: DisplayZone { utc ? .utc : .local }

    /// - Throws: ``CommandFailure`` with status 64 if an option cannot be understood.
    func selection() throws(CommandFailure) -> SpanSelection {
        var selection = try SpanSelection.options(filter, of: .logs, since: since, until: until, zone: zone)
        try selection.select(trace: trace)
        guard let severity else { return selection }
        guard let level = LogLevel(severity) else {
            let names = LogLevel.names.joined(separator: ", ")
            throw CommandFailure(.usage, "--severity: '\(severity)' is not a level; give one of \(names), or 1 to 24")
        }
        let isHighEnough = SpanFilter.compares(.severity, .atLeast, .level(level))
        selection.filter = selection.filter.map { .all([isHighEnough, $0]) } ?? isHighEnough
        return selection
    }
}
