import ArgumentParser
import Foundation
import SpanKitReports
import SpanKitSummaries

/// `spankit sql`
struct SQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "sql",
        abstract: "Print or run SQL for spans in ClickHouse, or in files by its engine.",
        discussion: """
            Without arguments, lists the queries. With a name, prints the query; with files or --from, runs it. A text with blanks is a query \
            of your own over the table otel_traces, which contains the spans of the files.

            To run a query on files, clickhouse or Python with chDB has to be installed (pip install chdb). The files are loaded into a temporary \
            folder. --from runs the query on a server. Its user and password are read from CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.

            --functions, --schema and --view print the statements that set up a server.

            Exit status: 0 printed, 64 wrong usage or no engine, 65 the query or its input is wrong, 69 the server cannot be used.
            """,
        examples: [
            "sql slowest traces.jsonl", "sql 'select count() from otel_traces' traces.jsonl",
            "sql --functions --schema --view",
        ]
    )

    @Argument(
        help: ArgumentHelp("The name of a query, or a query in quotes.", valueName: "query"),
        completion: .list((SQLFile.queries + SQLFile.setUp).map(\.name))
    )
    var query: String?

    @Argument(
        help: ArgumentHelp(
            "Files of OTLP JSON lines, optionally compressed with gzip or zstd; '-' is standard input.",
            valueName: "files"
        )
    )
    var files: [String] = []

    @Option(
        name: .customLong("param"),
        help: ArgumentHelp(
            "A parameter of the query, such as since='2026-11-23 10:15:00'. Can be repeated.",
            valueName: "name=value"
        )
    )
    var parameters: [String] = []

    @OptionGroup var clickHouse: ClickHouseOptions

    @Flag(help: "Print the SQL functions.")
    var functions = false

    @Flag(help: "Print the tables.")
    var schema = false

    @Flag(help: "Print the view that keeps histograms.")
    var view = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let server = try clickHouse.server()
        let wanted = [(functions, SQLFile.functions), (schema, .schema), (view, .histograms)].filter(\.0).map(\.1)
        guard wanted.isEmpty else {
            guard query == nil, files.isEmpty, server == nil else {
                throw CommandFailure(.usage, "--functions, --schema and --view only print; leave the query out")
            }
            return StandardStreams.output.write(wanted.map(\.text).joined(separator: "\n"))
        }
        guard let query else {
            guard server == nil else { throw CommandFailure(.usage, "--from: name a query; 'spankit sql' lists them") }
            return list(SQLFile.queries + SQLFile.setUp)
        }
        guard let statement = SQLFile.named(query) else {
            guard query.contains(where: \.isWhitespace) else {
                throw CommandFailure(.usage, "there is no query '\(query)'; 'spankit sql' lists them")
            }
            return try await run(SQLQuery(query, try given()), on: server)
        }
        if files.isEmpty, server == nil {
            guard parameters.isEmpty else {
                throw CommandFailure(.usage, "--param: give files or --from to run '\(query)'")
            }
            if output.format == .text { return StandardStreams.output.write(statement.text) }
            return list([statement])
        }
        guard SQLFile.queries.contains(where: { $0.name == query }) else {
            throw CommandFailure(
                .usage,
                "'\(query)' returns no rows; pass what 'spankit sql \(query)' prints to clickhouse-client"
            )
        }
        try await run(SQLQuery(statement, try given()), on: server)
    }

    /// The values of `--param` by name.
    private func given() throws(CommandFailure) -> [String: String] {
        var values: [String: String] = [:]
        for text in parameters {
            guard let separator = text.firstIndex(of: "="), separator > text.startIndex else {
                throw CommandFailure(
                    .usage,
                    "--param: '\(text)' is not a name and a value; write since='2026-11-23 10:15:00'"
                )
            }
            values[String(text[..<separator])] = String(text[text.index(after: separator)...])
        }
        return values
    }

    private func run(_ query: SQLQuery, on server: ClickHouseServer?) async throws {
        let answer: SQLAnswer
        if let server {
            guard files.isEmpty else { throw CommandFailure(.usage, "give either files or --from, not both") }
            guard !query.readsFiles else {
                throw CommandFailure(.usage, "\(query.name) reads files, not tables; use 'percentiles' with --from")
            }
            answer = try SQLAnswer(await server.ask(query.statement))
        } else {
            guard !files.isEmpty else {
                throw CommandFailure(.usage, "there is no input; give files of OTLP JSON lines, '-' or --from URL")
            }
            let signals = TerminationSignals()
            signals.listen()
            var folder = try SQLFolder()
            defer { folder.remove() }
            let statements = query.statements(for: try folder.link(files))
            answer = try SQLAnswer(SQLEngine.find().run(statements, in: folder, signals))
        }
        let document = ReportDocument(.sql, facts: [("query", .string(query.name))], answer.listing)
        output.format.write(document) { answer.text(title: query.name, style: $0) }
    }

    /// Lists the questions that the files answer.
    private func list(_ files: [SQLFile]) {
        let listing = Listing(
            files,
            [
                .init("name", "Query", .name) { .text($0.name) },
                .init("subject", "What it answers or does", .text) { .text($0.subject) },
                .init("parameters", "", .json, in: .programs) {
                    .json(
                        .list(
                            $0.parameters.map {
                                .object([
                                    ("name", .string($0.name)), ("default", .text($0.standard)),
                                    ("meaning", .string($0.meaning)),
                                ])
                            }
                        )
                    )
                },
                .init("sql", "", .text, in: .programs) { .text($0.text) },
            ]
        )
        output.format.write(ReportDocument(.sqlFiles, listing)) { style in
            let width = files.map(\.name.count).max() ?? 0
            // A line for each, also on a narrow terminal.
            return files.map { file in
                let gap = String(repeating: " ", count: width - file.name.count + 2)
                return style.paint(file.name, .title) + gap + file.subject + "\n"
            }.joined()
        }
    }
}
