// Records spans for tests that need a process of their own. The environment says where they go.
//
//     span-producer run COUNTER THREADS    as fast as it can, until it is killed
//     span-producer fork COUNT             COUNT spans, then the same again in a forked child
import Foundation

switch CommandLine.arguments.dropFirst().first {
case "run": EndlessRun.start()
case "fork": ForkedRun.start()
default:
    FileHandle.standardError.write(Data("usage: span-producer run COUNTER THREADS | fork COUNT\n".utf8))
    exit(64)
}
