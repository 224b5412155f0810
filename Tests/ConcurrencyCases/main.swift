// Runs tasks whose times are known, for tests of SpanKitConcurrency. It is a program of its own, because SpanKitConcurrency replaces
// functions of the Swift runtime in each program that links it.
//
//     spankit-concurrency-cases table ATTEMPTS      a line for each span: case, attempt, and milliseconds (see Table.swift)
//     spankit-concurrency-cases trees SEED COUNT    spans in random trees of tasks, and how many of them have wrong parts
//     spankit-concurrency-cases blocked             the lines about a blocked thread and a blocked pool
//     spankit-concurrency-cases foreign-hook        what is logged if another tool replaces the runtime's hook
//     spankit-concurrency-cases late-hook           the same, after the measurement has begun
//     spankit-concurrency-cases reasons             what the self-test says about runtimes that behave differently
import SpanKitPlatform

let arguments = Array(CommandLine.arguments.dropFirst())
switch (arguments.first, arguments.count) {
case ("table", 2): await Table.run(attempts: Int(arguments[1]) ?? 1)
case ("trees", 3): await RandomTrees.run(seed: UInt64(arguments[1]) ?? 0, count: Int(arguments[2]) ?? 1)
case ("blocked", 1): await Blocked.run()
case ("foreign-hook", 1): await ForeignHook.run(isLate: false)
case ("late-hook", 1): await ForeignHook.run(isLate: true)
case ("reasons", 1): Reasons.run()
default:
    print(
        "usage: spankit-concurrency-cases table ATTEMPTS | trees SEED COUNT | blocked | foreign-hook | late-hook | reasons"
    )
    exit(64)
}
