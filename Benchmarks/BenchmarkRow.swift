/// One row of the benchmark table: a measurement and a reference that are timed alternately in one run.
struct BenchmarkRow: Sendable {
    /// The measurement and the reference, separated by a slash.
    let name: String
    /// The fastest repetition in seconds per unit of work.
    let measuredSeconds: Double
    /// The fastest repetition of the reference in seconds per unit of work.
    let referenceSeconds: Double
    /// The maximum ratio, or nil if there is no limit.
    let bar: Double?

    /// The measurement divided by the reference.
    var ratio: Double { measuredSeconds / referenceSeconds }

    /// Whether the ratio is at most ``bar``.
    var isWithinBar: Bool { bar.map { ratio <= $0 } ?? true }

    /// Times two functions alternately, so both run under the same conditions, and keeps the fastest repetition of each.
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
