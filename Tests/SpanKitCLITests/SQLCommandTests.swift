import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitCLI

@Suite("spankit sql", .generousTimeLimit)
struct SQLCommandTests {
    /// Finds chDB in `PATH` before any other engine.
    private static var environment: [String: String] {
        ["PATH": "\(Equipment.home)/queries/bin:/usr/bin:/bin", "CLICKHOUSE_PASSWORD": "se cret"]
    }

    private static let requests = PackageFiles.url("docs/samples/requests.jsonl").path

    @Test("'spankit sql' lists every file on a line of its own, and prints each as it is")
    func list() async throws {
        try await withTemporaryDirectory { directory in
            let list = try await SpanKitProcess.run("sql", in: directory)
            let lines = list.output.split(separator: "\n")
            let paths = try PackageFiles.paths(in: "collector-config/clickhouse", suffix: ".sql")
            #expect(list.status == 0 && lines.count == paths.count, "\(list.output)")
            for path in paths {
                let name = URL(filePath: path).deletingPathExtension().lastPathComponent
                #expect(lines.contains { $0.hasPrefix("\(name) ") && $0.count < 160 }, "\(name)")
                let print = try await SpanKitProcess.run("sql", name, in: directory)
                #expect(try print.output == String(contentsOfFile: path, encoding: .utf8), "\(name)")
            }
            let setUp = try await SpanKitProcess.run("sql", "--view", "--schema", "--functions", in: directory)
            // Each needs the ones before it.
            let starts = ["spankit_steps", "TABLE IF NOT EXISTS otel_traces (", "spankit_histograms_mv"].map {
                setUp.output.firstRange(of: $0)?.lowerBound
            }
            #expect(!starts.contains(nil) && starts == starts.sorted { $0 ?? $1! < $1 ?? $0! }, "\(starts)")
        }
    }

    @Test("A query runs on files with any name, compressed or not, and on standard input", .needs(.chdb))
    func files() async throws {
        try await withTemporaryDirectory { directory in
            let bytes = try Data(contentsOf: URL(filePath: Self.requests))
            let odd = "it's {a,b} *?[1]%s\n.jsonl"
            try bytes.write(to: directory.appending(path: odd))
            try Data(Gzip.compress([UInt8](bytes))).write(to: directory.appending(path: "no suffix"))
            let top = try await SpanKitProcess.run("top", Self.requests, "--format", "json", in: directory).rows()
            let counts = Dictionary(
                uniqueKeysWithValues: top.map { ("\($0["service"] ?? "") \($0["name"] ?? "")", $0["count"] as? Int) }
            )
            for (name, factor) in [([odd], 1), (["no suffix"], 1), ([odd, "no suffix"], 2)] {
                for query in ["percentiles", "percentiles-files"] {
                    let run = try await SpanKitProcess(
                        ["sql", query] + name + ["--format", "json"],
                        in: directory,
                        environment: Self.environment
                    ).finish()
                    let rows = try run.rows()
                    #expect(rows.count == counts.count && run.error == "", "\(run.error)")
                    for row in rows {
                        let count = counts["\(row["service"] ?? "") \(row["name"] ?? "")"] ?? nil
                        #expect(row["count"] as? Int == count.map { $0 * factor }, "\(row)")
                    }
                }
            }
            let pipe = try await SpanKitProcess(
                shell: "cat '\(Self.requests)' | spankit sql 'select count() as n from otel_traces;' - --format csv",
                in: directory,
                environment: Self.environment
            ).finish()
            #expect(pipe.output == "n\n\(counts.values.reduce(0) { $0 + ($1 ?? 0) })\n", "\(pipe.error)")
        }
    }

