/// What changed between two files of results, and how sure that is.
///
/// The ratios of a row are compared, because absolute times depend on the machine and its load. A row has several samples of
/// its ratio in each file. Of them, the middle 80 % are the range.
///
/// - The difference is sure if the ranges do not overlap, chance would rarely separate so many samples, and each file has
///   at least two runs: the time of a program also differs from run to run, depending on where its memory is.
/// - It is probable if only the medians lie outside of each other's range, or if there are too few samples to be sure.
/// - Otherwise there is no difference beyond the noise: the largest distance of a range's end from its median.
package struct BenchmarkComparison {
    /// What is known about a row.
    package enum Certainty: Equatable { case sure, probable, none }

    private let before: (name: String, results: BenchmarkResults)
    private let after: (name: String, results: BenchmarkResults)

    /// Compares two files.
    package init(
        _ before: (name: String, results: BenchmarkResults),
        _ after: (name: String, results: BenchmarkResults)
    ) {
        self.before = before
        self.after = after
    }

    /// Differences below 1 % are not reported: the position of code in memory already makes them.
    private static let smallest = 0.01

    /// The rows of both files with their ratios, and a summary.
    package var text: String {
        var lines = [line("benchmark", before.name, after.name, "change")]
        var counts: [Certainty: Int] = [:]
        let old = Dictionary(before.results.rows.map { ($0.name, $0) }) { first, _ in first }
        for row in after.results.rows {
            guard let earlier = old[row.name] else { continue }
            let (certainty, verdict) = Self.verdict(earlier, row)
            counts[certainty, default: 0] += 1
            let over = row.isWithinBar ? "" : ", over its bar of \(BenchmarkTable.bar(row.bar ?? 0, of: row))"
            lines.append(
                line(
                    row.name,
                    BenchmarkTable.ratio(earlier.result.ratio, of: row),
                    BenchmarkTable.ratio(row.result.ratio, of: row),
                    verdict + over
                )
            )
        }
        lines.append("")
        lines.append(
            "\(counts[.sure] ?? 0) sure, \(counts[.probable] ?? 0) probable, \(counts[.none, default: 0]) without a difference beyond the noise"
        )
        for (file, rows, others) in [
            (before.name, before.results.rows, after.results.rows),
            (after.name, after.results.rows, before.results.rows),
        ] {
            let names = Set(others.map(\.name))
            for row in rows where !names.contains(row.name) { lines.append("only in \(file): \(row.name)") }
        }
        for (what, old, new) in [
            ("machine", before.results.machine, after.results.machine),
            ("build", before.results.build, after.results.build),
        ] where old != new {
            lines.append("\(what): \(old) → \(new)")
        }
        for (file, results) in [before, after] where results.runCount < 2 {
            lines.append(
                "\(file) has rows of a single run, whose differences are never sure; measure with make bench RUNS=3"
            )
        }
        return lines.map { "\($0)\n" }.joined()
    }

    /// Compares the ratios of two rows of the same name.
    package static func verdict(_ before: BenchmarkRow, _ after: BenchmarkRow) -> (Certainty, String) {
        let (old, new) = (Range(before), Range(after))
        let noise = max(old.noise, new.noise)
        let limit = max(noise, smallest)
        let isRepeated = before.runs.count > 1 && after.runs.count > 1
        let isConstant = before.unit != .seconds && old.isPoint && new.isPoint
        let change = old.median == 0 ? (new.median == 0 ? 0 : .infinity) : new.median / old.median - 1
        if isConstant, change == 0 { return (.none, "same") }
        let areApart = old.highest < new.lowest || new.highest < old.lowest
        let areMediansOutside = !old.contains(new.median) && !new.contains(old.median)
        guard isConstant && isRepeated || areMediansOutside && change.magnitude >= smallest else {
            return (.none, "no difference beyond the noise of \(percent(limit))")
        }
        let isSure =
            isConstant && isRepeated || areApart && isRepeated && chanceToSeparate(old.count, new.count) < 0.001
        let words = after.unit.comparatives
        let word = change < 0 ? words.less : words.more
        let amount =
            change.isFinite
            ? "by \(percent(change.magnitude))" : "from 0 to \(BenchmarkTable.ratio(new.median, of: after))"
        return isSure
            ? (.sure, "\(word) \(amount) (sure)") : (.probable, "probably \(word) \(amount) (noise \(percent(noise)))")
    }

    /// The probability that two groups of samples of the same thing do not overlap.
    private static func chanceToSeparate(_ first: Int, _ second: Int) -> Double {
        var chance = 2.0
        for number in 0..<second { chance *= Double(second - number) / Double(first + second - number) }
        return chance
    }

    private static func percent(_ share: Double) -> String {
        share < 0.0995 ? "\(fixed(share * 100, decimals: 1)) %" : "\(significant((share * 100).rounded())) %"
    }

    private func line(_ name: String, _ before: String, _ after: String, _ change: String) -> String {
        pad(name, 66) + right(before, 12) + right(after, 12) + "  " + change
    }

    /// The middle 80 % of a row's ratios.
    private struct Range {
        let count: Int
        let median: Double
        let lowest: Double
        let highest: Double

        init(_ row: BenchmarkRow) {
            let ratios = row.samples.map(\.ratio).sorted()
            let cut = ratios.count / 10
            count = ratios.count - 2 * cut
            lowest = ratios[cut]
            highest = ratios[ratios.count - 1 - cut]
            median = (ratios[ratios.count / 2] + ratios[(ratios.count - 1) / 2]) / 2
        }

        var isPoint: Bool { lowest == highest }
        var noise: Double { median == 0 ? 0 : max(highest - median, median - lowest) / median }
        func contains(_ ratio: Double) -> Bool { lowest <= ratio && ratio <= highest }
    }
}
