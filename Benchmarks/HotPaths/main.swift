import Foundation
import Logging
import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitServer
import SpanKitShipping
import Tracing

// Runs one hot path a known number of times, for `.ci/instructions.py`, which counts the instructions of `measured`. The number of
// instructions is nearly the same in every run and on every machine of a kind, so that CI can compare it with a stored one.
// Without an argument, it prints the names of the paths.

/// Does the work that is counted. callgrind recognizes it by its name.
@inline(never) @_optimize(none)
func measured(_ work: () -> Void) { work() }

/// Warms up, does the work, and prints how often the operation ran in it.
func count(_ operations: Int, _ work: () -> Void) {
    for _ in 0..<4 { work() }
    measured(work)
    print(operations)
}

/// A recorder with the spans of a batch: three attributes, one of which is a text.
func recorder(_ spans: Int) -> Recorder {
    guard let recorder = Recorder.make(RecordingConfiguration()) else { fatalError("no memory") }
    for number in 0..<spans {
        let span = recorder.begin("step_2_load_messages")
        span.set("okr.messages", number)
        span.set("okr.phase", "discovery")
        span.set("okr.confidence", 0.5)
        span.end()
    }
    return recorder
}

func encoder(_ encoding: Encoding) -> TraceEncoder {
    TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope(name: "benchmarks"))
}

/// Counts lines of a logger that makes log records of them, and nothing else.
func countLines(_ operations: Int, areRecorded: Bool, _ body: (Logger) -> Void) {
    var configuration = TelemetryConfiguration()
    configuration.exporters = []
    configuration.shutsDownAtExit = false
    let telemetry = Telemetry.start(configuration, log: .silent)
    let logger = Logger(label: "work") { telemetry.logHandler($0, console: nil) }
    count(operations) { body(logger) }
    // Telemetry that is released closes its log, and a closed log writes nothing.
    let account = telemetry.profiler.logRecordAccount
    precondition(account.isBalanced && account.written == (areRecorded ? UInt64(operations) * 5 : 0), "\(account)")
}

let batch = 512

let paths: [(name: String, run: () -> Void)] = [
    (
        "record a span with three attributes",
        {
            let profiler = PerformanceProfiler(.on, log: .silent)
            count(10_000) {
                for number in 0..<10_000 {
                    profiler.profile("work") { span in
                        span.set("number", number)
                        span.set("phase", "discovery")
                        span.set("ratio", 0.5)
                    }
                }
            }
        }
    ),
    (
        "record a log record with three attributes",
        {
            let profiler = PerformanceProfiler(.on, log: .silent)
            let recorder = profiler.recorder
            let details = LogRecordDetails(recorder.logScope("work"), .info)
            count(10_000) {
                for number in 0..<10_000 {
                    recorder.emit(details, body: "a message of a usual length") { writer in
                        writer.setIfMissing("number", .int(Int64(number)))
                        writer.setIfMissing("phase", "discovery")
                        writer.setIfMissing("ratio", 0.5)
                    }
                }
            }
            // A profiler that is released closes its log, and a closed log writes nothing.
            let account = profiler.logRecordAccount
            precondition(account.written == account.emitted && account.isBalanced, "\(account)")
        }
    ),
    (
        "log a line of swift-log with three metadata",
        {
            countLines(2_000, areRecorded: true) { logger in
                for number in 0..<2_000 {
                    logger.info(
                        "a message of a usual length",
                        metadata: [
                            "number": .stringConvertible(number), "phase": "discovery",
                            "ratio": .stringConvertible(0.5),
                        ]
                    )
                }
            }
        }
    ),
    (
        "log a line of swift-log below the level",
        {
            countLines(10_000, areRecorded: false) { logger in
                for number in 0..<10_000 { logger.debug("a message", metadata: ["number": "\(number)"]) }
            }
        }
    ),
    (
        "withSpan of swift-distributed-tracing with three attributes",
        {
            let tracer = SpanKitTracer(PerformanceProfiler(.on, log: .silent))
            count(2_000) {
                withTracer(tracer) {
                    for number in 0..<2_000 {
                        withSpan("work") { span in
                            span.attributes["number"] = number
                            span.attributes["phase"] = "discovery"
                            span.attributes["ratio"] = 0.5
                        }
                    }
                }
            }
        }
    ),
    (
        "encode a span as JSON",
        {
            let (recorder, encoder) = (recorder(batch), encoder(.json))
            count(batch) { _ = encoder.encode(recorder, spanLimit: batch, byteLimit: .max) }
        }
    ),
    (
        "encode a span as protobuf",
        {
            let (recorder, encoder) = (recorder(batch), encoder(.protobuf))
            count(batch) { _ = encoder.encode(recorder, spanLimit: batch, byteLimit: .max) }
        }
    ),
    (
        "compress a span of JSON",
        {
            let (encoder, compressor) = (encoder(.json), GzipCompressor(level: 1))
            _ = encoder.encode(recorder(batch), spanLimit: batch, byteLimit: .max)
            // The first bodies of a process are decompressed and compared.
            for _ in 0..<16 { _ = compressor.compress(encoder.bytes, hints: encoder.hints) }
            count(batch) { _ = compressor.compress(encoder.bytes, hints: encoder.hints) }
        }
    ),
    (
        "decode a span of JSON",
        {
            let encoder = encoder(.json)
            _ = encoder.encode(recorder(batch), spanLimit: batch, byteLimit: .max)
            let bytes = Array(encoder.bytes)
            count(batch) {
                var decoder = TraceDecoder()
                decoder.decode(bytes) { _ in }
                precondition(decoder.spanCount == batch)
            }
        }
    ),
]

if let wanted = CommandLine.arguments.dropFirst().first {
    guard let path = paths.first(where: { $0.name == wanted }) else { exit(64) }
    path.run()
} else {
    for path in paths { print(path.name) }
}
