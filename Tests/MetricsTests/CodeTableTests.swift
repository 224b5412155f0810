import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitMetrics

@Suite("Look-up tables")
struct CodeTableTests {
    @Test("random insertions and removals leave the table like a dictionary, also with equal codes")
    func random() {
        var random = SplitMix64(seed: 3)
        var table = CodeTable<(key: Int, value: Int)>()
        var known: [Int: Int] = [:]
        func code(_ key: Int) -> UInt64 { UInt64(key % 13) &* 0x9E37_79B9 }
        for step in 0..<20_000 {
            let key = Int.random(in: 0..<200, using: &random)
            if known[key] == nil {
                table.insert(code(key), (key, step))
                known[key] = step
            } else {
                table.remove(code(key)) { $0.key == key }
                known[key] = nil
            }
            let probe = Int.random(in: 0..<200, using: &random)
            #expect(table.first(code(probe)) { $0.key == probe }?.value == known[probe])
            #expect(table.count == known.count)
        }
        table.remove(99) { _ in true }
        #expect(table.count == known.count)
    }

    @Test("the code of attributes does not depend on their order, and differs with each part")
    func codes() {
        let first = [Attribute("a", 1), Attribute("b", "x"), Attribute("long key of an attribute", "and its value")]
        #expect(Code.of(first) == Code.of(first.reversed()))
        var others: [[Attribute]] = [
            [], [Attribute("a", 1)], [Attribute("a", "1")], [Attribute("b", 1)], [Attribute("a", true)],
        ]
        others.append([Attribute("ab", "c")])
        others.append([Attribute("a", "bc")])
        others.append([Attribute("a", .double(1))])
        #expect(Set((others + [first]).map { Code.of($0) }).count == others.count + 1)
    }

    @Test("sets of attributes are equal regardless of order and of earlier values of a key")
    func sets() {
        var random = SplitMix64(seed: 4)
        for _ in 0..<2_000 {
            let list = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                Attribute("k\(Int.random(in: 0...4, using: &random))", .int(Int64.random(in: 0...2, using: &random)))
            }
            var last: [String: AttributeValue] = [:]
            for attribute in list { last[attribute.key] = attribute.value }
            let shuffled = last.map { Attribute($0.key, $0.value) }.shuffled(using: &random)
            #expect(AttributeSet(list) == AttributeSet(shuffled))
            #expect(AttributeSet(list).attributes.map(\.key) == last.keys.sorted())
        }
    }
}
