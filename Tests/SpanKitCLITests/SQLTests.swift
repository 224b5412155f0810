import Foundation
import SpanKitTestSupport
import Testing

/// The SQL of `collector-config/clickhouse`, run by chDB, the engine of ClickHouse as a Python package. `Oracle/sql.py` compares its answers
/// with those of `spankit` and with exact numbers.
@Suite("SQL for ClickHouse", .generousTimeLimit)
struct SQLTests {
    /// The number of spans of the larger checks. `SPANKIT_SQL_SPANS=5000000` tries many.
    private static let spanCount =
        ProcessInfo.processInfo.environment["SPANKIT_SQL_SPANS"].flatMap { Int($0) } ?? 10_000

    @Test(
        "The queries say what the commands say",
        .needs(.chdb),
        arguments: [
            // Files, the tables of the view and the spans, for all of them and for parts of the time.
            "percentiles",
            // Eight shards in any order.
            "shards",
            // Errors, slowest traces, critical paths, traces by attribute, conversations.
            "tools",
            // Nulls, hostile names, wrong clocks, damaged lines.
            "untidy",
            // 100,000 operations.
            "operations",
            // Batches that arrive twice.
            "duplicates",
        ]
    )
    func equal(check: String) async throws {
        try await expectNoComplaints(check)
    }

    @Test(
        "Buckets, merged histograms, tables and retention are right",
        .needs(.chdb),
        arguments: ["edges", "histograms", "files", "retention", "unsampled", "cluster"]
    )
    func right(check: String) async throws {
        try await expectNoComplaints(check)
    }

    private func expectNoComplaints(_ check: String) async throws {
        try await withTemporaryDirectory { directory in
            let run = try await Command.run(
                .chdb,
                [
                    "-B", PackageFiles.url("Tests/SpanKitCLITests/Oracle/sql.py").path, SpanKitProcess.program,
                    directory.path, "\(Self.spanCount)", check,
                ],
                within: .generous * 5
            )
            #expect(run.status == 0, "\(run.error)")
            #expect(run.output.trimmingCharacters(in: .whitespacesAndNewlines) == "", "\(check)")
            #expect(run.error.contains("chDB "), "\(run.error)")
        }
    }

    @Test("The README names every file, and says what each answers")
    func readme() throws {
        let text = try PackageFiles.text("collector-config/clickhouse/README.md")
        for path in try PackageFiles.paths(in: "collector-config/clickhouse", suffix: ".sql") {
            let name = URL(filePath: path).lastPathComponent
            #expect(text.contains("[`\(name)`](\(name))"), "\(name)")
        }
    }
}
