/// One row of the benchmark table: a measurement and a reference that are timed alternately in one run.
package struct BenchmarkRow: Sendable, Equatable, Codable {
    /// A measurement and its reference from the same moment.
    package struct Sample: Sendable, Equatable, Codable {
        package var measured: Double
        package var reference: Double

        package init(measured: Double, reference: Double) {
            self.measured = measured
            self.reference = reference
        }

        /// The measurement divided by the reference. It is 0 if both are 0.
        package var ratio: Double { measured == 0 && reference == 0 ? 0 : measured / reference }
    }

    /// The measurement and the reference, separated by a slash. Unique in the suite.
    package let name: String
    /// What both are measured in.
    package let unit: BenchmarkUnit
    /// The maximum ratio, or nil if there is no limit.
    package let bar: Double?
    /// Why the ratio may exceed ``bar``. It is printed under the table if it does.
    package let reason: String?
    /// Whether the measurement is a part of the reference. The ratio is then written in percent.
    package let isShare: Bool
    /// The samples of each run of the program.
    package private(set) var runs: [[Sample]]

    /// Creates a row of a measurement that was made once in this run.
    package init(
        _ name: String,
        measured: Double,
        reference: Double,
        unit: BenchmarkUnit,
        bar: Double?,
        isShare: Bool = false,
        reason: String? = nil
    ) {
        self.init(
            name,
            unit: unit,
            bar: bar,
            isShare: isShare,
            reason: reason,
            runs: [[Sample(measured: measured, reference: reference)]]
        )
    }

    /// Creates a row of two times in seconds.
    package init(name: String, measuredSeconds: Double, referenceSeconds: Double, bar: Double?, reason: String? = nil) {
        self.init(
            name,
            measured: measuredSeconds,
            reference: referenceSeconds,
            unit: .seconds,
            bar: bar,
            reason: reason
        )
    }

    /// Creates a row with its samples.
    package init(
        _ name: String,
        unit: BenchmarkUnit,
        bar: Double?,
        isShare: Bool = false,
        reason: String? = nil,
        runs: [[Sample]]
    ) {
        self.name = name
        self.unit = unit
        self.bar = bar
        self.reason = reason
        self.isShare = isShare
        self.runs = runs
    }

    // MARK: Results

    /// All samples of all runs.
    package var samples: [Sample] { runs.flatMap(\.self) }

    /// The result: the smallest measurement and the smallest reference of a run. Of several runs, the one with the median ratio.
    package var result: Sample {
        let results = runs.filter { !$0.isEmpty }.map { run in
            Sample(measured: run.map(\.measured).min() ?? 0, reference: run.map(\.reference).min() ?? 0)
        }
        return results.sorted { $0.ratio < $1.ratio }[results.count / 2]
    }

    /// Whether the ratio is at most ``bar``.
    package var isWithinBar: Bool { bar.map { result.ratio <= $0 } ?? true }

    /// Adds the runs of the same row in another process.
    package mutating func add(_ other: BenchmarkRow) { runs += other.runs }

    // MARK: Measuring

    /// The number of samples that the repetitions of one run are grouped into. Each keeps the fastest of every ninth repetition.
    package static let sampleCount = 9

    /// Times two functions alternately, so both run under the same conditions.
    /// - Parameters:
    ///   - units: The units of work of each call. The row contains the time of one.
    ///   - reason: Why the ratio may exceed the bar.
    package static func compare(
        _ name: String,
        bar: Double?,
        units: Int,
        repetitions: Int = 21,
        reason: String? = nil,
        measured: () -> Void,
        reference: () -> Void
    ) -> BenchmarkRow {
        let slowest = Sample(measured: .infinity, reference: .infinity)
        var samples = Array(repeating: slowest, count: min(repetitions, sampleCount))
        let clock = ContinuousClock()
        for repetition in 0..<repetitions {
            let place = repetition % samples.count
            let referenceTime = clock.measure(reference) / .seconds(units)
            let time = clock.measure(measured) / .seconds(units)
            samples[place].reference = min(samples[place].reference, referenceTime)
            samples[place].measured = min(samples[place].measured, time)
        }
        return BenchmarkRow(name, unit: .seconds, bar: bar, reason: reason, runs: [samples])
    }
}
