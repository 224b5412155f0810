import Foundation
import Tracing

/// Runs end-to-end scenarios of a span exporter whose tracer is bootstrapped in swift-distributed-tracing.
///
/// ```swift
/// import SpanKitScenarios
///
/// await Scenarios.run { endpoint in
///     // Start the exporter here, and bootstrap its tracer.
///     return Scenarios.Exporter { /* Flush and stop the exporter here. */ }
/// }
/// ```
/// Each scenario runs in its own process, because a tracer can be bootstrapped only once and peak memory never
/// decreases. The receiver is a ``Sink`` in another process, so its processor time and memory are not measured.
public enum Scenarios {
    /// The exporter that is measured.
    public struct Exporter: Sendable {
        let record: @Sendable (Int) -> Void
        let recordLog: (@Sendable (Int) -> Void)?
        let shutdown: @Sendable () async -> Void

        /// Creates an exporter.
        /// - Parameters:
        ///   - record: Records one span with three attributes. It receives the number of the span. By default, it is
        ///     ``Scenarios/recordSpan(_:)``.
        ///   - recordLog: Records one log record with three attributes. It receives its number. Nil if the exporter has no logs; the
        ///     scenarios of log records then fail.
        ///   - shutdown: Sends the remaining spans and stops the exporter. Its duration is measured.
        public init(
            record: @escaping @Sendable (Int) -> Void = Scenarios.recordSpan,
            recordLog: (@Sendable (Int) -> Void)? = nil,
            shutdown: @escaping @Sendable () async -> Void
        ) {
            self.record = record
            self.recordLog = recordLog
            self.shutdown = shutdown
        }
    }

    /// Records a span with three attributes, using the global `withSpan`.
    public static func recordSpan(_ number: Int) {
        withSpan("work") { span in
            span.attributes["number"] = number
            span.attributes["phase"] = "discovery"
            span.attributes["ratio"] = 0.5
        }
    }

    /// Runs scenarios, prints a table of the results, and ends the process. The exit status is 1 if a scenario did not
    /// start or did not end.
    ///
    /// Call it first in a program. It starts the program again for each scenario and each receiver. In the process of a
    /// scenario, `OTEL_EXPORTER_OTLP_ENDPOINT` and `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` are set, so most exporters need
    /// no other configuration.
    /// - Parameters:
    ///   - names: The names of the scenarios. By default, those on the command line. Without any, all scenarios.
    ///   - start: Starts the exporter. It receives the endpoint without a path, such as `http://127.0.0.1:4318`.
    public static func run(
        _ names: [String] = [],
        _ start: @Sendable (String) async throws -> Exporter
    ) async -> Never {
        await serveIfAsked(start)
        var wanted = names.isEmpty ? Array(CommandLine.arguments.dropFirst()) : names
        if wanted.isEmpty { wanted = Scenario.all.map(\.name) }
        if let unknown = wanted.first(where: { Scenario.named($0) == nil }) {
            let known = Scenario.all.map(\.name).joined(separator: ", ")
            FileHandle.standardError.write(
                Data("there is no scenario '\(unknown)'; choose one of \(known), or paced-MILLISECONDS-SECONDS\n".utf8)
            )
            exit(64)
        }
        print(ScenarioTable.head)
        var haveEnded = true
        for scenario in wanted.compactMap(Scenario.named) {
            let result = measure(scenario)
            haveEnded = haveEnded && result.hasEnded
            print(ScenarioTable.line(scenario, result))
            fflush(nil)
        }
        exit(haveEnded ? 0 : 1)
    }

    /// Runs one scenario in new processes of this program, which has to call ``serveIfAsked(_:)`` first.
    public static func measure(_ scenario: Scenario) -> ScenarioResult {
        let sink: SinkProcess? =
            switch scenario.receiver {
            case .answering(let delay): SinkProcess(delayMilliseconds: delay)
            case .unavailable(let time): SinkProcess(unavailableMilliseconds: time)
            case .unreachable: nil
            }
        // Port 9 is reserved for a service that no machine offers any more.
        var numbers = ScenarioProcess.run(scenario.name, endpoint: sink?.url ?? "http://127.0.0.1:9")
        numbers["delivered"] = sink?.spanCount() ?? 0
        sink?.stop()
        return ScenarioResult(
            recorded: numbers["recorded"] ?? 0,
            delivered: numbers["delivered"] ?? 0,
            processorNanoseconds: numbers["processor"] ?? 0,
            memoryGrowth: numbers["memory"] ?? 0,
            p99Nanoseconds: numbers["p99"] ?? 0,
            shutdownMilliseconds: numbers["shutdown"] ?? 0,
            hasEnded: numbers["shutdown"] != nil
        )
    }

    /// If ``measure(_:)`` started this process, runs its receiver or scenario and then ends the process. Otherwise does
    /// nothing.
    public static func serveIfAsked(_ start: (String) async throws -> Exporter) async {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == SinkProcess.argument { SinkProcess.serve(Array(arguments.dropFirst())) }
        guard arguments.count == 3, arguments.first == ScenarioProcess.argument,
            let scenario = arguments.dropFirst().first.flatMap(Scenario.named),
            let endpoint = arguments.last
        else { return }
        do {
            let exporter = try await start(endpoint)
            await ScenarioProcess.run(scenario, exporter)
        } catch {
            FileHandle.standardError.write(Data("the exporter did not start: \(error)\n".utf8))
            exit(70)
        }
    }
}

/// The results as a table.
enum ScenarioTable {
    static let head = line(
        "scenario",
        "spans",
        "delivered",
        "lost",
        "processor/span",
        "memory",
        "p99 of a span",
        "shutdown"
    )

    static func line(_ scenario: Scenario, _ result: ScenarioResult) -> String {
        let lost = result.recorded - result.delivered
        let share = result.recorded > 0 ? Double(abs(lost)) / Double(result.recorded) * 100 : 0
        let repeated = lost < 0 ? " repeated" : ""
        return line(
            scenario.name,
            "\(result.recorded)",
            "\(result.delivered)",
            String(format: "%.1f %%", share) + repeated,
            result.hasEnded ? result.processorNanosecondsPerSpan.map { "\($0) ns" } ?? "–" : "–",
            result.hasEnded ? String(format: "%.1f MB", Double(result.memoryGrowth) / 1e6) : "–",
            result.recorded > 0 ? "\(result.p99Nanoseconds) ns" : "–",
            result.hasEnded
                ? "\(result.shutdownMilliseconds) ms" : result.recorded > 0 ? "did not end" : "did not start"
        )
    }

    private static func line(_ cells: String...) -> String {
        let widths = [13, 10, 11, 9, 16, 11, 15, 13]
        return zip(cells, widths).enumerated().map { place, cell in
            let space = String(repeating: " ", count: max(1, cell.1 - cell.0.count))
            return place == 0 ? cell.0 + space : space + cell.0
        }.joined()
    }
}
