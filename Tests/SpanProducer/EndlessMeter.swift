import Foundation
import SpanKit

/// Counts with instruments until it is killed.
///
/// COUNTER contains the number of rounds of each of THREADS places (``Counters``), increased after each round. In a round, a thread counts
/// one in each instrument with its place as attribute. Each place has many threads, one after the other. In the mode `ending-meters`,
/// there are two more instruments: the series of `ending` is removed again and again, and that of `reset` is reset.
enum EndlessMeter {
    static func start(endsSeries: Bool) {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let threadCount = Int(arguments[3]) else { exit(64) }
        let counters = Counters(arguments[2], count: threadCount)
        let telemetry = Telemetry.start(.environment(), log: .silent)
        for place in 0..<threadCount { run(telemetry.metrics, place, from: 0, counters, endsSeries) }
        // Until it is killed, or the test that started it has ended.
        let parent = getppid()
        while getppid() == parent { sleep(1) }
    }

    private static func run(
        _ meter: TelemetryMeter,
        _ place: Int,
        from first: Int,
        _ counters: Counters,
        _ endsSeries: Bool
    ) {
        Thread.detachNewThread {
            let attributes: Attributes = ["place": .int(Int64(place))]
            let counter = meter.counter("counter", unit: "{round}").with(attributes)
            let sum = meter.floatingPointCounter("sum").with(attributes)
            let exponential = meter.histogram("exponential", unit: "s").with(attributes)
            let explicit = meter.histogram("explicit", buckets: .explicit([10, 100])).with(attributes)
            let upDown = meter.upDownCounter("up and down").with(attributes)
            var round = first
            let last = first + 3_000
            while round < last {
                counter.add(1)
                sum.add(0.5)
                // Further octaves as time goes on.
                exponential.record(Double(1 << (round / 500 % 40)))
                explicit.record(Double(round % 200))
                upDown.add(1)
                round += 1
                if endsSeries { count(meter, attributes, round) }
                counters.store(round, at: place)
                if round % 100 == 0 { usleep(500) }
            }
            run(meter, place, from: last, counters, endsSeries)
        }
    }

    private static func count(_ meter: TelemetryMeter, _ attributes: Attributes, _ round: Int) {
        let ending = meter.counter("ending").with(attributes)
        ending.add(1)
        let again = meter.histogram("reset", unit: "s").with(attributes)
        again.record(1)
        if round % 7 == 0 { ending.remove() }
        if round % 5 == 0 { again.reset() }
    }
}
