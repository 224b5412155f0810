import ArgumentParser
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitReports

/// `spankit prom make`, also `spankit prom FILES --out X.prom`
struct PromMakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "make",
        abstract: "Make a metrics file from spans, metrics or results.",
        discussion: """
            Reads OTLP JSON lines (optionally compressed with gzip; '-' is standard input) and results files. Writes the metrics \
            that a running process would have written: durations, calls, failures, and the durations and tokens of model calls. \
            Distributions are merged without loss. The label 'process' contains the service.

            Metrics in OTLP files are written with their totals or last values: exponential histograms with exact counts at powers of \
            two, and their quantiles in a summary named '…_quantile'.

            Exit status: 0 written, 64 wrong usage, 65 a file cannot be read completely, 73 the metrics file cannot be written. With \
            65, the spans that could be read are written.
            """,
        examples: [
            "prom make traces.jsonl --out app.prom", "prom make --attribute http.route traces.jsonl --out app.prom",
        ]
    )

    @Argument(help: ArgumentHelp("OTLP JSON lines or results files.", valueName: "files"))
    var files: [String]

    @Option(help: ArgumentHelp("The file to write. Its name must end in .prom.", valueName: "path"))
    var out: String

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Make a label of this attribute. Can be repeated.",
            discussion: "Each value makes separate series. Ids, prompts and URLs are refused.",
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
                "--attribute: '\(refused)' contains ids or content, and each value would make a separate series; remove it"
            )
        }
        var metrics = SpanFileMetrics(attributes: policy)
        var problemCount = 0
        for file in files { problemCount += try read(file, into: &metrics) }
        metrics.finish()
        if metrics.isEmpty {
            throw CommandFailure(
                .data,
                "\(files.joined(separator: ", ")): no spans or metrics found, so nothing was written; give OTLP JSON lines or results files"
            )
        }
        try write(metrics)
        if problemCount > 0 { throw ExitCode(ExitStatus.data.rawValue) }
    }

    /// - Returns: The number of problems.
    private func read(_ file: String, into metrics: inout SpanFileMetrics) throws -> Int {
        do {
            let reading = try InputFile(file).readElements { metrics.add($0) }
            if case .traces = reading.content { return reading.reportProblems() }
            if let failure = reading.failure { throw failure }
            guard case .json(let json) = reading.content else {
                let reason = "contains neither spans nor metrics nor results; give OTLP JSON lines or results files"
                throw CommandFailure(.data, "\(reading.name): \(reason)")
            }
            let results = try RunResults([(file: reading.name, json: json)], reader: nil)
            try metrics.merge(results.operations, service: TextfileWriter.Configuration(path: out).processName)
            return 0
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.data, "\(error)")
        }
    }

    private func write(_ metrics: SpanFileMetrics) throws {
        let lastFailure = Locked("")
        let writer = TextfileWriter(TextfileWriter.Configuration(path: out)) { line in
            lastFailure.withLock { $0 = line }
        } collect: {
            metrics.metrics()
        }
        guard writer.writeNow() else { throw CommandFailure(.cannotCreate, lastFailure.withLock { $0 }) }
        StandardStreams.output.write("\(out)\n")
    }
}
