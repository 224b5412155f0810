import SpanKitInputs
import SpanKitPrometheusText
import SpanKitReports

/// A result of `spankit prom check`: a problem within a file, or a conflict between two files.
enum PromFinding: CustomStringConvertible {
    case problem(file: String, ExpositionProblem)
    case conflict(ExpositionConflict)

    /// Whether part of a file is lost or changed.
    var losesSomething: Bool {
        switch self {
        case .problem(_, let problem): problem.outcome.losesSomething
        case .conflict: true
        }
    }

    /// One line: where, what, and its effect.
    var description: String {
        switch self {
        case .problem(let file, let problem): "\(file): \(problem)"
        case .conflict(let conflict): "\(conflict)"
        }
    }

    /// The machine-readable findings.
    static func document(
        _ findings: [PromFinding],
        for version: NodeExporterVersion,
        fileCount: Int,
        isComplete: Bool
    ) -> ReportDocument {
        func problem(_ finding: PromFinding) -> ExpositionProblem? {
            if case .problem(_, let problem) = finding { problem } else { nil }
        }
        func conflict(_ finding: PromFinding) -> ExpositionConflict? {
            if case .conflict(let conflict) = finding { conflict } else { nil }
        }
        return ReportDocument(
            .promCheck,
            facts: [
                ("node_exporter_version", .string(version.text)), ("file_count", .count(fileCount)),
                ("is_served_completely", .bool(isComplete)),
            ],
            Listing(
                findings,
                [
                    .init("file", "File", .name) { finding in
                        switch finding {
                        case .problem(let file, _): .text(file)
                        // node_exporter drops from the second file.
                        case .conflict(let conflict): Listing.text(conflict.files.last)
                        }
                    },
                    .init("line", "Line", .count) { Listing.number(problem($0)?.line) },
                    .init("column", "Column", .count) { Listing.number(problem($0)?.column) },
                    .init("family", "Metric", .text) { Listing.text(conflict($0)?.family) },
                    .init("other_file", "Other file", .text) { Listing.text(conflict($0)?.files.first) },
                    .init("effect", "Effect", .text) { .text(problem($0)?.outcome.key ?? "drops_conflicting") },
                    .init("is_loss", "Loss", .flag) { .flag($0.losesSomething) },
                    .init("message", "Message", .text) { .text(problem($0)?.reason ?? "\($0)") },
                ]
            )
        )
    }
}

extension NodeExporterOutcome {
    /// The name in machine-readable output.
    fileprivate var key: String {
        switch self {
        case .panics: "panics"
        case .losesFile: "loses_file"
        case .dropsSample: "drops_sample"
        case .misreads: "misreads"
        case .serves: "serves"
        }
    }
}
