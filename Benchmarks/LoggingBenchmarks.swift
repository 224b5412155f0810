import CSpanKitAllocations
import Foundation
import Logging
import SpanKitScenarios
import SpanKitServer

/// Lines of swift-log: what its API costs with a handler that does nothing, and what SpanKit adds.
///
/// The no-op handler only gets lines of the level `critical`, so both handlers are given those.
enum LoggingBenchmarks {
    private static let count = 20_000

    static func rows() -> [BenchmarkRow] {
        let recorded = Telemetry.start(withoutExport(), log: .silent)
        let noOp = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        let logger = Logger(label: "benchmark") { recorded.logHandler($0, console: nil) }
        return [
            BenchmarkRow.compare(
                "line with 3 metadata, no-op handler / without metadata",
                bar: nil,
                units: count,
                repetitions: 201,
                measured: { log(to: noOp) },
                reference: { for _ in 0..<count { noOp.critical("a message of a usual length") } }
            ),
            BenchmarkRow.compare(
                "line with 3 metadata, recorded / no-op handler",
                bar: nil,
                units: count,
                repetitions: 201,
                measured: { log(to: logger) },
                reference: { log(to: noOp) }
            ),
            exported(noOp),
            BenchmarkRow.compare(
                "line below the level / no-op handler",
                bar: 1.1,
                units: count,
                repetitions: 201,
                reason:
                    "swift-log copies the handler to ask for its level, and a copy counts the handler's one reference up and down: 3 to 5 ns; the no-op handler has none",
                measured: { debug(to: logger) },
                reference: { debug(to: noOp) }
            ),
            allocations(logger, noOp),
        ]
    }

    /// Processor time of all threads: the lines are encoded, compressed and sent to a receiver on this machine.
    private static func exported(_ noOp: Logger) -> BenchmarkRow {
        let receiver = SinkProcess()
        defer { receiver.stop() }
        let telemetry = Telemetry.start(.environment(["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url]), log: .silent)
        let logger = Logger(label: "benchmark") { telemetry.logHandler($0, console: nil) }
        var (measured, reference) = (Double.infinity, Double.infinity)
        for _ in 0..<30 {
            let start = processorSeconds()
            for _ in 0..<5 { log(to: logger) }
            telemetry.flushAndWait(within: .seconds(30))
            let middle = processorSeconds()
            for _ in 0..<5 { log(to: noOp) }
            measured = min(measured, middle - start)
            reference = min(reference, processorSeconds() - middle)
        }
        telemetry.shutdownAndWait(within: .seconds(30))
        let lines = Double(5 * count)
        return BenchmarkRow(
            name: "line with 3 metadata, recorded and exported (processor time) / no-op handler",
            measuredSeconds: measured / lines,
            referenceSeconds: reference / lines,
            bar: 3,
            reason:
                "the API takes 1, a record with the same three attributes 1.1, and encoding, compressing and sending take 2.7; reading swift-log's metadata takes the rest"
        )
    }

    /// The allocations of the handler for each line, without those of swift-log and of the metadata.
    private static func allocations(_ logger: Logger, _ noOp: Logger) -> BenchmarkRow {
        func allocated(by logger: Logger) -> Int {
            log(to: logger)
            let before = spankit_allocation_count()
            log(to: logger)
            return Int(spankit_allocation_count() - before)
        }
        let own = allocated(by: logger) - allocated(by: noOp)
        return BenchmarkRow(
            "allocations of the log handler per line / one",
            measured: Double(max(0, own)) / Double(count),
            reference: 1,
            unit: .allocations,
            bar: 0.001
        )
    }

    private static func log(to logger: Logger) {
        for number in 0..<count {
            logger.critical(
                "a message of a usual length",
                metadata: [
                    "order.id": .stringConvertible(number), "phase": "discovery", "ratio": .stringConvertible(0.5),
                ]
            )
        }
    }

    private static func debug(to logger: Logger) {
        for number in 0..<count {
            logger.debug("a message of a usual length", metadata: ["order.id": .stringConvertible(number)])
        }
    }

    private static func withoutExport() -> TelemetryConfiguration {
        var configuration = TelemetryConfiguration()
        configuration.exporters = []
        configuration.shutsDownAtExit = false
        return configuration
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
