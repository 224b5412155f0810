import SpanKitSummaries

/// How many spans a service or a fleet makes, and how large they are.
struct SpanTraffic {
    /// A number of spans that was measured, and the time that it took.
    struct Measurement {
        var spanCount: Int
        var seconds: Double
        /// Where the numbers are from, as a sentence.
        var source: String
    }

    var measurement: Measurement
    /// Spans that were started, before any sampling.
    var startedPerSecond: Double
    /// The part of them that head sampling keeps.
    var headShare = 1.0
    /// The part of the rest that tail sampling keeps; nil without tail sampling.
    var tailShare: Double?
    /// The spans of the busiest minute, as a rate; nil if the measurement is shorter or has no times.
    var peakPerSecond: Double?
    /// The bytes of a span in a request, before and after compression. The first is nil if only the second is assumed.
    var plainBytes: Double?
    var sentBytes = Self.assumedSentBytes
    var spansPerTrace: Double?
    /// What is not measured, as sentences.
    var assumptions: [String] = []

    /// A span in a compressed request: the mean of the two kinds of spans in docs/performance.md, with attributes to spare.
    static let assumedSentBytes = 50.0

    /// Spans that are sent to the gateways in a second.
    var sentPerSecond: Double { startedPerSecond * headShare }
    /// Spans that a store gets in a second.
    var storedPerSecond: Double { sentPerSecond * (tailShare ?? 1) }
    /// How much more than the mean the busiest minute has; 1 if that is not known.
    var peakFactor: Double {
        max(1, (peakPerSecond ?? startedPerSecond) / max(startedPerSecond, .leastNonzeroMagnitude))
    }

    /// The traffic of several processes that each do the same.
    func multiplied(by processes: Int) -> SpanTraffic {
        var all = self
        all.startedPerSecond *= Double(processes)
        all.peakPerSecond = peakPerSecond.map { $0 * Double(processes) }
        if processes > 1 {
            all.assumptions.append("\(Readable.count(processes)) processes that each do as much as the input.")
        }
        return all
    }
}
