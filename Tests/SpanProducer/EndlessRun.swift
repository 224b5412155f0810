import Foundation
import SpanKit

/// Records until it is killed.
///
/// COUNTER is a file of eight bytes for each thread, shared with whoever reads it: how many numbered spans of that thread have ended.
/// Each thread holds a span "outer" open all the time.
enum EndlessRun {
    static func start() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let threadCount = Int(arguments[3]) else { exit(64) }
        let counters = Counters(arguments[2], count: threadCount)
        var configuration = TelemetryConfiguration.environment()
        configuration.batch.scheduleDelay = .milliseconds(20)
        let telemetry = Telemetry.start(configuration, log: .silent)
        for thread in 0..<threadCount {
            Thread.detachNewThread { record(telemetry.profiler, thread, of: threadCount, counters) }
        }
        sleep(60)
    }

    private static func record(_ profiler: PerformanceProfiler, _ thread: Int, of count: Int, _ counters: Counters) {
        profiler.profile("outer") { outer in
            outer.set("thread", thread)
            var ended = 0
            while true {
                profiler.profile("inner") { span in
                    span.set("number", ended * count + thread)
                    if ended % 7 == 0 { span.set("text", "some \"text\" that is copied") }
                }
                ended += 1
                counters.store(ended, at: thread)
                // Full speed would fill any disk: a burst, then a breath.
                if ended % 500 == 0 { usleep(2_000) }
            }
        }
    }

    private struct Counters: @unchecked Sendable {
        private let base: UnsafeMutableRawPointer

        init(_ path: String, count: Int) {
            let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
            ftruncate(descriptor, count * 8)
            guard let base = mmap(nil, count * 8, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED
            else { exit(70) }
            self.base = base
        }

        func store(_ count: Int, at place: Int) {
            base.storeBytes(of: UInt64(count), toByteOffset: place * 8, as: UInt64.self)
        }
    }
}
