import Foundation
import SpanKitPercentiles

if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "receiver" {
    SinkServer.serve(delayMilliseconds: UInt32(CommandLine.arguments[2]) ?? 0)
}
if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "scenario" {
    ShippingScenario.run(CommandLine.arguments[2])
}

// Prints one table of ratios. Times vary by 40 % with the machine; the ratio of two times from one run does not.
// `spankit-benchmarks encoding` runs one group.
let groups: [(name: String, rows: () async throws -> [BenchmarkRow])] = [
    ("percentiles", PercentileBenchmarks.rows), ("recording", RecordingBenchmarks.rows),
    ("tracing", TracingBenchmarks.rows), ("encoding", EncodingBenchmarks.rows),
    ("compression", CompressionBenchmarks.rows), ("requests", RequestBenchmarks.rows),
    ("prometheus", PrometheusBenchmarks.rows), ("shipping", ShippingBenchmarks.rows),
    ("conversation", ConversationBenchmarks.rows),
]
let wanted = CommandLine.arguments.dropFirst()
if let unknown = wanted.first(where: { name in !groups.contains { $0.name == name } }) {
    print("there is no group '\(unknown)'; choose one of \(groups.map(\.name).joined(separator: ", "))")
    exit(64)
}
var rows: [BenchmarkRow] = []
for group in groups where wanted.isEmpty || wanted.contains(group.name) { rows += try await group.rows() }
print(
    "\(padded("benchmark", 62))\(right("measured", 12))\(right("reference", 12))\(right("ratio", 8))\(right("bar", 7))"
)
for row in rows {
    let bar = row.bar.map { "≤ \($0)" } ?? "–"
    print(
        padded(row.name, 62)
            + right(time(row.measuredSeconds), 12)
            + right(time(row.referenceSeconds), 12)
            + right(fixed(row.ratio), 8)
            + right(bar, 9)
            + (row.isWithinBar ? "" : "  over")
    )
}

func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
}

/// Nanoseconds or microseconds with two decimals. Values from 0.1, such as bytes and counts, are plain numbers.
func time(_ seconds: Double) -> String {
    switch seconds {
    case 0.1...: fixed(seconds)
    case 1e-6...: "\(fixed(seconds * 1e6)) µs"
    default: "\(fixed(seconds * 1e9)) ns"
    }
}

func fixed(_ number: Double) -> String {
    let hundredths = Int((number * 100).rounded())
    let fraction = String(hundredths % 100)
    return "\(hundredths / 100).\(fraction.count == 1 ? "0" : "")\(fraction)"
}
