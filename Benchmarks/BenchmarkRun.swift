import Foundation

/// What the command line asks for: groups of rows, measured in one or more processes.
struct BenchmarkRun {
    private static let groups: [(name: String, rows: @Sendable () async throws -> [BenchmarkRow])] = [
        ("percentiles", PercentileBenchmarks.rows), ("metrics", MetricsBenchmarks.rows),
        ("recording", RecordingBenchmarks.rows), ("tracing", TracingBenchmarks.rows),
        ("swift-metrics", SwiftMetricsBenchmarks.rows), ("logging", LoggingBenchmarks.rows),
        ("metric-export", MetricExportBenchmarks.rows),
        ("encoding", EncodingBenchmarks.rows),
        ("compression", CompressionBenchmarks.rows), ("requests", RequestBenchmarks.rows),
        ("prometheus", PrometheusBenchmarks.rows), ("shipping", ShippingBenchmarks.rows),
        ("reading", ReadingBenchmarks.rows), ("serve", ServeBenchmarks.rows),
        ("concurrency", ConcurrencyBenchmarks.rows), ("conversation", ConversationBenchmarks.rows),
    ]

    private var wanted: [String] = []
    private var runCount = 1
    private var file: String?
    private var build = "unknown build"

    init(_ arguments: [String]) throws {
        var arguments = arguments[...]
        while let argument = arguments.popFirst() {
            switch argument {
            case "--runs", "--json", "--build":
                guard let value = arguments.popFirst() else { throw UsageError("\(argument) needs a value") }
                if argument == "--json" { file = value }
                if argument == "--build" { build = value }
                guard argument == "--runs" else { continue }
                guard let count = Int(value), count > 0 else { throw UsageError("--runs needs a number from 1") }
                runCount = count
            default:
                guard Self.groups.contains(where: { $0.name == argument }) else {
                    let names = Self.groups.map(\.name).joined(separator: ", ")
                    throw UsageError("there is no group '\(argument)'; choose one of \(names)")
                }
                wanted.append(argument)
            }
        }
    }

    /// Measures the rows, and writes them to the file of `--json`.
    func results() async throws -> BenchmarkResults {
        var results = BenchmarkResults(machine: Self.machine, build: build, rows: [])
        if runCount == 1 {
            for group in Self.groups where wanted.isEmpty || wanted.contains(group.name) {
                results.rows += try await group.rows()
            }
            if let name = results.repeatedName { throw BenchmarkError("two rows have the name '\(name)'; rename one") }
        } else {
            for run in 1...runCount {
                FileHandle.standardError.write(Data("run \(run) of \(runCount)\n".utf8))
                let measured = try inNewProcess()
                if run == 1 { results.rows = measured.rows } else { try results.add(measured) }
            }
        }
        if let file {
            guard FileManager.default.createFile(atPath: file, contents: try results.json()) else {
                throw BenchmarkError("\(file): cannot be written; choose another path")
            }
        }
        return results
    }

    /// Measures the rows in a new process, because memory is laid out differently in each.
    private func inNewProcess() throws -> BenchmarkResults {
        let path = FileManager.default.temporaryDirectory.appending(path: "spankit-bench-\(getpid()).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--json", path] + wanted
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        // 1 only means that a row is over its bar.
        guard [0, 1].contains(process.terminationStatus) else {
            throw BenchmarkError("a run ended with status \(process.terminationStatus)")
        }
        return try BenchmarkResults(file: path)
    }

    /// The processor and the system.
    private static var machine: String {
        let processor = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
        let information = ProcessInfo.processInfo
        return
            "\(processor ?? "unknown processor"), \(information.processorCount) cores, \(information.operatingSystemVersionString)"
    }
}

/// A command line that is not valid.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
