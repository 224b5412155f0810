/// A time since the start of a simulation, in nanoseconds.
typealias VirtualTime = Int64

extension VirtualTime {
    static func seconds(_ seconds: Double) -> VirtualTime { VirtualTime(seconds * 1e9) }
    static func seconds(_ seconds: Int) -> VirtualTime { VirtualTime(seconds) * 1_000_000_000 }
}

/// Events in the order of their times. Events of the same time keep the order in which they were added, so that a simulation is the
/// same in every run. A binary heap: adding and removing take O(log n).
struct EventQueue<Event> {
    private struct Entry {
        let time: VirtualTime
        let number: Int
        let event: Event

        func isBefore(_ other: Entry) -> Bool { (time, number) < (other.time, other.number) }
    }

    private var entries: [Entry] = []
    private var lastNumber = 0

    mutating func add(_ event: Event, at time: VirtualTime) {
        lastNumber += 1
        entries.append(Entry(time: time, number: lastNumber, event: event))
        var place = entries.count - 1
        while place > 0, entries[place].isBefore(entries[(place - 1) / 2]) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Removes the earliest event, unless it is after `end`.
    mutating func next(until end: VirtualTime) -> (time: VirtualTime, event: Event)? {
        guard let first = entries.first, first.time <= end else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return (first.time, first.event)
    }

    private mutating func sink() {
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < entries.count && entries[child].isBefore(entries[least]) {
                least = child
            }
            guard least != place else { return }
            entries.swapAt(place, least)
            place = least
        }
    }
}
