import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// How the measurements of a stream are combined.
enum Aggregator: Sendable, Equatable {
    case integerSum
    case floatingPointSum
    case lastValue
    case distribution(bounds: [Double]?, recordsExtremes: Bool)
}

/// What was measured of one attribute set of a stream.
final class Aggregate: @unchecked Sendable {
    enum Cells {
        case integer(StripedCell)
        case number(StripedCell)
        case lastValue(LastValueCell)
        case distribution(Locked<Distribution>)
    }

    let attributes: [Attribute]
    let cells: Cells
    private let start: Atomic<Int64>
    private let aggregator: Aggregator

    init(_ aggregator: Aggregator, _ attributes: AttributeSet, _ memory: CellMemory) {
        self.aggregator = aggregator
        self.attributes = attributes.attributes
        start = Atomic(UnixTime.nanoseconds())
        cells =
            switch aggregator {
            case .integerSum: .integer(StripedCell(memory))
            case .floatingPointSum: .number(StripedCell(memory))
            case .lastValue: .lastValue(LastValueCell(memory))
            case .distribution(let bounds, _): .distribution(Locked(Distribution(bounds: bounds)))
            }
    }

    /// Combines a measurement.
    func record(_ value: Int64) {
        switch cells {
        case .integer(let cell): cell.add(value)
        case .number(let cell): cell.add(Double(value))
        case .lastValue(let cell): cell.set(Double(value))
        case .distribution(let distribution): distribution.withLock { $0.record(Double(value)) }
        }
    }

    /// Combines a finite measurement.
    func record(_ value: Double) {
        switch cells {
        // A stream of whole numbers gets none.
        case .integer: break
        case .number(let cell): cell.add(value)
        case .lastValue(let cell): cell.set(value)
        case .distribution(let distribution): distribution.withLock { $0.record(value) }
        }
    }

    /// Restarts at zero.
    func reset() {
        switch cells {
        case .integer(let cell), .number(let cell): cell.clear()
        case .lastValue(let cell): cell.clear()
        case .distribution(let distribution): distribution.withLock { $0 = Distribution(bounds: $0.bounds) }
        }
        start.store(UnixTime.nanoseconds(), ordering: .relaxed)
    }

    /// The current values; nil for a gauge without a value.
    func point() -> Metric.Point? {
        let value: Metric.Value
        switch cells {
        case .integer(let cell): value = .int(cell.integer)
        case .number(let cell): value = .double(cell.number)
        case .lastValue(let cell):
            guard let last = cell.value else { return nil }
            value = .double(last)
        case .distribution(let distribution): value = .histogram(distribution.withLock { $0.classic })
        }
        return Metric.Point(value, attributes: attributes)
    }
}

extension Distribution {
    var classic: ClassicHistogram {
        guard bounds == nil else {
            var total: UInt64 = 0
            let cumulative = explicitCounts.dropLast().map { count in
                total &+= count
                return total
            }
            return ClassicHistogram(edges: bounds ?? [], cumulativeCounts: cumulative, count: count, sum: sum)
        }
        var edges: [Double] = []
        var cumulative: [UInt64] = []
        var total: UInt64 = 0
        func add(_ edge: Double, _ count: UInt64) {
            guard edge.isFinite else { return }
            total &+= count
            if edge == edges.last {
                cumulative[cumulative.count - 1] = total
            } else {
                edges.append(edge)
                cumulative.append(total)
            }
        }
        for (index, count) in negative.sorted(by: { $0.key > $1.key }) {
            add(-BucketIndex.lowerBoundary(of: index, scale: 8, unit: .nanoseconds).nanoseconds, count)
        }
        if zeroCount > 0 { add(0, zeroCount) }
        for (index, count) in positive.sorted(by: { $0.key < $1.key }) {
            add(BucketIndex.upperBoundary(of: index, scale: 8, unit: .nanoseconds), count)
        }
        return ClassicHistogram(edges: edges, cumulativeCounts: cumulative, count: count, sum: sum)
    }
}
