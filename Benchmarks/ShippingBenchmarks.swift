import Foundation

/// Whole exports against a receiver on this machine, each in a process of its own: what is lost, what memory it takes.
///
/// `spankit-benchmarks scenario steady-100-30` runs one by hand: 100 ms to answer, 30 s.
enum ShippingBenchmarks {
    static func rows() -> [BenchmarkRow] {
        let megabytes64 = 64.0 * 1_024 * 1_024
        var rows: [BenchmarkRow] = []
        for threads in [1, 4] {
            let run = scenario("burst-\(threads)")
            rows.append(share("burst of 200,000 spans, \(threads) threads: lost / all", run))
            rows.append(ratio("the same: peak memory over start / 64 MB", run["rss"] ?? 0, megabytes64, bar: 1))
        }
        for delay in [0, 20, 100] {
            rows.append(share("50,000 spans/s, answers take \(delay) ms: lost / all", scenario("steady-\(delay)-5")))
        }
        let down = scenario("down-10")
        rows.append(
            ratio(
                "receiver down, 10 M spans: peak memory / 64 MB log + 16 MB",
                down["rss"] ?? 0,
                megabytes64 * 1.25,
                bar: 1.25
            )
        )
        rows.append(ratio("the same: counted by percentiles / all", down["counted"] ?? 0, 10_000_000, bar: 1))
        let hang = scenario("hang")
        rows.append(ratio("p99 of a span, receiver hangs / answers", hang["bad"] ?? 0, hang["good"] ?? 1, bar: 1.3))
        let tail = scenario("tail")
        let without = tail["without"] ?? 0
        rows.append(ratio("400,000 spans, tail sampling keeps all / without", tail["all"] ?? 1, without, bar: nil))
        rows.append(ratio("the same, keeps errors, of which there are none", tail["errors"] ?? 1, without, bar: nil))
        rows.append(ratio("processor time while waiting 3 s / 1 %", scenario("wait")["used"] ?? 0, 30_000, bar: 1))
        return rows
    }

    /// What did not arrive; a run whose account does not add up counts as lost altogether.
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
