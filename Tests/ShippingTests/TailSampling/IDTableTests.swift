import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("The table of trace ids")
struct IDTableTests {
    @Test("random changes give the content of a dictionary", arguments: 0..<6)
    func againstDictionary(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var table = IDTable(capacity: seed % 2 == 0 ? 1 : 1_000)
        var expected: [TraceID: UInt32] = [:]
        // Few ids, so that removed ones return, and ids that differ in one half only.
        let ids = (0..<600).map { number -> TraceID in
            switch number % 3 {
            case 0: TraceID(high: 0, low: UInt64(number))
            case 1: TraceID(high: UInt64(number), low: 0)
            default: TraceID(high: random.next(), low: random.next())
            }
        }
        for step in 0..<40_000 {
            let id = ids[Int.random(in: 0..<ids.count, using: &random)]
            // Grows, shrinks, and grows again.
            let adds = Int.random(in: 0..<10, using: &random) < (step / 5_000 % 2 == 0 ? 7 : 3)
            table[id] = adds ? UInt32(step) : nil
            expected[id] = adds ? UInt32(step) : nil
            let other = ids[Int.random(in: 0..<ids.count, using: &random)]
            #expect(table[other] == expected[other])
        }
        #expect(table.count == expected.count)
        for id in ids { #expect(table[id] == expected[id]) }
    }
}
