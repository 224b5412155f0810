import ArgumentParser
import SpanKitPrometheusText
import SpanKitReports
import SpanKitShipping

/// `spankit prom make`, also `spankit prom FILES --out X.prom`: a metrics file from what was recorded before.
struct PromMakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make",
        abstract: "Make a metrics file from spans or results.",
        discussion: """
            Reads OTLP JSON lines of anybody (also gzip, also '-' for standard input) and results of 'spankit profile', and \
            writes what a running process would have written: durations, calls, failures, and for calls of language models \
            their durations and tokens. Distributions are merged without loss. Each service becomes a label 'process'.

            Exit status: 0 written, 64 wrong usage, 65 a file cannot be read as a whole, 73 the metrics file cannot be \
            written. With 65, what could be read of spans is written all the same.
            """
    )

    @Argument(help: ArgumentHelp("OTLP JSON lines, or results of 'spankit profile'.", valueName: "files"))
    var files: [String]

    @Option(help: ArgumentHelp("The file to write; node_exporter reads names that end in .prom.", valueName: "path"))
    var out: String

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Make a label of this attribute; may be given several times.",
            discussion: "Each of its values becomes a set of series. Ids, prompts and URLs are refused.",
            valueName: "key"
        )
    )
    var attribute: [String] = []

    func run() async throws {
        guard out.hasSuffix(".prom") else {
            throw CommandFailure(.usage, "--out: '\(out)' does not end in .prom; node_exporter would not read it")
        }
        let policy = AttributePolicy(allowing: attribute)
        if let refused = policy.refused.first {
            throw CommandFailure(
                .usage,
                "--attribute: '\(refused)' holds ids or content; each value would be a series for ever. Leave it out"
            )
        }
        var metrics = SpanFileMetrics(attributes: policy)
        var problemCount = 0
        for file in files { problemCount += try read(file, into: &metrics) }
        metrics.finish()
        metrics.assembler.noteParts()
        if metrics.isEmpty {
            throw CommandFailure(.data, "\(files.joined(separator: ", ")): no span there; nothing is written")
        }
        try write(metrics)
        if problemCount > 0 { throw ExitCode(ExitStatus.data.rawValue) }
    }

    /// - Returns: how many places could not be read.
    private func read(_ file: String, into metrics: inout SpanFileMetrics) throws -> Int {
        let input: InputFile
        do {
            input = try InputFile(file)
            switch input.kind {
            case .spans:
                return input.readSpans(note: { StandardStreams.error.write("spankit: \($0)\n") }) { metrics.add($0) }
            case .json:
                let results = try RunResults([(file: file, json: try input.bytes())], reader: nil)
                try metrics.merge(
                    results.operations,
                    service: TextfileWriter.Configuration(path: out).processName
                )
                return 0
            case .metrics:
                let advice = "give OTLP JSON lines or results of 'spankit profile'"
                throw CommandFailure(.data, "\(file): is neither spans nor results; \(advice)")
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.data, "\(error)")
        }
    }

    private func write(_ metrics: SpanFileMetrics) throws {
        let lastFailure = FailureLine()
        let writer = TextfileWriter(TextfileWriter.Configuration(path: out)) {
            lastFailure.set($0)
        } collect: {
            metrics.metrics()
        }
        guard writer.writeNow() else { throw CommandFailure(.cannotCreate, lastFailure.text) }
        StandardStreams.output.write("\(out)\n")
    }
}
