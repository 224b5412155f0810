/// How a report is written.
package enum OutputFormat: String, Sendable, CaseIterable {
    /// For a terminal.
    case text
    /// For programs.
    case json
    /// For spreadsheets.
    case csv
    /// For pull requests and documents.
    case md
}
