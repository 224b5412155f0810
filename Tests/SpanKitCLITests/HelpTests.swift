import SpanKitTestSupport
import Testing

@Suite("Help and usage")
struct HelpTests {
    @Test(
        "The help texts are as they were read and approved",
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

    @Test("'spankit help COMMAND' is the command's own, 'spankit' alone shows all of them")
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
        "The help of a command names what it reads, and no more",
        arguments: [
            ("top", ["'-' is standard input", "--spool", "results of 'spankit profile'"], []),
            ("report", ["'-' is standard input", "--spool", "results files of 'spankit profile'"], []),
            ("analyze", ["Results files", "'-' is traces on standard input"], ["--spool"]),
            ("diff", ["traces or a results file", "'-' is traces on standard input"], ["--spool"]),
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
                "there is no scenario 'foo'; choose a number or name of: 1 discovery-simple, 2"
            ),
            (["profile", "--scenario", "9"], "there is no scenario '9'"),
            (["profile", "--latency-scale", "-1"], "--latency-scale: -1.0 is not 0 or more"),
            (["profile", "--latency-scale", "nan"], "--latency-scale: nan is not 0 or more"),
            (["profile", "--latency-scale", "1e9"], "would take days"),
            (["profile", "--latency-scale", "fast"], "'fast' is invalid for '--latency-scale <factor>'"),
            (["profile", "--seed", "-1"], "--seed"),
            (
                ["profile", "--model", "anthropic", "--model-timeout", "0"],
                "--model-timeout: 0 is not a number of seconds above 0, at most 86400 (a day); 60 is the default"
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
            (["profile", "--model-timeout", "soon"], "'soon' is invalid for '--model-timeout <seconds>'"),
            (
                ["profile", "--model-timeout", "5"],
                "--model-timeout: the offline model has no time limit; add --model anthropic"
            ),
            (["profile", "--model", "gpt"], "Please provide one of 'offline' and 'anthropic'"),
            (["profile", "--bogus"], "unknown option '--bogus'"),
            (["summary"], "missing expected argument '<results.json> ...'"),
            (["bogus"], "there is no command 'bogus'; choose one of profile, summary, top, "),
            (
                ["tpo", "x.jsonl", "--limit", "3"],
                "there is no command 'tpo'; did you mean 'top'? See 'spankit --help'."
            ),
            (["-x"], "unknown option '-x'. See 'spankit --help'."),
            (["help", "tpo"], "there is no command 'tpo'; did you mean 'top'?"),
            (["help", "prom", "mke"], "there is no command 'mke'; did you mean 'make'?"),
            (["top", "--bogus"], "unknown option '--bogus'. See 'spankit top --help'."),
            (
                ["top", "--limit", "-1"],
                "the value '-1' is invalid for '--limit <limit>': give a whole number, 1 or more"
            ),
            (
                ["slow", "--limit", "0"],
                "the value '0' is invalid for '--limit <limit>': give a whole number, 1 or more"
            ),
            (
                ["tree", "--limit", "x"],
                "the value 'x' is invalid for '--limit <limit>': give a whole number, 1 or more"
            ),
            (["cardinality", "x", "--rows", "-1"], "for '--rows <number>': give a whole number, 1 or more"),
            (
                ["top", "--sort", "foo"],
                "Please provide one of the following: self, total, count, errors, p95, max, name. See 'spankit top --help'."
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
}
