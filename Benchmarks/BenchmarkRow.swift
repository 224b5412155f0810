/// One line of the benchmark table: what was measured against what it is compared with, timed in turn in one run.
struct BenchmarkRow: Sendable {
    /// What is measured, and against what.
    let name: String
    /// The fastest repetition, in seconds for one unit of work.
    let measuredSeconds: Double
    /// The fastest repetition of the reference, in seconds for the same unit of work.
    let referenceSeconds: Double
    /// The ratio that must not be exceeded; nil where the row only informs.
    let bar: Double?

    /// How many times the reference it takes.
    var ratio: Double { measuredSeconds / referenceSeconds }

    /// Whether the ratio is within its bar.
    var isWithinBar: Bool { bar.map { ratio <= $0 } ?? true }

    /// Times two pieces of work in turn, so that both meet the same machine, and keeps the fastest repetition of each.
    static func compare(
        _ name: String,
        bar: Double?,
        units: Int,
        repetitions: Int = 21,
        measured: () -> Void,
        reference: () -> Void
    ) -> BenchmarkRow {
        var fastest = Duration.seconds(3_600)
        var fastestReference = Duration.seconds(3_600)
        let clock = ContinuousClock()
        for _ in 0..<repetitions {
            fastestReference = min(fastestReference, clock.measure(reference))
            fastest = min(fastest, clock.measure(measured))
        }
        return BenchmarkRow(
            name: name,
            measuredSeconds: fastest / .seconds(units),
            referenceSeconds: fastestReference / .seconds(units),
            bar: bar
        )
    }
}
