// Records spans for tests that need a process of their own. The environment says where they go.
//
//     span-producer run COUNTER THREADS    as fast as it can, until it is killed
//     span-producer traces COUNTER THREADS the same, as traces of two spans, of which every fifth fails
//     span-producer fork COUNT             COUNT spans, then the same again in a forked child
import Foundation

switch CommandLine.arguments.dropFirst().first {
case "run": EndlessRun.start(isOfTraces: false)
case "traces": EndlessRun.start(isOfTraces: true)
case "fork": ForkedRun.start()
default:
    FileHandle.standardError.write(
        Data("usage: span-producer run COUNTER THREADS | traces COUNTER THREADS | fork COUNT\n".utf8)
    )
    exit(64)
}
