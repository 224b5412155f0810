import ArgumentParser
import Foundation
import Percentiles
import PrometheusText
import Reports
import Shipping

/// `spankit prom`: metrics files for node_exporter.
struct PromCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prom",
        abstract: "Check metrics files, or make one from results.",
        subcommands: [PromCheckCommand.self, PromMakeCommand.self]
    )
}

/// `spankit prom check`: what node_exporter would do with a file.
struct PromCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what node_exporter would do with these files.",
        discussion: """
            Names every line that would cost something, with its column and the reason. Several files are also compared with \
            each other: node_exporter drops what two files say differently.

            Exit status: 0 nothing would be lost, 1 something would be, 65 a file cannot be read.
            """
    )

    @Argument(help: ArgumentHelp("Files in the text format of Prometheus.", valueName: "files"))
    var files: [String]

    func run() async throws {
        var texts: [(file: String, text: [UInt8])] = []
        var isUnreadable = false
        for file in files {
            do {
                let input = try InputBytes(path: file)
                var text: [UInt8] = []
                while let bytes = try input.next() { text += bytes }
                texts.append((file, text))
            } catch {
                StandardStreams.error.write("spankit: \(error)\n")
                isUnreadable = true
            }
        }
        var losesSomething = false
        for (file, text) in texts {
            let problems = ExpositionText.problems(in: text)
            for problem in problems { StandardStreams.output.write("\(file): \(problem)\n") }
            losesSomething = losesSomething || problems.contains { $0.outcome.losesSomething }
        }
        let conflicts = texts.count > 1 ? ExpositionText.conflicts(in: texts) : []
        for conflict in conflicts { StandardStreams.output.write("\(conflict)\n") }
        if isUnreadable { throw ExitCode(ExitStatus.data.rawValue) }
        if losesSomething || !conflicts.isEmpty { throw ExitCode(1) }
        let names = texts.count == 1 ? "1 file" : "\(texts.count) files"
        StandardStreams.output.write("\(names): node_exporter serves everything\n")
    }
}

/// `spankit prom make`: a metrics file from results files.
struct PromMakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make",
        abstract: "Make a metrics file from results files.",
        discussion: """
            The distributions of all files are merged without loss.

            Exit status: 0 written, 65 a file cannot be read, 73 the metrics file cannot be written.
            """
    )

    @Argument(help: ArgumentHelp("Results files of 'spankit profile'.", valueName: "files"))
    var files: [String]

    @Option(help: ArgumentHelp("The file to write; node_exporter reads names that end in .prom.", valueName: "path"))
    var out: String

    func run() async throws {
        guard out.hasSuffix(".prom") else {
            throw CommandFailure(.usage, "--out: '\(out)' does not end in .prom; node_exporter would not read it")
        }
        var operations: [OperationSnapshot] = []
        for file in files {
            do {
                let results = try ProfilingResults(contentsOf: file)
                try operations.merge(results.aggregate.operations.map(\.snapshot))
            } catch {
                throw CommandFailure(.data, "\(error)")
            }
        }
        let counted = operations
        let lastFailure = FailureLine()
        let textfile = TextfileWriter.Configuration(path: out)
        var spans = SpanMetrics.Configuration()
        spans.constantLabels = textfile.constantLabels
        let metrics = SpanMetrics(spans)
        let writer = TextfileWriter(textfile) {
            lastFailure.set($0)
        } collect: {
            metrics.families(of: counted)
        }
        guard writer.writeNow() else { throw CommandFailure(.cannotCreate, lastFailure.text) }
        StandardStreams.output.write("\(out)\n")
    }
}