    @Test("Every format has the same rows, and text shows units", .needs(.chdb, .schemas))
    func formats() async throws {
        try await withTemporaryDirectory { directory in
            var paths: [String] = []
            let runs = [
                ("slowest", ["sql", "slowest", Self.requests]), ("errors", ["sql", "errors", Self.requests]),
                ("models", ["sql", "conversations", "--param", "by=model", Self.requests]),
                ("none", ["sql", "traces", "--param", "key=nothing", Self.requests]),
                (
                    "types",
                    [
                        "sql",
                        "select 1::UInt8, -1.5 as negative, 'a,\"b\n' as s, [1, NULL] as l, map('k', (1, 'x')) as m, NULL as nothing, true as is_it, "
                            + "toUInt128('340282366920938463463374607431768211455') as big, 2::Decimal(9, 2) as d, toDate('2026-01-02') as day, nan as n",
                        Self.requests,
                    ]
                ),
            ]
            for (name, arguments) in runs {
                for format in ["json", "csv", "md", "text"] {
                    let run = try await SpanKitProcess(
                        arguments + ["--format", format],
                        in: directory,
                        environment: Self.environment
                    ).finish()
                    #expect(run.status == 0 && !run.output.isEmpty && run.error == "", "\(name): \(run.error)")
                    let file = directory.appending(path: "\(name).\(format)")
                    try Data(run.output.utf8).write(to: file)
                    if format == "json" { paths.append(file.path) }
                    if format == "text", name == "slowest" {
                        #expect(run.output.contains(" ms") || run.output.contains(" s"))
                    }
                    if format == "text", name == "none" { #expect(run.output == "No rows.\n") }
                }
            }
            let complaints = try await SchemaJudge.complaints(about: paths)
            #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
            let types = try String(contentsOf: directory.appending(path: "types.csv"), encoding: .utf8)
            #expect(types.contains("340282366920938463463374607431768211455"), "\(types)")
        }
    }

    @Test("A parameter is a value, whatever it contains, and never a part of the query", .needs(.chdb))
    func parameters() async throws {
        try await withTemporaryDirectory { directory in
            for value in ["' OR 1=1 --", "web'; DROP TABLE otel_traces; --", "a\tb\\n\nc", "{files:String}", "", "日本"] {
                let run = try await SpanKitProcess(
                    ["sql", "select {x:String} as x", "--param", "x=\(value)", Self.requests, "--format", "json"],
                    in: directory,
                    environment: Self.environment
                ).finish()
                let rows = try run.rows()
                #expect(rows.first?["x"] as? String ?? "" == value, "\(value.debugDescription): \(run.output)")
            }
        }
    }

    @Test("Errors are one line that says what to do, and nothing is left behind", .needs(.chdb))
    func errors() async throws {
        try await withTemporaryDirectory { directory in
            let temporary = directory.appending(path: "tmp")
            try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: false)
            try Data("{}\n{\"resourceSpans\": x}\n{\"resourceSpans\": x}\n".utf8)
                .write(to: directory.appending(path: "damaged.jsonl"))
            let environment = Self.environment.merging(["TMPDIR": temporary.path]) { $1 }
            let runs: [([String], Int32, String)] = [
                (
                    ["select nonsense from otel_traces", Self.requests], 65,
                    "the query failed: Unknown expression identifier"
                ),
                (["select )", Self.requests], 65, "the query failed: Syntax error"),
                (["select 1 format CSV", Self.requests], 65, "leave FORMAT out, and choose one with --format"),
                (["drop table otel_traces", Self.requests], 65, "write a query that begins with 'select'"),
                (["slowest", "damaged.jsonl"], 65, "in file/uri damaged.jsonl"),
                (["slowest", "missing.jsonl"], 65, "missing.jsonl: cannot be read: No such file or directory"),
                (["slowest", "tmp"], 65, "tmp: is a folder; give its files"),
                (["slowest", "--param", "limit=many", Self.requests], 65, "the query failed: "),
            ]
            for (arguments, status, message) in runs {
                let run = try await SpanKitProcess(["sql"] + arguments, in: directory, environment: environment)
                    .finish()
                #expect(run.status == status && run.output == "", "\(arguments): \(run.error)")
                #expect(run.error.hasPrefix("spankit: ") && run.error.contains(message), "\(arguments): \(run.error)")
                #expect(run.error.count { $0 == "\n" } == 1, "\(run.error)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path) == [])
        }
    }

    @Test("A signal ends the query and removes its folder", .needs(.chdb))
    func signal() async throws {
        try await withTemporaryDirectory { directory in
            let temporary = directory.appending(path: "tmp")
            try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: false)
            func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: temporary.path) }
            let minutes = "select sum(sleepEachRow(3)) from numbers(100) settings max_block_size = 1"
            let run = try SpanKitProcess(
                ["sql", minutes, Self.requests],
                in: directory,
                environment: Self.environment.merging(["TMPDIR": temporary.path]) { $1 }
            )
            try run.start()
            try await eventually("the query has a folder", try names()) { !$0.isEmpty }
            run.send(SIGTERM)
            let outcome = try await run.end()
            #expect(outcome.status == 143 && outcome.output == "", "\(outcome.error)")
            #expect(try names() == [])
        }
    }

    @Test("Without an engine, one line says what to install")
    func noEngine() async throws {
        try await withTemporaryDirectory { directory in
            let python = directory.appending(path: "python3")
            let run = { (path: String) in
                try await SpanKitProcess(["sql", "slowest", Self.requests], in: directory, environment: ["PATH": path])
                    .finish()
            }
            let none = try await run("/nowhere")
            #expect(none.status == 64 && none.output == "")
            #expect(none.error == "spankit: there is no engine for SQL; \(SQLEngine.advice)\n")
            try Data("#!/bin/sh\nexit 3\n".utf8).write(to: python)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python.path)
            let withoutModule = try await run(directory.path)
            #expect(withoutModule.status == 64)
            #expect(
                withoutModule.error
                    == "spankit: there is no engine for SQL: \(python.path) has no module chdb; \(SQLEngine.advice)\n"
            )
        }
    }

    /// ClickHouse itself is in no package that tests can install, so a script takes its place. It checks how the program is called.
    @Test("clickhouse-local gets the statements in a file, parameters as options, and no credentials")
    func clickHouseLocal() async throws {
        try await withTemporaryDirectory { directory in
            let program = directory.appending(path: "clickhouse-local")
            let script = """
                #!/bin/sh
                PATH=/usr/bin:/bin
                printf '%s\\n' "$@" >\(directory.path)/arguments
                env >\(directory.path)/environment
                while [ "$1" != --queries-file ]; do shift; done
                cp "$2" \(directory.path)/statements
                echo '{"meta": [{"name": "count", "type": "UInt64"}], "data": [["5"]], "rows": 1}'
                """
            try Data(script.utf8).write(to: program)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
            let environment = ["PATH": directory.path, "CLICKHOUSE_USER": "u", "CLICKHOUSE_PASSWORD": "se cret"]
            let run = try await SpanKitProcess(
                ["sql", "percentiles", "--param", "service=a' b", Self.requests, "--format", "json"],
                in: directory,
                environment: environment
            ).finish()
            #expect(run.status == 0, "\(run.error)")
            #expect(try run.rows().first?["count"] as? Int == 5)
            func text(_ name: String) throws -> String {
                try String(contentsOf: directory.appending(path: name), encoding: .utf8)
            }
            let arguments = try text("arguments").split(separator: "\n").map(String.init)
            #expect(
                arguments.contains("--param_service=a' b")
                    && arguments.contains("--param_histograms=spankit_histograms")
            )
            #expect(arguments.contains { $0.hasPrefix("--param_files=") && $0.hasSuffix("/input/*") }, "\(arguments)")
            #expect(arguments.contains("JSONCompact") && arguments.contains("--path"))
            #expect(try !text("environment").contains("CLICKHOUSE"))
            let statements = try text("statements")
            #expect(statements.contains("spankit_steps") && statements.contains("INSERT INTO otel_traces"))
            #expect(!statements.contains("a' b"))
        }
    }

    @Test("Comments describe parameters, and the first sentence is the question")
    func comments() throws {
        let percentiles = try #require(SQLFile.named("percentiles"))
        #expect(percentiles.subject == "What does each operation cost?")
        #expect(percentiles.parameters.map(\.name) == ["since", "until", "service", "histograms"])
        #expect(
            percentiles.parameters.map(\.standard) == [
                "1970-01-01 00:00:00", "2106-01-01 00:00:00", "", "spankit_histograms",
            ]
        )
        for query in SQLFile.queries {
            let names = Set(query.statements.flatMap(parameterNames))
            #expect(Set(query.parameters.map(\.name)) == names, "\(query.name)")
            #expect(
                query.statements.count == 1 && query.subject.hasSuffix("?") || query.name == "buckets",
                "\(query.name)"
            )
        }
    }
}

