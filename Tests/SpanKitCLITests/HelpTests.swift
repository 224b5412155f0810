import Foundation
import SpanKitPercentiles
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitCLI

@Suite("Help and usage")
struct HelpTests {
    @Test(
        "The help texts equal the golden files",
        arguments: [
            ("help", ["--help"]), ("help-profile", ["profile", "--help"]), ("help-summary", ["summary", "--help"]),
        ]
    )
    func help(name: String, arguments: [String]) async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess(arguments, in: directory, environment: ["COLUMNS": "80"]).finish()
            #expect(outcome.status == 0)
            #expect(outcome.error == "")
            try Golden.expect(outcome.output, "\(name).txt")
        }
    }

    @Test("The help ends with examples, and the parser accepts each of them", arguments: commands)
    func examples(command: [String]) async throws {
        try await withTemporaryDirectory { directory in
            let lines = try await Self.examples(of: command, in: directory)
            #expect((2...3).contains(lines.count), "\(command): \(lines)")
            for line in lines {
                let words = Self.words(of: line)
                #expect(words.starts(with: command), "\(line)")
                #expect(throws: Never.self, "\(line)") { try SpanKitCommand.parseAsRoot(words) }
            }
        }
    }

    @Test(
        "The examples that only read files run",
        arguments: commands.filter { !["ship", "doctor", "sql"].contains($0[0]) }
    )
    func examplesRun(command: [String]) async throws {
        try await withTemporaryDirectory { directory in
            try Self.writeSamples(in: directory)
            for line in try await Self.examples(of: command, in: directory) {
                let local = line.replacing("/var/lib/node_exporter", with: ".").replacing(
                    "/var/spool/spankit",
                    with: "spool"
                )
                // Without --once the command runs until it is interrupted.
                let words = local.contains("live") && !local.contains("--once") ? local + " --once" : local
                let outcome = try await SpanKitProcess(shell: words, in: directory).finish()
                // A condition of --fail-if that is true is a result, not an error.
                #expect(
                    outcome.status == 0 || local.contains("--fail-if") && outcome.status == 1,
                    "\(line): \(outcome.error)"
                )
            }
        }
    }

    private static let commands: [[String]] = [
        ["top"], ["tree"], ["slow"], ["errors"], ["critical"], ["logs"], ["report"], ["diff"], ["analyze"], ["summary"],
        ["live"],
        ["ship"], ["doctor"], ["prom"], ["prom", "make"], ["prom", "check"], ["cardinality"], ["sql"],
    ]

    /// The lines below "Examples:" in the help of a command.
    private static func examples(of command: [String], in directory: URL) async throws -> [String] {
        let help = try await SpanKitProcess(command + ["--help"], in: directory, environment: ["COLUMNS": "200"])
            .finish()
        let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(
            lines.firstIndex { $0.trimmingCharacters(in: .whitespaces) == "Examples:" },
            "\(command)"
        )
        return lines[(start + 1)...].map { $0.trimmingCharacters(in: .whitespaces) }.prefix { $0.hasPrefix("spankit ") }
            .map { String($0) }
    }

    /// The arguments of an example, without quotes and redirections.
    private static func words(of line: String) -> [String] {
        let command = line.replacing(" > trace.speedscope.json", with: "").dropFirst("spankit ".count)
        return command.split(separator: "'", omittingEmptySubsequences: false).enumerated().flatMap { place, part in
            place % 2 == 1 ? [String(part)] : part.split(separator: " ").map { String($0) }
        }
    }

    /// Writes the files that the examples name.
    private static func writeSamples(in directory: URL) throws {
        let spans = (0..<40).map { SampleLines.span("GET /", number: $0, isError: $0 == 3) }
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let line = try SampleLines.line(service: "api", spans).replacing(
            "00000000000000000000000000000001",
            with: trace
        )
        let results = try OperationsJSON([OperationSnapshot(name: "GET /", histogram: ExponentialHistogram())]).json()
        let prices = #"{"version": "1", "currency": "USD", "models": {"m": {"input": 3, "output": 15}}}"#
        let files = [
            ("traces.jsonl", line), ("before.jsonl", line), ("after.jsonl", line), ("prices.json", prices),
            ("logs.jsonl", try String(contentsOf: PackageFiles.url("docs/samples/logs.jsonl"), encoding: .utf8)),
            ("app.prom", "# HELP a h\n# TYPE a gauge\na 1\n"),
        ]
        for (name, text) in files {
            try text.write(to: directory.appending(path: name), atomically: true, encoding: .utf8)
        }
        for name in ["results.json", "monday.json", "tuesday.json"] {
            try Data(results).write(to: directory.appending(path: name))
        }
        let spool = directory.appending(path: "spool")
        try FileManager.default.createDirectory(at: spool, withIntermediateDirectories: false)
    }

    @Test("The help groups the commands by task and mentions shell completions")
    func groups() async throws {
        try await withTemporaryDirectory { directory in
            let help = try await SpanKitProcess.run("--help", in: directory).output
            let groups = [
                "LOOK AT TRACES AND LOGS", "COMPARE AND ANALYZE RUNS", "INSPECT RUNNING PROCESSES", "SEND AND CHECK",
                "METRICS", "BEYOND ONE MACHINE",
            ]
            for group in groups { #expect(help.uppercased().contains(group), "\(group): \(help)") }
            #expect(help.contains("spankit --generate-completion-script"))
            for shell in ["bash", "zsh", "fish"] {
                let script = try await SpanKitProcess.run("--generate-completion-script", shell, in: directory)
                #expect(script.status == 0 && script.output.contains("spankit"), "\(shell): \(script.error)")
            }
        }
    }

    @Test("'spankit help COMMAND' prints the command's help, 'spankit' alone prints the help of all commands")
    func helpCommand() async throws {
        try await withTemporaryDirectory { directory in
            for (words, same) in [
                (["help", "top"], ["top", "--help"]), (["help", "prom", "make"], ["prom", "make", "--help"]),
                (["help"], ["--help"]), ([], ["--help"]),
            ] {
                let one = try await SpanKitProcess(words, in: directory).finish()
                let other = try await SpanKitProcess(same, in: directory).finish()
                #expect(one.status == 0 && one.error == "", "\(words): \(one.error)")
                #expect(one.output == other.output && one.output.contains("USAGE: spankit"))
            }
        }
    }

    @Test(
        "The help of a command names its inputs",
        arguments: [
            ("top", ["'-' is standard input", "--spool", "results files"], []),
            ("report", ["'-' is standard input", "--spool", "results files"], []),
            ("analyze", ["Results files", "'-' is standard input"], ["--spool"]),
            ("diff", ["traces or a results file", "'-' is standard input"], ["--spool"]),
        ] as [(String, [String], [String])]
    )
    func inputs(command: String, named: [String], absent: [String]) async throws {
        try await withTemporaryDirectory { directory in
            let run = try await SpanKitProcess.run(command, "--help", in: directory)
            let text = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            for words in named { #expect(text.contains(words), "\(words): \(text)") }
            for words in absent { #expect(!text.contains(words)) }
        }
    }

    @Test("The version is one line")
    func version() async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run("--version", in: directory)
            #expect(outcome.status == 0)
            #expect(outcome.output.wholeMatch(of: #/[0-9]+\.[0-9]+\.[0-9]+\n/#) != nil)
        }
    }

    @Test(
        "Wrong usage is one line that says what is wrong, and status 64",
        arguments: [
            (
                ["profile", "--scenario", "foo"],
                "there is no scenario 'foo'; choose a number or a name from: 1 discovery-simple, 2"
            ),
            (["profile", "--scenario", "9"], "there is no scenario '9'"),
            (["profile", "--latency-scale", "-1"], "--latency-scale: -1.0 is not a number of at least 0"),
            (["profile", "--latency-scale", "nan"], "--latency-scale: nan is not a number of at least 0"),
            (["profile", "--latency-scale", "1e9"], "would take days"),
            (
                ["profile", "--model", "anthropic", "--model-timeout", "0"],
                "--model-timeout: 0 is not a number of seconds above 0 and at most 86400 (a day); 60 is the default"
            ),
            (
                ["profile", "--model", "anthropic", "--model-timeout", "-2.5"],
                "--model-timeout: -2.5 is not a number of"
            ),
            (["profile", "--model", "anthropic", "--model-timeout", "nan"], "--model-timeout: nan is not a number of"),
            (
                ["profile", "--model", "anthropic", "--model-timeout", "86401"],
                "--model-timeout: 86401 is not a number of"
            ),
            (
                ["profile", "--model-timeout", "5"],
                "--model-timeout: the offline model has no time limit; add --model anthropic"
            ),
            (["bogus"], "there is no command 'bogus'; see 'spankit --help'"),
            (["tpo", "x.jsonl", "--limit", "3"], "there is no command 'tpo'; see 'spankit --help'"),
            (["live", "--interval", "0"], "--interval: 0.0 is not a number of seconds between 0.1 and 3600"),
            (["prom", "x.jsonl", "--out", "x.txt"], "--out: 'x.txt' does not end in .prom"),
            (
                ["slow", "clickhouse://h/db"],
                "the address of a ClickHouse server is not a file; use 'spankit top --from'"
            ),
            (["sql", "slwest"], "there is no query 'slwest'; 'spankit sql' lists them"),
            (["sql", "select 1"], "there is no input; give files of OTLP JSON lines, '-' or --from URL"),
            (["sql", "trace", "x.jsonl"], "trace needs --param trace=…: the id of the trace"),
            (
                ["sql", "slowest", "--param", "top=3", "x.jsonl"],
                "--param: slowest has no parameter 'top'; it has: limit, since, until"
            ),
            (["sql", "select {x:String} as x", "x.jsonl"], "the query has the parameter 'x'; give --param x=…"),
            (["sql", "schema", "x.jsonl"], "'schema' returns no rows"),
            (
                ["top", "--from", "localhost:8123"],
                "--from: the address of a ClickHouse server has the form clickhouse://localhost:8123/otel"
            ),
            (
                ["top", "--from", "clickhouse://a:b@h"],
                "--from: the address of h contains a user or a password; set CLICKHOUSE_USER and"
            ),
            (
                ["top", "--from", "clickhouse://h/db", "--where", "name=x"],
                "--where: the server has histograms of operations"
            ),
            (
                ["top", "--from", "clickhouse://h/db", "--by", "service"],
                "--from: the server has only histograms of operations"
            ),
            (
                ["top", "--from", "clickhouse://h/db?until=1h", "--until", "2h"],
                "--until: the address contains until as well"
            ),
        ]
    )
    func wrongUsage(arguments: [String], message: String) async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess(arguments, in: directory).finish()
            #expect(outcome.status == 64)
            #expect(outcome.output == "")
            #expect(outcome.error.hasPrefix("spankit: "))
            #expect(outcome.error.contains(message), "\(outcome.error)")
            #expect(outcome.error.count { $0 == "\n" } == 1, "\(outcome.error)")
            #expect(try resultsFiles(in: directory).isEmpty)
        }
    }

    @Test(
        "An argument that the parser rejects is named, with the command whose help explains it, and status 64",
        arguments: [
            (["profile", "--latency-scale", "fast"], "'fast' is invalid for '--latency-scale <factor>'", " profile"),
            (["profile", "--seed", "-1"], "--seed", " profile"),
            (["profile", "--model-timeout", "soon"], "'soon' is invalid for '--model-timeout <seconds>'", " profile"),
            (["profile", "--model", "gpt"], "Please provide one of 'offline' and 'anthropic'", " profile"),
            (["profile", "--bogus"], "Unknown option '--bogus'", " profile"),
            (["summary"], "Missing expected argument '<results.json> ...'", " summary"),
            (["-x"], "Unknown option '-x'", ""),
            (["top", "--bogus"], "Unknown option '--bogus'", " top"),
            (
                ["top", "--limit", "-1"], "'-1' is invalid for '--limit <limit>': give a whole number, 1 or more",
                " top"
            ),
            (
                ["slow", "--limit", "0"], "'0' is invalid for '--limit <limit>': give a whole number, 1 or more",
                " slow"
            ),
            (
                ["tree", "--limit", "x"], "'x' is invalid for '--limit <limit>': give a whole number, 1 or more",
                " tree"
            ),
            (["cardinality", "x", "--rows", "-1"], "give a whole number, 1 or more", " cardinality"),
            (["top", "--sort", "foo"], "Please provide one of the following:", " top"),
        ]
    )
    func rejected(arguments: [String], message: String, command: String) async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess(arguments, in: directory).finish()
            #expect(outcome.status == 64)
            #expect(outcome.output == "")
            #expect(outcome.error.hasPrefix("Error: "), "\(outcome.error)")
            #expect(outcome.error.contains(message), "\(outcome.error)")
            #expect(outcome.error.contains("See 'spankit\(command) --help' for more information."), "\(outcome.error)")
        }
    }
}
