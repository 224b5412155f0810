import SpanKitTestSupport
import Testing

@testable import SpanKitPercentiles

@Suite("The table of the hot path is exact")
struct IndexTableTests {
    static let tables: [IndexTable] = IndexTable.scales.flatMap { scale in
        BucketUnit.allCases.compactMap { IndexTable.table(scale: scale, unit: $0) }
    }

    @Test("for the vectors' whole nanoseconds that a Double can hold")
    func vectors() throws {
        var checked = 0
        for row in Vectors.root["integer_ns_index"]["rows"].array {
            let value = try #require(row[0].unsigned)
            guard let scale = row[1].int, value <= 1 << 53 else { continue }
            for (unit, column) in [(BucketUnit.nanoseconds, 2), (.seconds, 3)] {
                guard let table = IndexTable.table(scale: scale, unit: unit) else { continue }
                #expect(table.rawIndex(of: value) + table.bias == row[column].int, "\(value) ns")
                checked += 1
            }
        }
        #expect(checked > 400)
    }

    @Test("on both sides of every boundary, and for random durations", arguments: tables.indices)
    func exhaustive(place: Int) {
        let table = Self.tables[place]
        var random = SplitMix64(seed: 11)
        var values: [UInt64] = (0..<20_000).map { _ in random.next() >> (17 + random.next() % 46) }
        for octave in 0..<47 {
            for step in 0..<(1 << table.scale) {
                let index =
                    table.unit == .nanoseconds ? octave << table.scale + step : (octave - 30) << table.scale + step
                let boundary = BucketIndex.lowerBoundary(of: index, scale: table.scale, unit: table.unit).nanoseconds
                for value in [boundary.rounded(.down), boundary.rounded(.up)] where value < 0x1p53 {
                    values.append(UInt64(value))
                }
            }
        }
        var wrong = 0
        for value in values where value > 0 {
            let exact = BucketIndex.index(ofNanoseconds: value, scale: table.scale, unit: table.unit)
            if table.rawIndex(of: value) + table.bias != exact { wrong += 1 }
        }
        #expect(wrong == 0)
        #expect(values.count > 30_000)
    }
}
