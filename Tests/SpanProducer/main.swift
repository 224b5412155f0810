// Records spans as fast as it can until it is killed.
//
//     span-producer COUNTER THREADS
//
// The environment says where they go. COUNTER is a file of eight bytes for each thread, shared with whoever reads it: how many
// numbered spans of that thread have ended. Each thread holds a span "outer" open all the time.
import Foundation
import SpanKit

let arguments = CommandLine.arguments
guard arguments.count == 3, let threadCount = Int(arguments[2]) else {
    FileHandle.standardError.write(Data("usage: span-producer COUNTER THREADS\n".utf8))
    exit(64)
}
let descriptor = open(arguments[1], O_RDWR | O_CREAT, 0o600)
ftruncate(descriptor, threadCount * 8)
guard let counters = mmap(nil, threadCount * 8, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
    counters != MAP_FAILED
else { exit(70) }

struct Counters: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
}
let shared = Counters(base: counters)
var configuration = TelemetryConfiguration.environment()
configuration.batch.scheduleDelay = .milliseconds(20)
let telemetry = Telemetry.start(configuration, log: .silent)
let profiler = telemetry.profiler

for thread in 0..<threadCount {
    Thread.detachNewThread {
        profiler.profile("outer") { outer in
            outer.set("thread", thread)
            var ended: UInt64 = 0
            while true {
                profiler.profile("inner") { span in
                    span.set("number", Int(ended) * threadCount + thread)
                    if ended % 7 == 0 { span.set("text", "some \"text\" that is copied") }
                }
                ended += 1
                shared.base.storeBytes(of: ended, toByteOffset: thread * 8, as: UInt64.self)
                // Full speed would fill any disk: a burst, then a breath.
                if ended % 500 == 0 { usleep(2_000) }
            }
        }
    }
}
sleep(60)
