import Metrics
import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitServer
import SpanKitTestSupport
import Synchronization
import Testing

/// How metrics of swift-metrics end and start again.
@Suite("Lifetime of metrics", .generousTimeLimit)
struct MetricsLifetimeTests {
    let run = MeteredRun()

    @Test("a destroyed metric takes calls, and made anew it starts from 0 with a new start time")
    func anew() throws {
        let old = Counter(label: "visits", factory: run.factory)
        old.increment(by: 5)
        let start = try #require(try run.point("visits").start)
        old.destroy()
        #expect(run.metrics("visits").isEmpty)
        old.increment(by: 100)
        old.reset()
        old.destroy()
        #expect(run.metrics("visits").isEmpty)

        let new = Counter(label: "visits", factory: run.factory)
        new.increment(by: 2)
        old.increment(by: 100)
        old.destroy()
        #expect(try run.value("visits") == .int(2))
        #expect(try #require(try run.point("visits").start) > start)
    }

    @Test("a metric ends when each of its makers has destroyed it")
    func makers() throws {
        let dimensions = [("a", "1"), ("b", "2")]
        let timers = [dimensions, dimensions.reversed(), dimensions].map {
            Timer(label: "work", dimensions: $0, factory: run.factory)
        }
        for timer in timers { timer.recordSeconds(1) }
        timers[0].destroy()
        timers[1].destroy()
        timers[2].recordSeconds(1)
        #expect(try run.distribution("work", ["a": "1", "b": "2"]).count == 4)
        timers[2].destroy()
        #expect(run.metrics("work").isEmpty)
    }

    @Test("reset starts from 0 with a new start time, for all makers")
    func reset() throws {
        let one = Counter(label: "visits", factory: run.factory)
        let other = Counter(label: "visits", factory: run.factory)
        one.increment(by: 5)
        let start = try #require(try run.point("visits").start)
        other.reset()
        #expect(try run.value("visits") == .int(0))
        #expect(try #require(try run.point("visits").start) > start)
        one.increment()
        #expect(try run.value("visits") == .int(1))
    }

    @Test("a series that was removed natively is made anew")
    func removedNatively() throws {
        Counter(label: "visits", dimensions: [("a", "1")], factory: run.factory).increment()
        run.telemetry.metrics.counter("visits").with(["a": "1"]).remove()
        Counter(label: "visits", dimensions: [("a", "1")], factory: run.factory).increment(by: 3)
        #expect(try run.value("visits", ["a": "1"]) == .int(3))
    }

    @Test("metrics of all kinds take calls after the shutdown")
    func afterShutdown() async throws {
        let counter = Counter(label: "counter", factory: run.factory)
        await run.telemetry.shutdown(within: .generous)
        counter.increment()
        counter.reset()
        FloatingPointCounter(label: "floating", factory: run.factory).increment(by: 0.5)
        Metrics.Meter(label: "meter", factory: run.factory).set(1)
        Gauge(label: "gauge", factory: run.factory).record(1)
        Recorder(label: "recorder", factory: run.factory).record(1)
        Timer(label: "timer", factory: run.factory).recordSeconds(1)
        counter.destroy()
        counter.destroy()
        #expect(run.metrics("counter").isEmpty)
    }

    @Test(
        "the meter is freed when neither the telemetry nor the factory is used any more, and handlers still take calls"
    )
    func freed() throws {
        weak var meter: TelemetryMeter?
        var handler: (any CounterHandler)?
        do {
            let run = MeteredRun()
            meter = run.telemetry.metrics
            // A `Counter` itself would keep the factory.
            handler = run.factory.makeCounter(label: "kept", dimensions: [])
            #expect(run.telemetry.metricsFactory === run.factory)
            handler?.increment(by: 1)
        }
        #expect(meter == nil)
        handler?.increment(by: 1)
    }

    @Test("without a reference to the factory, its successor shares the handlers")
    func successor() throws {
        let telemetry = MeteredRun().telemetry
        let first = telemetry.metricsFactory.makeCounter(label: "c", dimensions: [])
        let second = telemetry.metricsFactory.makeCounter(label: "c", dimensions: [])
        #expect(first === second)
    }

    @Test("makers on many threads never lose an increment, while metrics are collected and others end")
    func concurrentMakers() async throws {
        let (tasks, rounds) = (8, 500)
        let run = run
        let keeper = Counter(label: "shared", dimensions: [("a", "1"), ("b", "2")], factory: run.factory)
        let collector = Task {
            while !Task.isCancelled {
                _ = run.telemetry.metrics.collect()
                await Task.yield()
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    for round in 0..<rounds {
                        let dimensions = [("a", "1"), ("b", "2")]
                        let order = round % 2 == 0 ? dimensions : dimensions.reversed()
                        let shared = Counter(label: "shared", dimensions: order, factory: run.factory)
                        shared.increment()
                        shared.destroy()
                        // Ends and starts anew all the time.
                        let brief = Timer(label: "brief", dimensions: [("a", "\(round % 3)")], factory: run.factory)
                        brief.recordNanoseconds(Int64(task))
                        brief.destroy()
                    }
                }
            }
        }
        collector.cancel()
        await collector.value
        #expect(try run.value("shared", ["a": "1", "b": "2"]) == .int(Int64(tasks * rounds)))
        #expect(run.metrics("brief").isEmpty, "each maker has destroyed its metric")
        keeper.destroy()
        #expect(run.metrics("shared").isEmpty)
    }

    @Test("while a metric ends and starts anew, its makers' increments are counted in a series that is not ending")
    func concurrentEnds() throws {
        // A maker that has not destroyed its metric must find all of its increments.
        let lost = Atomic<Int>(0)
        OperatingSystemThread.run(4) {
            for _ in 0..<500 {
                let counter = Counter(label: "contested", factory: run.factory)
                let other = Counter(label: "contested", factory: run.factory)
                counter.increment()
                let isExported = run.metrics("contested").first?.points.first.map { $0.value != .int(0) } ?? false
                if !isExported { lost.wrappingAdd(1, ordering: .relaxed) }
                counter.destroy()
                other.destroy()
            }
        }
        #expect(lost.load(ordering: .relaxed) == 0)
        #expect(run.metrics("contested").isEmpty)
    }
}
