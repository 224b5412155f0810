import SpanKitPercentiles
import SpanKitTestSupport

/// What a profiler returns after two dozen requests, the same in every run.
enum SampleOperations {
    /// The costliest first.
    static let steps: [(name: String, nanoseconds: UInt64)] = [
        ("ask the model", 49_800_000), ("suggest knowledge", 802_000), ("save", 655_000), ("detect patterns", 488_000),
        ("assess quality", 371_000), ("load session", 212_000), ("load messages", 164_000), ("extract", 143_000),
        ("detect drift", 96_000), ("detect checkpoint", 61_000), ("build prompt", 44_000), ("build response", 18_000),
        ("evaluate phase", 9_000),
    ]

    static var snapshots: [OperationSnapshot] {
        var generator = SplitMix64(seed: 1)
        var whole = ExponentialHistogram()
        var parts = steps.map { ($0.name, ExponentialHistogram()) }
        for _ in 0..<24 {
            var sum: UInt64 = 35_000
            for (place, step) in steps.enumerated() {
                // One run in sixteen takes eight times as long, so that there is something to see in the tail.
                let tail: UInt64 = place > 0 && generator.next() % 16 == 0 ? 8 : 1
                let duration = (step.nanoseconds * 3 / 4 + generator.next() % (step.nanoseconds / 2)) * tail
                parts[place].1.record(nanoseconds: duration, memoryDelta: Int64(duration % 4_096))
                sum += duration
            }
            whole.record(nanoseconds: sum, memoryDelta: 18_000)
        }
        return [OperationSnapshot(name: "request", histogram: whole, errorCount: 2)]
            + parts.map { OperationSnapshot(name: $0.0, histogram: $0.1) }
    }
}
