import SpanKitPlatform

/// Keeps `tracestate` texts, so that a span handle carries a number instead of a string and stays trivial to copy.
///
/// A ring: the newest ``capacity`` distinct texts are kept. A number whose text has been overwritten reads as empty: its
/// trace is then hundreds of distinct trace states old. Number 0 is the empty text. One lock, taken only for
/// traces that have a trace state.
final class TraceStateTable: Sendable {
    static let capacity = 1_024
    static let maximumBytes = 512

    private struct Ring {
        var texts: [String] = []
        var numbers: [String: UInt32] = [:]
        var newest: UInt32 = 0
    }

    private let ring = Locked(Ring())

    /// The number of a text; a text longer than 512 bytes is not kept (0), cutting inside an entry would falsify it.
    func number(for text: String) -> UInt32 {
        guard !text.isEmpty, text.utf8.count <= Self.maximumBytes else { return 0 }
        return ring.withLock { ring in
            if let known = ring.numbers[text] { return known }
            ring.newest &+= 1
            // The highest bit of a handle's number says something else (``SpanHandle/handsDown``).
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

    func text(for number: UInt32) -> String {
        guard number != 0 else { return "" }
        return ring.withLock { ring in
            guard ring.newest &- number < UInt32(Self.capacity), !ring.texts.isEmpty else { return "" }
            return ring.texts[Int(number) % Self.capacity]
        }
    }
}
