import SpanKitPercentiles
import SpanKitPlatform
import SpanKitSummaries

/// A distribution of durations as an SVG: bars on a logarithmic axis, with marks at percentiles.
struct DistributionChart {
    static let width = 640.0
    static let height = 74.0
    private static let plot = 52.0
    /// The scale of the bars: four for each doubling.
    private static let scale = 2

    /// The axis of all charts on a page, from one power of ten to another.
    struct Axis {
        let lowest: Double
        let highest: Double

        init(_ histograms: [ExponentialHistogram]) {
            let counted = histograms.filter { !$0.isEmpty }
            let least = counted.compactMap { $0.quantile(0.001)?.estimate }.min() ?? 1_000
            let most = counted.map { Double($0.maximumNanoseconds) }.max() ?? 1_000_000
            lowest = pow(10, log10(max(1, least)).rounded(.down))
            highest = max(pow(10, log10(max(10, most)).rounded(.up)), lowest * 10)
        }

        func place(_ nanoseconds: Double) -> Double {
            let part = log(max(nanoseconds, lowest) / lowest) / log(highest / lowest)
            return min(max(part, 0), 1) * width
        }

        /// Powers of ten.
        var ticks: [Double] {
            var ticks: [Double] = []
            var tick = lowest
            while tick <= highest * 1.001 {
                ticks.append(tick)
                tick *= 10
            }
            return ticks
        }
    }

    let axis: Axis
    let histogram: ExponentialHistogram
    /// The operation's distribution in an earlier run, drawn as a line.
    let before: ExponentialHistogram?

    var svg: String {
        let most = max(largestShare(histogram), before.map(largestShare) ?? 0)
        var svg =
            "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" aria-label=\"\(HTMLText.escaped(label))\">"
        for tick in axis.ticks {
            let x = Readable.fixed(axis.place(tick), decimals: 1)
            svg += "<line class=\"tick\" x1=\"\(x)\" x2=\"\(x)\" y1=\"0\" y2=\"\(Int(Self.plot))\"/>"
            let anchor = tick == axis.lowest ? "start" : tick * 1.001 >= axis.highest ? "end" : "middle"
            svg +=
                "<text x=\"\(x)\" y=\"\(Int(Self.height - 6))\" text-anchor=\"\(anchor)\">\(Self.tickText(tick))</text>"
        }
        for bar in bars(histogram, most) {
            svg +=
                "<rect x=\"\(number(bar.from))\" y=\"\(number(Self.plot - bar.height))\" width=\"\(number(max(0.5, bar.to - bar.from - 0.5)))\""
                + " height=\"\(number(bar.height))\"/>"
        }
        if let before { svg += "<polyline points=\"\(outline(bars(before, most)))\"/>" }
        for (name, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            guard share < 0.99 || histogram.count >= OperationStatistics.fewestForP99,
                let value = histogram.quantile(share)?.estimate
            else { continue }
            let x = number(axis.place(value))
            svg +=
                "<line class=\"mark\" x1=\"\(x)\" x2=\"\(x)\" y1=\"0\" y2=\"\(Int(Self.plot))\"><title>\(name) \(Readable.durationInText(wholeNanoseconds(value)))</title></line>"
        }
        return svg + "</svg>"
    }

    private var label: String {
        let values = [("p50", 0.5), ("p95", 0.95)].compactMap { name, share in
            histogram.quantile(share).map { "\(name) \(Readable.durationInText(wholeNanoseconds($0.estimate)))" }
        }
        return ([Readable.count(histogram.count, of: "run")] + values).joined(separator: ", ")
    }

    private struct Bar {
        var from: Double
        var to: Double
        var height: Double
    }

    /// The upper edge of the bars, on the axis between them.
    private func outline(_ bars: [Bar]) -> String {
        var points: [String] = []
        func add(_ x: Double, _ height: Double) { points.append("\(number(x)),\(number(Self.plot - height))") }
        for (place, bar) in bars.enumerated() {
            if place == 0 || bar.from > bars[place - 1].to + 0.5 { add(bar.from, 0) }
            add(bar.from, bar.height)
            add(bar.to, bar.height)
            if place == bars.count - 1 || bars[place + 1].from > bar.to + 0.5 { add(bar.to, 0) }
        }
        return points.joined(separator: " ")
    }

    private func coarse(_ histogram: ExponentialHistogram) -> ExponentialHistogram {
        histogram.downscaled(by: max(0, histogram.scale - Self.scale))
    }

    private func largestShare(_ histogram: ExponentialHistogram) -> Double {
        Double(coarse(histogram).bucketCounts.max() ?? 0) / Double(max(1, histogram.count))
    }

    private func bars(_ histogram: ExponentialHistogram, _ most: Double) -> [Bar] {
        let coarse = coarse(histogram)
        return coarse.bucketCounts.enumerated().compactMap { place, counted in
            guard counted > 0, most > 0 else { return nil }
            let bounds = coarse.wholeBounds(of: coarse.firstBucketIndex + place)
            let share = Double(counted) / Double(histogram.count) / most
            // At least one pixel, so that rare runs are visible.
            return Bar(
                from: axis.place(bounds.lower),
                to: axis.place(bounds.upper),
                height: max(1, share * (Self.plot - 4))
            )
        }
    }

    private func number(_ value: Double) -> String { Readable.fixed(value, decimals: 1) }

    private static func tickText(_ nanoseconds: Double) -> String {
        let units: [(Double, String)] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1, "ns")]
        let (size, unit) = units.first { nanoseconds >= $0.0 * 0.999 } ?? (1, "ns")
        return "\(Int((nanoseconds / size).rounded())) \(unit)"
    }
}
