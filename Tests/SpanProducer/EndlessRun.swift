import Foundation
import SpanKit

/// Records until it is killed.
///
/// COUNTER contains the number of ended numbered spans of each thread (``Counters``). Each thread keeps a span "outer" open. Without
/// traces, the numbered spans have the scope of a library.
enum EndlessRun {
    /// What each thread records.
    enum Kind {
        case spans
        /// Each span contains a log record with the same number, every hundredth a warning, and is counted by an instrument. The
        /// instrument `rounds` has the thread as the attribute `place`.
        case allSignals
        /// Every numbered span is the root of a trace with a child, and every fifth fails.
        case traces
    }

    static func start(_ kind: Kind) {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let threadCount = Int(arguments[3]) else { exit(64) }
        let counters = Counters(arguments[2], count: threadCount)
        var configuration = TelemetryConfiguration.environment()
        configuration.batch.scheduleDelay = .milliseconds(20)
        configuration.logBatch.scheduleDelay = .milliseconds(20)
        let telemetry = Telemetry.start(configuration, log: .silent)
        for thread in 0..<threadCount {
            Thread.detachNewThread {
                if kind == .traces {
                    recordTraces(telemetry.profiler, thread, of: threadCount, counters)
                } else {
                    record(telemetry, hasOthers: kind == .allSignals, thread, of: threadCount, counters)
                }
            }
        }
        // Until it is killed, or the test that started it has ended.
        let parent = getppid()
        while getppid() == parent { sleep(1) }
    }

    private static func record(
        _ telemetry: Telemetry,
        hasOthers: Bool,
        _ thread: Int,
        of count: Int,
        _ counters: Counters
    ) {
        let library = telemetry.profiler("producer-library", version: "1.0")
        let logs = hasOthers ? telemetry.logs.logger("producer") : nil
        let rounds = hasOthers ? telemetry.metrics.counter("rounds").with(["place": .int(Int64(thread))]) : nil
        telemetry.profiler.profile("outer") { outer in
            outer.set("thread", thread)
            var ended = 0
            while true {
                library.profile("inner") { span in
                    span.set("number", ended * count + thread)
                    logs?.emit(
                        ended % 100 == 99 ? .warn : .info,
                        "a message",
                        ["number": .int(Int64(ended * count + thread)), "name": "producer"]
                    )
                    if ended % 7 == 0 { span.set("text", "some \"text\" that is copied") }
                }
                rounds?.add(1)
                ended += 1
                counters.store(ended, at: thread)
                // A pause after each burst, because full speed would fill the disk.
                if ended % 500 == 0 { usleep(2_000) }
            }
        }
    }

    private static func recordTraces(
        _ profiler: PerformanceProfiler,
        _ thread: Int,
        of count: Int,
        _ counters: Counters
    ) {
        var ended = 0
        while true {
            profiler.profile("request") { span in
                span.set("number", ended * count + thread)
                profiler.profile("step") { step in
                    if ended % 5 == 0 { step.setStatus(.error("every fifth")) }
                }
            }
            ended += 1
            counters.store(ended, at: thread)
            if ended % 500 == 0 { usleep(2_000) }
        }
    }
}
