import SpanKitPercentiles
import SpanKitReports
import SpanKitShipping
import SpanKitSummaries

extension LiveReport {
    /// The machine-readable frame. It has a row for each open span, parents before their children, and facts about each
    /// process.
    var document: ReportDocument {
        ReportDocument(
            .live,
            facts: [
                ("time_unix_ns", .count(now)), ("processes", .list(processes.map(json(of:)))),
                ("ended_process_count", .count(leftBehind.processCount)),
                ("ended_process_span_count", .count(leftBehind.spanCount)),
                ("ended_process_log_record_count", .count(leftBehind.logRecordCount)),
            ],
            Listing(
                processes.flatMap { process in process.openForest.map { (process, $0.span, $0.depth) } },
                [
                    .init("process_id", "Process", .count) { Listing.whole($0.0.processID) },
                    .init("service", "Service", .text) { Listing.text($0.0.service) },
                    .init("depth", "Depth", .count) { Listing.whole($0.2) },
                    .init("name", "Span", .name) { .text($0.1.name) },
                    .init("start_unix_ns", "", .moment, in: .programs) { Listing.whole($0.1.startUnixNanoseconds) },
                    .init("age_ns", "Age", .duration) { Listing.whole(nanoseconds(since: $0.1.startUnixNanoseconds)) },
                    .init("", "Details", .text, in: .tables) { .text($0.1.details) },
                    .init("trace_id", "Trace", .text) { .text($0.1.traceID) },
                    .init("span_id", "Span id", .text) { .text($0.1.spanID.hexadecimalDigits) },
                    .init("attributes", "", .json, in: .programs) { .json($0.1.attributes) },
                ]
            )
        )
    }

    private func json(of process: LiveProcess) -> JSONText {
        let account = process.account
        return .object([
            ("process_id", .count(process.processID)),
            ("service", .text(process.service.isEmpty ? nil : process.service)),
            ("is_running", .bool(process.isRunning)),
            ("age_ns", .count(nanoseconds(since: process.createdUnixNanoseconds))),
            ("open_span_count", .count(process.openSpans.count)), ("log_bytes", .count(process.waitingLogBytes)),
            ("in_files_span_count", .count(process.waitingSpanCount)), ("in_log_span_count", .count(account?.log)),
            ("tail_sampling_span_count", .count(account?.tailSampling)),
            ("encoding_span_count", .count(account?.encoding)),
            ("in_files_log_record_count", .count(process.waitingLogRecordCount)),
            ("in_log_log_record_count", .count(account?.logs.first?.log)),
            ("encoding_log_record_count", .count(account?.logs.first?.encoding)),
            ("destinations", account.map { _ in .list(process.destinations.map(json(of:))) } ?? .null),
            ("window_seconds", .number(process.windowSeconds)), ("operations", operations(of: process).json),
            ("metrics", MetricReport(process.metrics, limit: .max).listing.json),
            ("unreadable_series_count", .count(process.lostSeries)),
            ("log_records", json(of: process.logs)),
        ])
    }

    private func json(of logs: RecentLogs.Summary) -> JSONText {
        .object([
            ("window_seconds", .number(logs.windowSeconds)), ("count", .count(logs.count)),
            ("warning_count", .count(logs.warningCount)), ("error_count", .count(logs.errorCount)),
            (
                "latest_warnings",
                LogReport(logs.latestWarnings, total: logs.latestWarnings.count).listing.json
            ),
        ])
    }

    private func json(of destination: AccountNote.Destination) -> JSONText {
        let dropped = destination.dropped.sorted { $0.key < $1.key }
        return .object([
            ("name", .string(destination.name)), ("is_failing", .bool(destination.isFailing)),
            ("delivered_count", .count(destination.exported)), ("waiting_count", .count(destination.waiting)),
            ("waiting_in_files_count", .count(destination.files)), ("in_flight_count", .count(destination.inFlight)),
            ("dropped_count", .count(destination.droppedCount)),
            ("dropped_by_reason", .object(dropped.map { ($0.key, .count($0.value)) })),
        ])
    }

    private func operations(of process: LiveProcess) -> Listing {
        Listing(
            process.operations.map(\.statistics),
            [
                .init("name", "Operation", .name) { .text($0.name) },
                .init("count", "Count", .count) { Listing.whole($0.count) },
                .init("error_count", "Errors", .count) { Listing.whole($0.errorCount) },
                .init("p50_ns", "p50", .duration) { .number($0.p50Nanoseconds) },
                .init("p95_ns", "p95", .duration) { .number($0.p95Nanoseconds) },
                .init("p99_ns", "p99", .duration) { Listing.number($0.knowsP99 ? $0.p99Nanoseconds : nil) },
                .init("max_ns", "Max", .duration) { Listing.whole($0.maximumNanoseconds) },
            ]
        )
    }
}
