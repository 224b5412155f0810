import Foundation
import SpanKitFleet

// Simulates 10,000 processes, their agents, gateways and a store through outages, in virtual time and by the rules of the real exporter.
// Prints a table. `--picture FILE` also writes the course of some scenarios as SVG. docs/scale.md explains both.
let usage = "spankit-simulation [--seed N] [--processes N] [--picture FILE] [SCENARIO…]"

/// What the picture shows.
let pictured = [
    "spool", "spool, fixed retry", "spool, store down", "agents, queues on disk",
]

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("\(message)\n\(usage)\n".utf8))
    exit(64)
}

var (seed, processes, picture) = (UInt64(1), 10_000, String?.none)
var names: [String] = []
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    guard argument.hasPrefix("--") else {
        names.append(argument)
        continue
    }
    guard let value = arguments.popFirst() else { fail("\(argument) needs a value") }
    switch (argument, UInt64(value)) {
    case ("--seed", let number?): seed = number
    case ("--processes", let number?) where (20...1_000_000).contains(number): processes = Int(number)
    case ("--picture", _): picture = value
    default: fail("\(argument) \(value): unknown option, or not a whole number in its range")
    }
}
for name in names where !FleetScenario.all.contains(where: { $0.name == name }) {
    fail("there is no scenario '\(name)'; the scenarios are: \(FleetScenario.all.map(\.name).joined(separator: "; "))")
}

var results: [FleetResult] = []
for scenario in FleetScenario.all where names.isEmpty || names.contains(scenario.name) {
    let scenario = scenario.scaled(processes: processes, outage: scenario.outageSeconds, seconds: scenario.seconds)
    let result = FleetSimulation.run(scenario, seed: seed)
    for imbalance in result.imbalances { fail("\(scenario.name): \(imbalance)") }
    results.append(result)
}
print("\(processes) processes with 10 spans a second each, seed \(seed)\n")
print(FleetTable.text(of: results), terminator: "")
if let picture {
    let shown = pictured.compactMap { name in results.first { $0.scenario.name == name } }
    guard !shown.isEmpty else { fail("the picture shows: \(pictured.joined(separator: "; ")); none of them ran") }
    do {
        try FleetPicture(shown).svg.write(toFile: picture, atomically: true, encoding: .utf8)
    } catch {
        fail("\(picture): \(error.localizedDescription)")
    }
}
