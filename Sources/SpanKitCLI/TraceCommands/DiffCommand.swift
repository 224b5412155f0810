import ArgumentParser
import SpanKitReports

/// `spankit diff`
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "diff",
        abstract: "Compare two runs: changed operations, statistical confidence and impact.",
        discussion: """
            Each run is a file of traces (OTLP JSON lines) or a results file. For traces, self times are compared, so that the \
            change of a child is not attributed to its parents.

            With --server, each run is a filter of the server's spans, in the form of --where, such as service.version=1.1. A run may also \
            be the address of a ClickHouse server with the time of the run, such as \
            'clickhouse://localhost:8123/otel?since=2026-11-23T10:00Z&until=2026-11-23T11:00Z' (docs/sql.md).

            Operations of different services are compared separately. --where, --since and --until select spans of both runs.

            --fail-if takes a metric (p50, p90, p95, p99, avg, max, total, count, errors) of an operation, or of every operation \
            with '*', and a factor of the first run or a value: 'p95(load) > 1.2x', 'avg(*) > +10%', 'max(load) > 250ms', \
            'errors(*) > 0'. A factor of a time applies only to operations that changed significantly. A value is compared with the \
            measured durations, including children.

            Exit status: 0 compared, and no condition is true; 1 a condition is true; 64 wrong usage; 65 a run cannot be read.
            """,
        examples: [
            "diff before.jsonl after.jsonl",
            "diff --fail-if 'p95(*) > 1.2x' --fail-if 'errors(*) > 0' before.jsonl after.jsonl",
        ]
    )

    @Argument(
        help: ArgumentHelp(
            "The earlier run: traces or a results file; '-' is standard input.",
            valueName: "before"
        )
    )
    var before: String

    @Argument(help: ArgumentHelp("The later run, in the same forms.", valueName: "after"))
    var after: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var filter: FilterOptions
    @OptionGroup var services: ServiceOptions

    @Option(
        help: ArgumentHelp("Exit with 1 if this condition is true. Can be repeated.", valueName: "condition")
    )
    var failIf: [String] = []

    func run() async throws {
        let conditions = try failIf.map { text in
            do { return try Condition(text) } catch { throw CommandFailure(.usage, "--fail-if: \(error)") }
        }
        let address = try server.address()
        let comparison = RunComparison(
            try await statistics(of: before, address),
            try await statistics(of: after, address),
            mergesServices: services.mergeServices
        )
        if let run = comparison.runWithoutServices {
            StandardStreams.note("\(run.name) does not contain services; operations of one name are compared as one")
        }
        var violations: [(condition: String, finding: String)] = []
        var failure: CommandFailure?
        for condition in conditions where failure == nil {
            do {
                let found = try condition.findings(of: comparison)
                violations += found.violations.map { (condition.text, $0) }
                if let unchecked = found.unchecked { StandardStreams.note("--fail-if: \(unchecked)") }
            } catch {
                failure = CommandFailure(.data, "--fail-if: \(error)")
            }
        }
        output.format.write(comparison.document(violations: violations)) { comparison.text(style: $0) }
        if let failure { throw failure }
        violations.map(\.finding).forEach(StandardStreams.note)
        if !violations.isEmpty { throw ExitCode(1) }
    }

    /// Reads a run from a file, a server of ours or a ClickHouse server.
    private func statistics(of run: String, _ address: ServerAddress?) async throws -> RunStatistics {
        guard ClickHouseServer.isAddress(run) else { return try RunInput.read(run, filter, server: address) }
        guard address == nil else {
            throw CommandFailure(.usage, "--server: the run is the address of a ClickHouse server; leave --server out")
        }
        let reading = try HistogramReading(ClickHouseServer(run), filter)
        return RunStatistics(name: reading.name, try await reading.read())
    }
}
