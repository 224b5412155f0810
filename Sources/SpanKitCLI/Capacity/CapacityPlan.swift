import SpanKitSummaries

/// What receives and stores the traffic: numbers of machines and bytes, from a table of measurements.
struct CapacityPlan {
    /// A lower and an upper estimate.
    typealias Estimate = ClosedRange<Double>

    let traffic: SpanTraffic
    /// How long spans are kept.
    let days: Int
    /// How long a gateway waits for the end of a trace.
    let decisionWaitSeconds: Int
    /// The disk that `spankit serve` may use, in bytes.
    let serveBytes: Double

    // The sizing table of docs/scale.md, "How much you need". One core takes this many spans a second.
    private static let gatewayCore: Estimate = 10_000...40_000
    private static let insertCore: Estimate = 13_000...200_000
    /// A span in ClickHouse: with few attributes, and with 11.
    private static let clickHouseBytes: Estimate = 38...76
    /// A span that waits for the decision of tail sampling in a Collector.
    private static let waitingBytes = 1_024.0
    /// What `spankit serve` takes on a machine with two cores, a third less than measured, which is left for the page and for questions. And
    /// the bytes of a span in its file, measured with four attributes.
    static let serveSpansPerSecond = 20_000.0
    private static let serveSpanBytes = 330.0

    /// The spans of the busiest minute at the gateways, and at a store behind them.
    private var gatewayPeak: Double { traffic.sentPerSecond * traffic.peakFactor }
    private var storePeak: Double { traffic.storedPerSecond * traffic.peakFactor }

    private static func cores(_ spansPerSecond: Double, _ core: Estimate) -> Estimate {
        max(
            1,
            (spansPerSecond / core.upperBound).rounded(.up)
        )...max(1, (spansPerSecond / core.lowerBound).rounded(.up))
    }

    private static func multiplied(_ estimate: Estimate, by factor: Double) -> Estimate {
        estimate.lowerBound * factor...estimate.upperBound * factor
    }

    static let secondsPerDay = 86_400.0
    /// A larger number of spans a second is an error of the input.
    static let largestRate = 1e12

    var gatewayCores: Estimate { Self.cores(gatewayPeak, Self.gatewayCore) }
    /// Of all gateways together.
    var tailSamplingBytes: Double { gatewayPeak * Double(decisionWaitSeconds) * Self.waitingBytes }
    var insertCores: Estimate { Self.cores(storePeak, Self.insertCore) }
    var storageBytesPerDay: Estimate {
        Self.multiplied(Self.clickHouseBytes, by: traffic.storedPerSecond * Self.secondsPerDay)
    }
    var storageBytes: Estimate { Self.multiplied(storageBytesPerDay, by: Double(days)) }
    var sentBytesPerDay: Double { traffic.sentPerSecond * traffic.sentBytes * Self.secondsPerDay }

    // MARK: One machine

    /// Whether one `spankit serve` writes the busiest minute.
    var fitsRate: Bool { storePeak <= Self.serveSpansPerSecond }
    /// How long its disk lasts, in days.
    var serveDays: Double {
        serveBytes / max(traffic.storedPerSecond * Self.secondsPerDay * Self.serveSpanBytes, .leastNonzeroMagnitude)
    }
    var fitsDisk: Bool { serveDays >= Double(days) }
    var fitsOneMachine: Bool { fitsRate && fitsDisk }
    /// How many times the traffic may be before one machine is not enough.
    var growthUntilFull: Double {
        min(Self.serveSpansPerSecond / max(storePeak, .leastNonzeroMagnitude), serveDays / Double(days))
    }

    var assumptions: [String] {
        let memory = "\(decisionWaitSeconds) s × spans/s × 1 KiB"
        return traffic.assumptions
            + (traffic.peakPerSecond == nil ? ["The busiest minute is not known; the mean is used."] : [])
            + [
                "A gateway core takes 10 000 to 40 000 spans/s; tail sampling holds \(memory).",
                "ClickHouse: 13 000 to 200 000 spans/s for a core that inserts, 38 to 76 bytes a span on disk. One replica; for two, "
                    + "double both. Merges and queries take half as many cores in addition.",
                "spankit serve: \(Readable.count(Int(Self.serveSpansPerSecond))) spans/s, \(Int(Self.serveSpanBytes)) bytes a span.",
            ]
    }
}
