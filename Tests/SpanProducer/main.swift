// Records spans for tests that need their own process. Environment variables set the exporter.
//
//     span-producer run COUNTER THREADS    records until it is killed
//     span-producer signals COUNTER THREADS the same, with a log record in each span
//     span-producer traces COUNTER THREADS the same, as traces of two spans, of which every fifth fails
//     span-producer meters COUNTER THREADS counts with instruments until it is killed
//     span-producer ending-meters COUNTER THREADS the same, with two instruments whose series end again and again
//     span-producer fork COUNT             COUNT spans, then COUNT spans in a forked child
//     span-producer busy-forks COUNT       COUNT children, one after the other, while threads hold all kinds of locks
//     span-producer type-forks COUNT       COUNT children, one after the other, while threads use types for the first time
//     span-producer meter-forks COUNT FILE COUNT children, one after the other, while threads use instruments with counts in FILE
//     span-producer forked-accounts        checks the account of a parent, its child and the child's child
//     span-producer silent-child COUNT     COUNT spans, then a child that exits without a span, then it kills itself
import Foundation

switch CommandLine.arguments.dropFirst().first {
case "run": EndlessRun.start(.spans)
case "signals": EndlessRun.start(.allSignals)
case "traces": EndlessRun.start(.traces)
case "meters": EndlessMeter.start(endsSeries: false)
case "ending-meters": EndlessMeter.start(endsSeries: true)
case "fork": ForkedRun.start()
case "busy-forks": BusyForks.start()
case "type-forks": TypeForks.start()
case "meter-forks": MeterForks.start()
case "forked-accounts": ForkedAccounts.start()
case "silent-child": SilentChild.start()
default:
    FileHandle.standardError.write(
        Data(
            "usage: span-producer run|signals|traces|meters|ending-meters COUNTER THREADS | fork|busy-forks|type-forks|silent-child COUNT | meter-forks COUNT FILE | forked-accounts\n"
                .utf8
        )
    )
    exit(64)
}
