import CClock
import Recording

@inline(never) func blackHole<T>(_ value: T) { withExtendedLifetime(value) {} }
@inline(never) func work(_ x: Int) -> Int { x &* 31 &+ 7 }

func time(_ n: Int, _ body: (Int) -> Void) -> Double {
    let start = spankit_monotonic_nanoseconds()
    body(n)
    return Double(spankit_monotonic_nanoseconds() - start) / Double(n)
}

func scratch() async {
    let profiler = PerformanceProfiler(.on)
    let off = PerformanceProfiler(.off)
    let n = 200_000
    func clocks(_ n: Int) {
        var s: UInt64 = 0; for _ in 0..<n { s &+= spankit_counter(); s &+= spankit_counter() }; blackHole(s)
    }
    func closure(_ n: Int) {
        var s = 0;
        for i in 0..<n {
            s &+= profiler.profile("bench_profile") { span in
                span.set("a", i); span.set("b", true); span.set("c", 1.5); return work(i)
            }
        }; blackHole(s)
    }
    func bare0(_ n: Int) {
        var s = 0; for i in 0..<n { s &+= profiler.profile("bench_profile") { work(i) } }; blackHole(s)
    }
    func push(_ n: Int) { var s = 0; for i in 0..<n { s &+= Span.$current.withValue(.none) { work(i) } }; blackHole(s) }
    func manual(_ n: Int) { for _ in 0..<n { let span = profiler.start("bench_manual"); profiler.end(span) } }
    func offp(_ n: Int) { var s = 0; for i in 0..<n { s &+= off.profile("bench_profile") { work(i) } }; blackHole(s) }
    func plain(_ n: Int) { var s = 0; for i in 0..<n { s &+= work(i) }; blackHole(s) }
    let tests: [(String, (Int) -> Void)] = [
        ("2 tsc", clocks), ("profile 3 attr", closure), ("profile 0", bare0), ("push only", push), ("manual", manual),
        ("off", offp), ("plain", plain),
    ]
    var best = [String: Double]()
    for _ in 0..<15 { for (name, f) in tests { best[name] = min(best[name] ?? 1e9, time(n, f)) } }
    for (name, _) in tests { print(name, best[name]!, best[name]! / best["2 tsc"]!) }
    print(profiler.account)
}
if CommandLine.arguments.count > 4 {
    let profiler = PerformanceProfiler(.on); var s = 0;
    for i in 0..<30_000_000 {
        s &+= profiler.profile("bench_profile") { span in
            span.set("a", i); span.set("b", true); span.set("c", 1.5); return work(i)
        }
    }; blackHole(s)
} else if CommandLine.arguments.count > 3 {
    let profiler = PerformanceProfiler(.on);
    for _ in 0..<30_000_000 { let span = profiler.start("bench_manual"); profiler.end(span) }
} else if CommandLine.arguments.count > 1 {
    let profiler = PerformanceProfiler(.on)
    for _ in 0..<100_000 { let span = profiler.start("bench_manual"); profiler.end(span) }
    if CommandLine.arguments.count > 2 {
        var s = 0;
        for i in 0..<100_000 {
            s &+= profiler.profile("bench_profile") { span in
                span.set("a", i); span.set("b", true); span.set("c", 1.5); return work(i)
            }
        }; blackHole(s)
    }
} else {
    await scratch()
}
