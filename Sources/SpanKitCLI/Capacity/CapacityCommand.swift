import ArgumentParser
import SpanKitInputs
import SpanKitPlatform
import SpanKitReports
import SpanKitShipping

/// `spankit capacity`
struct CapacityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "capacity",
        abstract: "Estimate the spans and bytes of a service, and the machines that store them.",
        discussion: """
            Reads spans, or the metrics that SpanKit's exporter sends about itself, from OTLP JSON lines, optionally compressed with \
            gzip; '-' is standard input. With --spool, it reads how many spans running processes have made. Prints the rate, \
            the bytes after compression, what sampling leaves, whether one 'spankit serve' is enough, and what gateways and \
            ClickHouse need. Each number that is not measured is listed as an assumption.

            Exit status: 0 printed, 64 wrong usage, 65 a file cannot be read completely, or it does not contain a rate.
            """,
        examples: [
            "capacity traces.jsonl",
            "capacity --processes 200 --tail-sampling errors,slow=2000,otherwise=0.05 traces.jsonl",
        ]
    )

    @Argument(help: ArgumentHelp("Files of OTLP JSON lines.", valueName: "files"))
    var files: [String] = []

    @Option(help: ArgumentHelp("Read running processes from a spool instead of files.", valueName: "directory"))
    var spool: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of processes that each do as much as the input.", valueName: "number"),
        transform: WholeNumber.atLeast(1)
    )
    var processes = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The time in which the spans were made (default: from their start times).",
            valueName: "seconds"
        )
    )
    var seconds: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The probability of head sampling, 0 to 1, if the input is not sampled yet.",
            valueName: "probability"
        )
    )
    var sampling = 1.0

    @Option(
        help: ArgumentHelp(
            "Rules of tail sampling, as in SPANKIT_TAIL_SAMPLING. They are tried on the traces.",
            valueName: "rules"
        )
    )
    var tailSampling: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long gateways wait for the end of a trace.", valueName: "seconds"),
        transform: WholeNumber.from(1, through: 86_400)
    )
    var decisionWait = 30

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long spans are kept.", valueName: "days"),
        transform: WholeNumber.from(1, through: 36_500)
    )
    var days = 14

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The disk of 'spankit serve'.", valueName: "gigabytes"),
        transform: WholeNumber.from(1, through: 1_000_000)
    )
    var disk = 100

    @OptionGroup var output: OutputOptions

    func run() throws {
        if let seconds, !(seconds > 0 && seconds <= 1e9) {
            throw CommandFailure(.usage, "--seconds: \(seconds) is not a number of seconds above 0 and up to 10^9")
        }
        guard sampling > 0, sampling <= 1 else {
            throw CommandFailure(.usage, "--sampling: \(sampling) is not a probability above 0 and up to 1")
        }
        let rules = try rules()
        guard files.isEmpty == (spool != nil) else {
            throw CommandFailure(.usage, "give either files of OTLP JSON lines or --spool DIR")
        }
        var problemCount = 0
        var traffic = try spool.map(read(spool:)) ?? read(rules, &problemCount)
        traffic.headShare *= sampling
        traffic = traffic.multiplied(by: processes)
        guard traffic.startedPerSecond <= CapacityPlan.largestRate else {
            throw CommandFailure(
                .data,
                "the spans in this time, in all processes, are more than 10^12 a second; check --seconds, --processes and the input"
            )
        }
        let plan = CapacityPlan(
            traffic: traffic,
            days: days,
            decisionWaitSeconds: decisionWait,
            serveBytes: Double(disk) * 1e9
        )
        let report = CapacityReport(plan: plan)
        output.format.write(report.document) { report.text(style: $0) }
        if problemCount > 0 { throw ExitCode(ExitStatus.data.rawValue) }
    }

    private func rules() throws -> TailSampling? {
        guard let tailSampling else { return nil }
        var problems: [String] = []
        let rules = TailSampling(tailSampling) { problems.append($0) }
        if let problem = problems.first { throw CommandFailure(.usage, "--tail-sampling: \(problem)") }
        if spool != nil {
            throw CommandFailure(.usage, "--tail-sampling: the rules are tried on traces; give files of spans")
        }
        return rules
    }

    private func read(spool directory: String) throws -> SpanTraffic {
        var watch = SpoolWatch(directory: directory, processID: nil)
        let now = UnixTime.nanoseconds()
        guard let traffic = SpanTraffic(try watch.look(at: now), now: now) else {
            throw CommandFailure(.data, "\(directory): no running process there has made spans yet")
        }
        return traffic
    }

    private func read(_ rules: TailSampling?, _ problemCount: inout Int) throws -> SpanTraffic {
        var counter = TrafficCounter(rules)
        var metrics = MetricTotals()
        for file in files {
            let reading = try InputFile(file).readElements { element in
                switch element {
                case .span(let span): counter.add(span)
                case .metric(let metric): metrics.add(metric)
                }
            }
            problemCount += reading.reportProblems()
        }
        let named = files.joined(separator: ", ")
        if counter.spanCount == 0 {
            guard rules == nil else {
                throw CommandFailure(
                    .usage,
                    "--tail-sampling: the rules are tried on traces, and \(named) contains no spans"
                )
            }
            if let traffic = SpanTraffic(metrics) { return traffic }
            throw CommandFailure(
                .data,
                "\(named): no spans, and no metric otel.sdk.span.started with a rate; give OTLP JSON lines of spans, or the "
                    + "metrics of SpanKit's exporter"
            )
        }
        guard let traffic = counter.traffic(seconds: seconds) else {
            throw CommandFailure(
                .data,
                "\(named): the start times of the spans do not tell how long they took; give --seconds"
            )
        }
        return traffic
    }
}
