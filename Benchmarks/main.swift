import Foundation
@_exported import SpanKitBenchmarkRows
import SpanKitScenarios

await Scenarios.serveIfAsked(ShippingScenario.exporter)

// Prints one table of ratios. Times vary by 40 % with the machine; the ratio of two times from one run does not.
let usage = """
    spankit-benchmarks [--runs N] [--json FILE] [--build TEXT] [GROUP…]   measure, in N processes one after the other (default 1)
    spankit-benchmarks table FILE                                         print the table of a JSON file
    spankit-benchmarks compare BEFORE AFTER                               compare two JSON files
    spankit-benchmarks scenarios [NAME…]                                  run end-to-end scenarios on SpanKit's tracer
    """
let arguments = Array(CommandLine.arguments.dropFirst())
do {
    switch (arguments.first, arguments.count) {
    case ("scenario", 2): ShippingScenario.run(arguments[1])
    case ("scenarios", _):
        setenv("SCENARIO_API", "tracing", 1)
        await Scenarios.run(Array(arguments.dropFirst()), ShippingScenario.exporter)
    case ("compare", 3):
        let results = try arguments.dropFirst().map { (name: $0, results: try BenchmarkResults(file: $0)) }
        print(BenchmarkComparison(results[0], results[1]).text, terminator: "")
    case ("table", 2):
        print(BenchmarkTable.text(of: try BenchmarkResults(file: arguments[1]).rows), terminator: "")
    default:
        let run = try BenchmarkRun(arguments)
        let results = try await run.results()
        print(BenchmarkTable.text(of: results.rows), terminator: "")
        if results.rows.contains(where: { !$0.isWithinBar && $0.reason == nil }) { exit(1) }
    }
} catch {
    FileHandle.standardError.write(Data("\(error)\n\(error is UsageError ? "\(usage)\n" : "")".utf8))
    exit(64)
}
