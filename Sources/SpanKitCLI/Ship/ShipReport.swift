import SpanKitReports
import SpanKitShipping

/// What happened to the spans and log records of `spankit ship`.
struct ShipReport {
    let account: ShippingAccount
    /// What happened to the log records.
    var logs = ShippingAccount()
    /// The spool; `nil` for files.
    var spool: String?
    /// The number of problems in the input.
    var problemCount = 0

    /// A line for each destination, for standard error.
    var lines: [String] {
        (logs.created > 0 ? [account, logs] : [account]).flatMap { account in
            account.destinations.map { "\($0.name): \($0.outcome(of: account.created, spool: spool))" }
        }
    }

    /// Whether everything has arrived everywhere.
    var isDelivered: Bool {
        [account, logs].allSatisfy { account in account.destinations.allSatisfy { $0.exported == account.created } }
    }

    /// The machine-readable account, with a row for each destination.
    var document: ReportDocument {
        ReportDocument(
            .ship,
            facts: [
                ("spool", .text(spool)), ("span_count", .count(account.created)),
                ("log_record_count", .count(logs.created)),
                ("input_problem_count", .count(problemCount)),
                ("is_delivered", .bool(isDelivered)),
            ],
            Listing(
                account.destinations + (logs.created > 0 ? logs.destinations : []),
                [
                    .init("destination", "Destination", .name) { .text($0.name) },
                    .init("delivered_count", "Delivered", .count) { Listing.whole($0.exported) },
                    .init("unacknowledged_count", "Not acknowledged", .count) { Listing.whole($0.unacknowledged) },
                    .init("in_files_count", "In files", .count) { Listing.whole($0.waiting.files) },
                    .init("undelivered_count", "Not delivered", .count) {
                        Listing.whole($0.undelivered - $0.waiting.files)
                    },
                    .init("dropped_count", "Dropped", .count) { Listing.whole($0.droppedCount) },
                    .init("dropped_by_reason", "", .json, in: .programs) { destination in
                        let reasons = destination.dropped.map { ($0.key.name, JSONText.count($0.value)) }
                        return .json(.object(reasons.sorted { $0.0 < $1.0 }))
                    },
                    .init("possibly_duplicated_count", "Possibly twice", .count) {
                        Listing.whole($0.possiblyDuplicated)
                    },
                    .init("request_count", "Requests", .count) { Listing.whole($0.requests) },
                    .init("failure", "Failure", .text) { Listing.text($0.failure) },
                ]
            )
        )
    }
}
