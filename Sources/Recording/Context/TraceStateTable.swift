import SpanKitPlatform

/// Assigns numbers to `tracestate` texts, so that a span handle contains a number instead of a string and is trivial to copy.
///
/// It keeps the newest ``capacity`` distinct texts. A number whose text was overwritten reads as empty. The number 0 is the empty
/// text. Only traces that have a trace state take its lock.
final class TraceStateTable: Sendable {
    static let capacity = 1_024
    static let maximumBytes = 512

    private struct Ring {
        var texts: [String] = []
        var numbers: [String: UInt32] = [:]
        var newest: UInt32 = 0
    }

    private let ring = Locked(Ring())

    /// The number of a text. It is 0 for a text of more than 512 bytes, because a cut trace state would be wrong.
    func number(for text: String) -> UInt32 {
        guard !text.isEmpty, text.utf8.count <= Self.maximumBytes else { return 0 }
        return ring.withLock { ring in
            if let known = ring.numbers[text] { return known }
            ring.newest &+= 1
            // A handle uses the highest bit for ``SpanHandle/handsDown``.
            if ring.newest >> 31 != 0 { ring.newest = 1 }
            let place = Int(ring.newest) % Self.capacity
            if ring.texts.isEmpty { ring.texts = Array(repeating: "", count: Self.capacity) }
            ring.numbers[ring.texts[place]] = nil
            ring.texts[place] = text
            ring.numbers[text] = ring.newest
            return ring.newest
        }
    }

    func acquireForFork() { ring.acquireForFork() }

    /// The text for a number; empty if it was overwritten.
    func text(for number: UInt32) -> String {
        guard number != 0 else { return "" }
        return ring.withLock { ring in
            guard ring.newest &- number < UInt32(Self.capacity), !ring.texts.isEmpty else { return "" }
            return ring.texts[Int(number) % Self.capacity]
        }
    }
}
