import SpanKitReports

/// The result of one check of `spankit doctor`.
struct DoctorCheck: Sendable {
    /// What is checked. The raw values are written to JSON.
    enum Kind: String, Sendable {
        case telemetry, spool, exporter, endpoint, lookup, address, proxy, tls
        case emptyRequest = "empty_request"
        case testSpan = "test_span"
    }

    enum Status: String, Sendable {
        case passed, failed
        /// A fact that is neither right nor wrong.
        case info
    }

    let kind: Kind
    /// The URL of the receiver, without credentials; `nil` for checks of this process.
    var receiver: String?
    let status: Status
    /// The result in words. It begins with what was checked.
    let finding: String
    /// What to do.
    var advice: [String] = []

    /// The lines for a terminal. Those of a receiver are indented below its URL.
    var lines: [String] {
        let mark =
            switch status {
            case .passed: "✓ "
            case .failed: "✗ "
            case .info: kind == .exporter || kind == .endpoint ? "" : "· "
            }
        let indent = receiver == nil || kind == .endpoint ? "" : "  "
        return [indent + mark + finding] + advice.map { "    → \($0)" }
    }

    /// The machine-readable checks.
    /// - Parameter facts: The settings.
    static func document(_ checks: [DoctorCheck], facts: [(String, JSONText)]) -> ReportDocument {
        let rows = Listing(
            checks,
            [
                .init("check", "Check", .name) { .text($0.kind.rawValue) },
                .init("receiver", "Receiver", .text) { Listing.text($0.receiver) },
                .init("status", "Status", .text) { .text($0.status.rawValue) },
                .init("finding", "Finding", .text) { .text($0.finding) },
                .init("", "Advice", .text, in: .tables) { .text($0.advice.joined(separator: "; ")) },
                .init("advice", "", .json, in: .programs) { .json(.list($0.advice.map { .string($0) })) },
            ]
        )
        return ReportDocument(.doctor, facts: facts, rows)
    }
}
