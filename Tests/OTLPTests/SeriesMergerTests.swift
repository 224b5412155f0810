import SpanKitOTLP
import SpanKitRecording
import Testing

@Suite("Series that become one")
struct SeriesMergerTests {
    private func metric(
        kind: Metric.Kind = .sum(isMonotonic: true),
        isObservable: Bool = false,
        _ points: [Metric.Point]
    )
        -> Metric
    {
        var metric = Metric("m", description: "", unit: "", kind: kind, points: points)
        metric.isObservable = isObservable
        return metric
    }

    /// A point of a series with a name, which the merged metric lacks.
    private func point(_ name: String, _ value: Metric.Value, start: Int64) -> (
        original: [Attribute], point: Metric.Point
    ) {
        ([Attribute("user", .string(name))], Metric.Point(value, attributes: [Attribute("route", "/")], start: start))
    }

    private func merge(
        _ merger: inout SeriesMerger,
        kind: Metric.Kind = .sum(isMonotonic: true),
        isObservable: Bool = false,
        _ parts: [(original: [Attribute], point: Metric.Point)]
    ) -> [Metric.Point] {
        merger.begin()
        defer { merger.end() }
        return merger.merge(
            metric(kind: kind, isObservable: isObservable, parts.map(\.point)),
            original: parts.map(\.original)
        )
        .points
    }

    @Test("a sum does not fall when one of its series ends, and goes on from there")
    func ends() {
        var merger = SeriesMerger()
        #expect(merge(&merger, [point("a", .int(10), start: 5)]).map(\.value) == [.int(10)])
        let both = merge(&merger, [point("a", .int(20), start: 5), point("b", .int(3), start: 7)])
        #expect(both.map(\.value) == [.int(23)])
        #expect(both.map(\.start) == [5])
        let rest = merge(&merger, [point("b", .int(4), start: 7)])
        #expect(rest.map(\.value) == [.int(24)])
        #expect(rest.map(\.start) == [5])
        // The same attributes with another start are another series.
        let again = merge(&merger, [point("a", .int(1), start: 9), point("b", .int(4), start: 7)])
        #expect(again.map(\.value) == [.int(25)])
        let restarted = merge(&merger, [point("a", .int(2), start: 11), point("b", .int(4), start: 7)])
        #expect(restarted.map(\.value) == [.int(27)])
        #expect(restarted.map(\.start) == [5])
    }

    @Test("when all of its series have ended, a sum starts from zero")
    func allEnd() {
        var merger = SeriesMerger()
        _ = merge(&merger, [point("a", .int(20), start: 5), point("b", .int(3), start: 7)])
        #expect(merge(&merger, []).isEmpty)
        let new = merge(&merger, [point("c", .int(1), start: 9)])
        #expect(new.map(\.value) == [.int(1)])
        #expect(new.map(\.start) == [9])
    }

    @Test("a value of a callback that is missing once is not counted twice when it returns")
    func returns() {
        var merger = SeriesMerger()
        let all = [point("a", .int(10), start: 5), point("b", .int(3), start: 5)]
        #expect(merge(&merger, isObservable: true, all).map(\.value) == [.int(13)])
        #expect(merge(&merger, isObservable: true, [all[1]]).map(\.value) == [.int(13)])
        #expect(merge(&merger, isObservable: true, []).isEmpty)
        let later = [point("a", .int(11), start: 5), point("b", .int(4), start: 5)]
        #expect(merge(&merger, isObservable: true, later).map(\.value) == [.int(15)])
    }

    @Test("a histogram keeps the buckets of a series that has ended")
    func histograms() {
        var merger = SeriesMerger()
        func histogram(_ counts: [UInt64], _ sum: Double) -> Metric.Value {
            .histogram(ExplicitHistogram(bounds: [1, 2], cumulativeCounts: counts, count: counts[1], sum: sum))
        }
        _ = merge(
            &merger,
            kind: .histogram,
            [point("a", histogram([1, 3], 4.5), start: 5), point("b", histogram([2, 2], 1), start: 5)]
        )
        let rest = merge(&merger, kind: .histogram, [point("b", histogram([2, 4], 4), start: 5)])
        #expect(rest.map(\.value) == [histogram([3, 7], 8.5)])
    }

    @Test("up-down counters fall when a series ends, and of gauges the first is kept")
    func others() {
        var merger = SeriesMerger()
        let parts = [point("a", .int(10), start: 5), point("b", .int(3), start: 7)]
        #expect(merge(&merger, kind: .sum(isMonotonic: false), parts).map(\.value) == [.int(13)])
        #expect(merge(&merger, kind: .sum(isMonotonic: false), [parts[1]]).map(\.value) == [.int(3)])
        var reports: [Bool] = []
        merger.begin()
        let gauge = merger.merge(metric(kind: .gauge, parts.map(\.point)), original: parts.map(\.original)) {
            reports.append($0)
        }
        #expect(gauge.points.map(\.value) == [.int(10)])
        #expect(reports == [false])
    }
}
