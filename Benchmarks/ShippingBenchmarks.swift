import Foundation
import SpanKitScenarios

/// Exports to a receiver on this machine, each in its own process: lost spans, memory and times.
///
/// `spankit-benchmarks scenario tail` runs a scenario of ``ShippingScenario`` alone, and `spankit-benchmarks scenarios paced-20` one of
/// the library's.
enum ShippingBenchmarks {
    static func rows() throws -> [BenchmarkRow] {
        try delivery() + [outOfReach(), hanging(), paced()] + tailSampling() + [waiting()]
    }

    // MARK: Scenarios of the library

    private static func delivery() throws -> [BenchmarkRow] {
        let names = [
            "burst-1": "burst of 200,000 spans, 1 thread", "burst-4": "burst of 200,000 spans, 4 threads",
            "paced-0": "50,000 spans per second, answers at once",
            "paced-20": "50,000 spans per second, answers after 20 ms",
            "paced-100": "50,000 spans per second, answers after 100 ms",
            "paced-million": "1 million spans per second for 2 s, 1 thread",
            "outage": "10,000 spans per second, unavailable for 5 s",
            "shutdown": "shutdown directly after 20,000 spans",
            "logs-burst-1": "burst of 200,000 log records, 1 thread",
            "logs-burst-4": "burst of 200,000 log records, 4 threads",
            "logs-paced-0": "50,000 log records per second, answers at once",
            "logs-paced-20": "50,000 log records per second, answers after 20 ms",
            "logs-paced-100": "50,000 log records per second, answers after 100 ms",
        ]
        return try Scenario.all.flatMap { scenario -> [BenchmarkRow] in
            guard let name = names[scenario.name] else { return [] }
            let result = Scenarios.measure(scenario)
            guard result.hasEnded else { throw BenchmarkError("the scenario '\(scenario.name)' did not end") }
            var rows = [lost(name, result)]
            switch scenario.load {
            case .burst(200_000, _):
                let growth = "\(name): growth of peak memory / 64 MiB"
                rows.append(memory(growth, Double(result.memoryGrowth), megabytes: 64, bar: 1))
            case .paced(let rate, let seconds) where scenario.name == "paced-0":
                let share = "processor time of \(rate) spans per second / one core"
                let used = Double(result.processorNanoseconds) / 1e9 / Double(seconds)
                rows.append(.init(share, measured: used, reference: 1, unit: .seconds, bar: nil, isShare: true))
            default: break
            }
            return rows
        }
    }

    /// The fraction of spans that were lost, or that arrived more than once.
    private static func lost(_ name: String, _ result: ScenarioResult) -> BenchmarkRow {
        BenchmarkRow(
            "\(name): lost / all",
            measured: Double(abs(result.recorded - result.delivered)),
            reference: Double(result.recorded),
            unit: .spans,
            bar: 0,
            isShare: true
        )
    }

    // MARK: Scenarios of SpanKit alone

    private static func outOfReach() throws -> BenchmarkRow {
        let run = try scenario("down-10")
        guard run["counted"] == 10_000_000 else {
            throw BenchmarkError(
                "the percentiles counted \(Int(run["counted", default: 0])) of 10,000,000 recorded spans; find the lost ones"
            )
        }
        return memory(
            "unreachable, 10 million spans: growth of peak memory / 80 MiB",
            run["rss", default: 0],
            megabytes: 80,
            bar: 1.25
        )
    }

    private static func hanging() throws -> BenchmarkRow {
        let run = try scenario("hang")
        return BenchmarkRow(
            name: "p99 of ten spans with a receiver that hangs / answers",
            measuredSeconds: run["bad", default: 0] / 1e12,
            referenceSeconds: run["good", default: 0] / 1e12,
            bar: 1.3
        )
    }

    private static func paced() throws -> BenchmarkRow {
        let run = try scenario("paced")
        return BenchmarkRow(
            name: "span in 200 every 20 ms (median) / without pauses (fastest)",
            measuredSeconds: run["paced", default: 0] / 1e12,
            referenceSeconds: run["hot", default: 0] / 1e12,
            bar: 2.5,
            // Measured alone, with the recorder only.
            reason:
                "after a pause of 20 ms, the floor of a span (clock, task-local value) itself takes 1.7 times as long, and a span "
                + "that is not exported 2.1 times; fetching the log's memory ahead changes nothing (2.2)"
        )
    }

    private static func tailSampling() throws -> [BenchmarkRow] {
        let run = try scenario("tail")
        func row(_ name: String, _ key: String, bar: Double) -> BenchmarkRow {
            BenchmarkRow(
                name: "400,000 spans, tail sampling keeps \(name) / no tail sampling",
                measuredSeconds: run[key, default: 0] / 1e6,
                referenceSeconds: run["without", default: 0] / 1e6,
                bar: bar
            )
        }
        return [row("all", "all", bar: 2), row("errors, which do not occur", "errors", bar: 1.2)]
    }

    private static func waiting() throws -> BenchmarkRow {
        BenchmarkRow(
            "processor time during a wait of 3 s / 3 s",
            measured: try scenario("wait")["used", default: 0] / 1e6,
            reference: 3,
            unit: .seconds,
            bar: 0.01,
            isShare: true
        )
    }

    private static func memory(_ name: String, _ bytes: Double, megabytes: Double, bar: Double) -> BenchmarkRow {
        BenchmarkRow(name, measured: bytes, reference: megabytes * 1_048_576, unit: .bytes, bar: bar)
    }

    /// Runs a scenario in a new process.
    private static func scenario(_ name: String) throws -> [String: Double] {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["scenario", name]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        var numbers: [String: Double] = [:]
        for pair in text.split(whereSeparator: \.isWhitespace) {
            let parts = pair.split(separator: "=")
            if parts.count == 2, let number = Double(parts[1]) { numbers[String(parts[0])] = number }
        }
        guard process.terminationStatus == 0, !numbers.isEmpty else {
            throw BenchmarkError("the scenario '\(name)' ended with status \(process.terminationStatus)")
        }
        return numbers
    }
}
