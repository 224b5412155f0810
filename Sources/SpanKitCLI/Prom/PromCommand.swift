import ArgumentParser
import Foundation
import SpanKitInputs
import SpanKitPrometheusText
import SpanKitShipping

/// `spankit prom`: metrics files for node_exporter.
struct PromCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prom",
        abstract: "Make a metrics file from spans or results, or check such files.",
        subcommands: [PromMakeCommand.self, PromCheckCommand.self],
        defaultSubcommand: PromMakeCommand.self
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
