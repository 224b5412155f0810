import Foundation
import SpanKitPercentiles
import SpanKitPrometheusText
import SpanKitRecording
import Synchronization

/// The Prometheus text format: formatting compared with copying, the writer with one core, and recording during writes.
enum PrometheusBenchmarks {
    static func rows() -> [BenchmarkRow] {
        [formatting(), interval(), recordingMeanwhile()]
    }

    /// An engine with 1,000 records for each operation.
    private static func engine(operations: Int) -> PercentileEngine {
        let engine = PercentileEngine()
        var random = SystemRandomNumberGenerator()
        for number in 0..<operations {
            let operation = engine.operation(named: "step_\(number)_of_a_conversation")
            for _ in 0..<1_000 {
                engine.record(operation, nanoseconds: .random(in: 1_000...100_000_000, using: &random))
            }
        }
        return engine
    }

    private static func formatting() -> BenchmarkRow {
        var configuration = SpanMetrics.Configuration()
        configuration.maximumLabelSets = 2_000
        let families = EngineMetrics(of: engine(operations: 2_000), configuration).metrics()
            .filter { $0.kind == .histogram }
        let bytes = (try? ExpositionText.encode(families)) ?? []
        var copy = [UInt8](repeating: 0, count: bytes.count)
        return BenchmarkRow.compare(
            "format 2,000 operations × 28 buckets / memcpy of the output",
            bar: 60,
            units: 2_000 * 28,
            measured: { _ = try? ExpositionText.encode(families) },
            reference: {
                copy.withUnsafeMutableBytes { target in bytes.withUnsafeBytes { target.copyMemory(from: $0) } }
            }
        )
    }

    /// The processor time of one complete write, compared with one second. Before the writes that count, the sliding window is filled.
    private static func interval() -> BenchmarkRow {
        let directory = FileManager.default.temporaryDirectory.appending(path: "spankit-bench-\(getpid())").path
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let engine = engine(operations: 200)
        let operations = (0..<200).map { engine.operation(named: "step_\($0)_of_a_conversation") }
        // As `EngineMetrics`, but with a clock that is a second later at each write.
        let (window, spans) = (SlidingWindow(of: engine, startingAt: 0), SpanMetrics())
        let clock = Clock()
        let writer = TextfileWriter(.init(directory: directory, processName: "bench"), log: { print($0) }) {
            let (lately, total) = window.snapshotAndTotal(at: clock.next())
            return spans.metrics(of: total, window: lately)
        }
        var samples: [BenchmarkRow.Sample] = []
        for number in 1...100 {
            for operation in operations {
                for run in 0..<50 { engine.record(operation, nanoseconds: UInt64(1_000_000 + 997 * number * run)) }
            }
            let before = processorSeconds()
            writer.writeNow()
            if number > 70 { samples.append(.init(measured: processorSeconds() - before, reference: 1)) }
        }
        precondition(writer.statistics.failureCount == 0)
        return BenchmarkRow(
            "textfile of 200 operations per second / one core",
            unit: .seconds,
            bar: 0.005,
            isShare: true,
            reason: "reading 1,800 buckets of each operation takes 38 % of the time, and the text 23 %",
            runs: [samples]
        )
    }

    /// A clock that is a second later at each reading.
    private final class Clock: Sendable {
        private let nanoseconds = Atomic<UInt64>(0)

        func next() -> UInt64 { nanoseconds.wrappingAdd(1_000_000_000, ordering: .relaxed).newValue }
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Recording during writes. Each repetition is so long that it contains at least one write.
    private static func recordingMeanwhile() -> BenchmarkRow {
        let directory = FileManager.default.temporaryDirectory.appending(path: "spankit-bench-\(getpid())").path
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let engine = engine(operations: 200)
        let metrics = EngineMetrics(of: engine)
        var configuration = TextfileWriter.Configuration(directory: directory, processName: "bench")
        configuration.interval = .seconds(1)
        let operation = engine.operation(named: "step_7_of_a_conversation")
        let records = 100_000_000
        func record() {
            for number in 0..<records { engine.record(operation, nanoseconds: 1_000 + UInt64(number & 0xFFFF)) }
        }
        var writer: TextfileWriter?
        defer { writer?.stop(within: .seconds(2)) }
        return BenchmarkRow.compare(
            "record while a textfile is written / record",
            bar: 1.05,
            units: records,
            repetitions: 9,
            measured: {
                writer = TextfileWriter(configuration, log: { print($0) }, collect: metrics.metrics)
                writer?.start()
                record()
            },
            reference: {
                writer?.stop(within: .seconds(2))
                record()
            }
        )
    }
}
