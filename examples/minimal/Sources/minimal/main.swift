// Measures some work and prints a summary. Run it with `swift run`; it needs no collector and no configuration.
import SpanKit

let profiler = PerformanceProfiler(.on)
for size in 1...200 {
    _ = profiler.profile("sort") { span in
        span.set("size", size)
        let numbers = profiler.profile("shuffle") { (0..<size * 100).shuffled() }
        return numbers.sorted()
    }
}
print(profiler.summary())
