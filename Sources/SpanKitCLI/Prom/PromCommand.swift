import ArgumentParser
import Foundation
import SpanKitInputs
import SpanKitPrometheusText
import SpanKitSummaries

/// `spankit prom`
struct PromCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "prom",
        abstract: "Make metrics files for node_exporter from spans, or check them.",
        discussion: "'spankit prom FILES --out FILE' is short for 'spankit prom make'.",
        examples: ["prom traces.jsonl --out app.prom", "prom check app.prom"],
        subcommands: [PromMakeCommand.self, PromCheckCommand.self],
        defaultSubcommand: PromMakeCommand.self
    )
}

/// `spankit prom check`
struct PromCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "check",
        abstract: "Check whether node_exporter serves metrics files completely.",
        discussion: """
            Reports each problem with line, column, reason and its effect in node_exporter. Several files are also checked for \
            conflicts, because node_exporter drops metrics on which two files disagree.

            The effect depends on the version: the one of --node-exporter, otherwise the one that is installed here, otherwise \
            \(NodeExporterVersion.newest.text).

            With --format json, csv or md, there is a row for each problem and conflict.

            Exit status: 0 everything would be served, 1 something would be lost, 65 a file cannot be read.
            """,
        examples: ["prom check app.prom", "prom check --node-exporter 1.9 /var/lib/node_exporter/*.prom"]
    )

    @Argument(help: ArgumentHelp("Files in the Prometheus text format.", valueName: "files"))
    var files: [String]

    @Option(help: ArgumentHelp("The version of node_exporter that reads the files.", valueName: "version"))
    var nodeExporter: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let version = try NodeExporterVersion.chosen(nodeExporter)
        var texts: [(file: String, text: [UInt8])] = []
        var isUnreadable = false
        for file in files {
            do {
                let input = try InputBytes(path: file, decompresses: false)
                var text: [UInt8] = []
                while let bytes = try input.next() { text += bytes }
                texts.append((input.name, text))
            } catch {
                StandardStreams.note("\(error)")
                isUnreadable = true
            }
        }
        let problems = texts.flatMap { file, text in
            ExpositionText.problems(in: text, for: version, maximumProblems: .max).map {
                PromFinding.problem(file: file, $0)
            }
        }
        let conflicts = texts.count > 1 ? ExpositionText.conflicts(in: texts, for: version) : []
        let findings = problems + conflicts.map { .conflict($0) }
        let isComplete = !isUnreadable && !findings.contains(where: \.losesSomething)
        output.format.write(
            PromFinding.document(findings, for: version, fileCount: texts.count, isComplete: isComplete)
        ) { _ in
            let lines = findings.map { "\($0)\n" }.joined()
            let files = Readable.count(texts.count, of: "file")
            return isComplete ? lines + "\(files): \(version) serves everything\n" : lines
        }
        for name in texts.map(\.file) where !name.hasSuffix(".prom") {
            StandardStreams.note("\(name): node_exporter reads only files whose names end in .prom")
        }
        if isUnreadable { throw ExitCode(ExitStatus.data.rawValue) }
        if !isComplete { throw ExitCode(1) }
    }
}
