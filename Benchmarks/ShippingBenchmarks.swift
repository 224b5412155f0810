import Foundation

/// Exports to a receiver on this machine, each in its own process: lost spans, memory and times.
///
/// `spankit-benchmarks scenario steady-100-30` runs one scenario: answers after 100 ms, for 30 s.
enum ShippingBenchmarks {
    static func rows() -> [BenchmarkRow] {
        let megabytes64 = 64.0 * 1_024 * 1_024
        var rows: [BenchmarkRow] = []
        for threads in [1, 4] {
            let run = scenario("burst-\(threads)")
            rows.append(
                share("burst of 200,000 spans, \(threads == 1 ? "1 thread" : "\(threads) threads"): lost / all", run)
            )
            rows.append(ratio("same: growth of peak memory / 64 MiB", run["rss"] ?? 0, megabytes64, bar: 1))
        }
        for delay in [0, 20, 100] {
            rows.append(
                share("50,000 spans per second, answers after \(delay) ms: lost / all", scenario("steady-\(delay)-5"))
            )
        }
        rows.append(share("1 million spans per second, 1 thread: lost / all", scenario("rate-1000")))
        let down = scenario("down-10")
        rows.append(
            ratio(
                "unreachable, 10 million spans: growth of peak memory / 80 MiB",
                down["rss"] ?? 0,
                megabytes64 * 1.25,
                bar: 1.25
            )
        )
        rows.append(ratio("same: counted by percentiles / all", down["counted"] ?? 0, 10_000_000, bar: 1))
        let hang = scenario("hang")
        rows.append(
            ratio("p99 of a span with a receiver that hangs / answers", hang["bad"] ?? 0, hang["good"] ?? 1, bar: 1.3)
        )
        let paced = scenario("paced")
        rows.append(
            ratio("200 spans every 20 ms / the same without pauses", paced["paced"] ?? 1, paced["hot"] ?? 0, bar: 2.5)
        )
        let tail = scenario("tail")
        let without = tail["without"] ?? 0
        rows.append(
            ratio("400,000 spans, tail sampling keeps all / no tail sampling", tail["all"] ?? 1, without, bar: 2)
        )
        rows.append(ratio("same, keeps nothing / no tail sampling", tail["errors"] ?? 1, without, bar: 1.2))
        rows.append(ratio("processor time during a wait of 3 s / 1 %", scenario("wait")["used"] ?? 0, 30_000, bar: 1))
        return rows
    }

    /// The fraction of lost spans. It is 1 if the counts of a run do not add up.
    private static func share(_ name: String, _ run: [String: Double]) -> BenchmarkRow {
        let created = run["created"] ?? 0
        let isSound = run["balanced"] == 1 && created > 0
        return ratio(name, isSound ? created - (run["exported"] ?? 0) : 1, isSound ? created : 1, bar: 0)
    }

    private static func ratio(_ name: String, _ measured: Double, _ reference: Double, bar: Double?) -> BenchmarkRow {
        BenchmarkRow(name: name, measuredSeconds: measured, referenceSeconds: reference, bar: bar)
    }

    private static func scenario(_ name: String) -> [String: Double] {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["scenario", name]
        let output = Pipe()
        process.standardOutput = output
        try? process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        var numbers: [String: Double] = [:]
        for pair in text.split(whereSeparator: \.isWhitespace) {
            let parts = pair.split(separator: "=")
            if parts.count == 2, let number = Double(parts[1]) { numbers[String(parts[0])] = number }
        }
        return numbers
    }
}
