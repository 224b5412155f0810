/// A queue whose elements can be put back at its front. All operations except ``remove(where:)`` take amortized
/// constant time.
struct Queue<Element> {
    private var front: [Element] = []
    private var back: [Element] = []
    private var taken = 0

    var isEmpty: Bool { front.isEmpty && taken == back.count }
    var count: Int { front.count + back.count - taken }
    var first: Element? { front.last ?? (taken < back.count ? back[taken] : nil) }

    mutating func append(_ element: Element) {
        back.append(element)
    }

    mutating func prepend(_ element: Element) {
        front.append(element)
    }

    mutating func popFirst() -> Element? {
        if let element = front.popLast() { return element }
        guard taken < back.count else { return nil }
        let element = back[taken]
        taken += 1
        if taken > 64, taken * 2 > back.count {
            back.removeFirst(taken)
            taken = 0
        }
        return element
    }

    /// Removes and returns the first element that matches. Complexity: O(n).
    mutating func remove(where condition: (Element) -> Bool) -> Element? {
        if let place = front.lastIndex(where: condition) { return front.remove(at: place) }
        guard let place = back[taken...].firstIndex(where: condition) else { return nil }
        return back.remove(at: place)
    }

    func forEach(_ body: (Element) -> Void) {
        for element in front.reversed() { body(element) }
        for element in back[taken...] { body(element) }
    }
}

extension Queue<Delivery> {
    var spanCount: Int {
        var sum = 0
        forEach { sum += $0.spanCount }
        return sum
    }
}
