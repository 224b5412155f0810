import SpanKitTestSupport
import Testing
import Tracing

@testable import SpanKitServer

@Suite("SpanAttributes are changed in place, or through a copy")
struct SpanAttributesElementsTests {
    @Test("this version of the library allows access in place")
    func isOneDictionary() {
        #expect(SpanAttributes.isOneDictionary)
    }

    @Test("both ways have the same result")
    func bothWays() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<200 {
            var own = SpanAttributes([:])
            for number in 0..<(random.next() % 20) { own.set("key \(number)", value: Self.value(&random)) }
            // A reference more, as a user has who kept a copy.
            let kept = own
            var copied = own
            let seed = random.next()
            var seen = (own: [String: SpanAttribute](), copied: [String: SpanAttribute]())
            own.withElements(&seen.own) { Self.change(&$0, &$1, seed) }
            copied.withCopiedElements(&seen.copied) { Self.change(&$0, &$1, seed) }
            #expect(own == copied)
            #expect(seen.own == seen.copied)
            #expect(SpanAttributes(seen.own) == kept)
            #expect((own == kept) == seen.own.isEmpty)
        }
    }

    @Test("removeAll leaves copies unchanged")
    func removeAll() {
        var attributes = SpanAttributes(["one": .int64(1), "two": .string("a text that lies on the heap")])
        let kept = attributes
        attributes.removeAll()
        #expect(attributes.isEmpty)
        attributes["three"] = 3
        #expect(attributes.count == 1)
        #expect(kept.count == 2)
        #expect(kept.get("two") == .string("a text that lies on the heap"))
    }

    /// Looks at all, then changes, adds and removes one each.
    private static func change(
        _ elements: inout [String: SpanAttribute],
        _ seen: inout [String: SpanAttribute],
        _ seed: UInt64
    ) {
        var random = SplitMix64(seed: seed)
        seen = elements
        guard !elements.isEmpty else { return }
        let keys = elements.keys.sorted()
        elements[keys[Int(random.next() % UInt64(keys.count))]] = .string("changed")
        elements["new"] = value(&random)
        elements[keys[Int(random.next() % UInt64(keys.count))]] = nil
    }

    private static func value(_ random: inout SplitMix64) -> SpanAttribute {
        switch random.next() % 5 {
        case 0: .int64(Int64(bitPattern: random.next()))
        case 1: .double(Double(random.next()))
        case 2: .string("text \(random.next())")
        case 3: .int64Array([1, Int64(random.next() % 100)])
        default: .bool(random.next() % 2 == 0)
        }
    }
}