@Suite("Histograms of a ClickHouse server", .generousTimeLimit)
struct ClickHouseReadingTests {
    /// `Oracle/clickhouse.py` answers as ClickHouse does, with chDB as its engine.
    @Test("top and diff of a server have the numbers of the same spans in a file", .needs(.chdb))
    func equal() async throws {
        try await withTemporaryDirectory { directory in
            let run = try await Command.run(
                .chdb,
                [
                    "-B", PackageFiles.url("Tests/SpanKitCLITests/Oracle/clickhouse.py").path, SpanKitProcess.program,
                    directory.path,
                ],
                within: .generous * 5
            )
            #expect(run.status == 0, "\(run.error)")
            #expect(run.output.trimmingCharacters(in: .whitespacesAndNewlines) == "")
        }
    }

    @Test("An address names the server, the database and the time, and the error of a wrong one does not repeat it")
    func addresses() throws {
        let plain = try ClickHouseServer("clickhouse://db.example")
        #expect(plain.base == "http://db.example:8123" && plain.database == "default" && plain.values == [:])
        let full = try ClickHouseServer("clickhouses://db:99/otel?since=15m&service=a%20b")
        #expect(full.base == "https://db:99" && full.database == "otel" && full.name == "db:99/otel")
        #expect(full.values == ["since": "15m", "service": "a b"])
        for text in ["clickhouse://user:hidden@db/otel", "clickhouse://", "clickhouse://db/a/b?hidden=1"] {
            let error = #expect(throws: CommandFailure.self) { try ClickHouseServer(text) }
            #expect(error?.status == .usage && error?.message.contains("hidden@") == false)
        }
        #expect(SQLStatement.escaped("a\tb\nc\\d") == "a\\tb\\nc\\\\d")
    }
}
