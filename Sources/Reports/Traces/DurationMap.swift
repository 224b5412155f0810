import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// The durations of traces over their starts, as counts in a grid of times and of logarithmic durations.
///
/// The bounds of the rows are bounds of ``ExponentialHistogram``'s buckets, so that a row contains whole buckets.
package struct DurationMap: Sendable {
    /// A trace on the map.
    package struct Entry: Sendable {
        let trace: TraceID
        let start: Int64
        let duration: UInt64
        let isError: Bool

        /// - Parameters:
        ///   - start: Nanoseconds since 1970-01-01 UTC.
        ///   - duration: Nanoseconds.
        package init(trace: TraceID, start: Int64, duration: UInt64, isError: Bool) {
            (self.trace, self.start, self.duration, self.isError) = (trace, start, duration, isError)
        }
    }

    /// The number of traces up to which each of them is a point.
    package static let pointLimit = 2_000
    private static let rowLimit = 48
    /// The scale of the buckets, as of the durations in reports.
    private static let scale = 8

    private let from: Int64
    private let step: Int64
    private let columns: Int
    /// How many buckets' bits a row has.
    private let shift: Int
    private let firstRow: Int
    private let rowCount: Int
    private var counts: [UInt64: (all: Int, errors: Int)] = [:]
    private let entries: [Entry]

    /// - Parameters:
    ///   - period: The time that the columns cover; `nil` for that of the traces.
    ///   - columns: The number of columns.
    package init(_ entries: [Entry], period: (from: Int64?, to: Int64?), columns: Int) {
        self.entries = entries
        self.columns = max(1, columns)
        let first = period.from ?? entries.lazy.map(\.start).min() ?? 0
        let last = max(period.to ?? entries.lazy.map(\.start).max() ?? first, first)
        from = first
        step = (last &- first) / Int64(self.columns) + 1
        func bucket(_ duration: UInt64) -> Int {
            BucketIndex.index(ofNanoseconds: max(1, duration), scale: Self.scale, unit: .seconds)
        }
        let shortest = entries.lazy.map(\.duration).min().map(bucket) ?? 0
        let longest = entries.lazy.map(\.duration).max().map(bucket) ?? 0
        var shift = 3
        while (longest >> shift) - (shortest >> shift) >= Self.rowLimit { shift += 1 }
        self.shift = shift
        firstRow = shortest >> shift
        rowCount = entries.isEmpty ? 0 : (longest >> shift) - firstRow + 1
        for entry in entries {
            let column = min(Int64(self.columns - 1), max(0, (entry.start &- from) / step))
            let key = UInt64(column) << 32 | UInt64((bucket(entry.duration) >> shift) - firstRow)
            counts[key, default: (0, 0)].all += 1
            if entry.isError { counts[key]?.errors += 1 }
        }
    }

    package var json: JSONText {
        func bound(_ row: Int) -> JSONText {
            let lower = BucketIndex.lowerBoundary(of: row << shift, scale: Self.scale, unit: .seconds)
            return .number(lower.nanoseconds)
        }
        let cells = counts.sorted { $0.key < $1.key }
        func cell(_ key: UInt64, _ count: Int) -> JSONText {
            .list([.count(key >> 32), .count(key & 0xFFFF_FFFF), .count(count)])
        }
        return .object([
            ("from", .string("\(from)")), ("to", .string("\(Int128(from) + Int128(step) * Int128(columns))")),
            ("stepNanoseconds", .count(step)), ("columns", .count(columns)),
            (
                "rows",
                .list(
                    (firstRow..<(firstRow + rowCount)).map {
                        .object([("lower", bound($0)), ("upper", bound($0 + 1))])
                    }
                )
            ),
            ("counts", .list(cells.map { cell($0.key, $0.value.all) })),
            ("errors", .list(cells.filter { $0.value.errors > 0 }.map { cell($0.key, $0.value.errors) })),
            ("points", entries.count > Self.pointLimit ? .null : .list(entries.map(\.json))),
            ("total", .count(entries.count)),
        ])
    }
}

extension DurationMap.Entry {
    fileprivate var json: JSONText {
        .object([
            ("trace", .string("\(trace)")), ("start", .string("\(start)")), ("duration", .count(duration)),
            ("error", .bool(isError)),
        ])
    }
}
