import SpanKitInputs
import SpanKitPlatform
import SpanKitRecording

/// Log records for programs: a row for each record, the earliest first.
package struct LogReport: Sendable {
    private let logs: [DecodedLog]
    private let total: Int

    /// - Parameters:
    ///   - logs: The records by time.
    ///   - total: The number of records without a limit.
    package init(_ logs: [DecodedLog], total: Int) {
        self.logs = logs
        self.total = total
    }

    package var listing: Listing {
        func time(_ time: Int64) -> Listing.Value { time > 0 ? Listing.whole(time) : .none }
        var listing = Listing(
            logs,
            [
                .init("time_unix_ns", "", .moment, in: .programs) { time($0.timeUnixNanoseconds) },
                .init("observed_time_unix_ns", "", .moment, in: .programs) { time($0.observedUnixNanoseconds) },
                .init("", "Time", .moment, in: .tables) { time($0.time) },
                .init("severity_number", "", .count, in: .programs) { Listing.whole(Int($0.severityNumber)) },
                .init("severity_text", "", .text, in: .programs) { Listing.text($0.severityText) },
                .init("", "Level", .text, in: .tables) { .text($0.levelText) },
                .init("service", "Service", .text) { Listing.text($0.serviceName) },
                .init("logger", "Logger", .text) { Listing.text($0.scope.name) },
                .init("event_name", "Event", .text) { Listing.text($0.eventName) },
                .init("body", "", .json, in: .programs) { $0.body.map { .json(JSONText($0)) } ?? .none },
                .init("", "Message", .text, in: .tables) { Listing.text($0.body.map(LogText.text)) },
                .init("attributes", "", .json, in: .programs) { .json(JSONText($0.attributes)) },
                .init("", "Attributes", .text, in: .tables) { Listing.text($0.attributes.readable) },
                .init("dropped_attribute_count", "", .count, in: .programs) {
                    Listing.whole(Int($0.droppedAttributeCount))
                },
                .init("trace_id", "Trace", .text) { Listing.text($0.traceID.map { "\($0)" }) },
                .init("span_id", "Span", .text) { Listing.text($0.spanID.map { "\($0)" }) },
            ]
        )
        listing.total = total
        return listing
    }

    /// The machine-readable report.
    package var document: ReportDocument { ReportDocument(.logs, listing) }

    /// Each record as a JSON object on a line of its own.
    package static func lines(_ logs: [DecodedLog]) -> String {
        guard case .list(let rows) = LogReport(logs, total: logs.count).listing.json else { return "" }
        return rows.map { $0.compact + "\n" }.joined()
    }
}
