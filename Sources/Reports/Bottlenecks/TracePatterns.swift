import SpanKitPercentiles
import SpanKitRecording

/// The time that traces could save, in nanoseconds, for each operation and for each pattern of calls.
///
/// Every gain is computed trace by trace with a ``TraceReplay``, and is never larger than the time on the ``CriticalPath``. The
/// memory grows with the number of operations and of pairs of operations, not of spans.
package struct TracePatterns: Sendable {
    /// A trace to look at: the one with the largest gain.
    struct Example: Sendable {
        private(set) var trace: TraceID?
        private var size: UInt64 = 0

        mutating func add(_ size: UInt64, _ trace: TraceID) {
            guard size > self.size else { return }
            (self.size, self.trace) = (size, trace)
        }

        mutating func add(_ other: Example) {
            if let trace = other.trace { add(other.size, trace) }
        }
    }

    /// Children of one operation whose parents belong to another operation.
    struct Repetition: Sendable {
        var parent: OperationNumbers
        var child: OperationNumbers
        /// The number of parents with at least one such child.
        var parents = 0
        var children = 0
        /// The number of children that started before the previous one ended.
        var overlapping = 0
        /// The time in nanoseconds by which traces would be shorter if all calls of a parent together took as long as
        /// one of them on average.
        var gain: UInt128 = 0
        var example = Example()

        var perParent: Double { parents == 0 ? 0 : Double(children) / Double(parents) }
    }

    /// Two children of one parent, of which the second starts after the first has ended.
    struct Sequence: Sendable {
        var first: OperationNumbers
        var second: OperationNumbers
        var count = 0
        /// The time in nanoseconds by which traces would be shorter if both started together.
        var gain: UInt128 = 0
        var example = Example()
    }

    private struct Pair: Hashable {
        var left: OperationNumbers
        var right: OperationNumbers

        var reversed: Pair { Pair(left: right, right: left) }
    }

    private static let pairLimit = 20_000
    /// The maximum number of running children that another child is compared with: those that end last.
    private static let runningLimit = 64
    /// The minimum number of calls that count as repeated.
    private static let fewestRepeated = 5

    /// The time by which traces would be shorter without each operation.
    private(set) var impacts: [OperationNumbers: OperationImpact] = [:]
    private var repetitions: [Pair: Repetition] = [:]
    private var sequences: [Pair: Sequence] = [:]
    /// The pairs that overlapped at least once.
    private var overlaps: Set<Pair> = []

    /// The operations whose overlaps are not all known. They are not reported as calls in sequence.
    private var unsureOverlaps: Set<OperationNumbers> = []

    /// The number of traces whose longest root has a start and an end, as in a ``CriticalReport``.
    private(set) var traceCount = 0
    private(set) var limits = PathLimits()
    /// The total duration of the traces' longest roots in nanoseconds.
    private(set) var wholeNanoseconds: UInt128 = 0
    /// The number of spans that ended after their parent, which did not wait for them.
    private(set) var unawaitedCount = 0
    /// The number of operations and of pairs that were not examined, because their trace has too many names.
    private(set) var unexaminedCount = 0

    private let mergesServices: Bool
    private let replayLimit: Int

    /// - Parameters:
    ///   - mergesServices: Whether operations with the same name are merged across services.
    ///   - replayLimit: The maximum number of operations, of repeated calls and of pairs in sequence that are replayed
    ///     for a trace. Those with the longest time on the path are replayed.
    package init(mergesServices: Bool = false, replayLimit: Int = 1_000) {
        self.mergesServices = mergesServices
        self.replayLimit = replayLimit
    }

    package mutating func add(_ trace: Trace) {
        addCalls(trace)
        guard let root = limits.root(of: trace) else { return }
        traceCount += 1
        wholeNanoseconds += UInt128(trace.spans[root].duration)
        var replay = TraceReplay(of: trace, root: root)
        unawaitedCount += replay.unawaitedCount
        guard replay.wholeNanoseconds > 0 else { return }
        let study = Study(trace, replay, root, mergesServices: mergesServices)
        addImpacts(study, &replay)
        addRepetitions(study, &replay)
        addSequences(study, &replay)
    }

    /// One trace, its critical path, and the spans of each operation.
    private struct Study {
        let trace: Trace
        /// The time of each span on the critical path in nanoseconds.
        let critical: [UInt64]
        /// The same time for each span together with all spans below it.
        private(set) var criticalWithin: [UInt64]
        /// The operation of each span.
        let operations: [OperationNumbers]
        /// The spans below the root that take time, by operation.
        private(set) var places: [OperationNumbers: [Int]] = [:]
        /// The time of each operation on the critical path.
        private(set) var criticalByOperation: [OperationNumbers: UInt64] = [:]
        let parents: [Int]

        init(_ trace: Trace, _ replay: TraceReplay, _ root: Int, mergesServices: Bool) {
            self.trace = trace
            critical = CriticalPath(of: trace, root: root).times(spanCount: trace.spans.count)
            var within = critical
            let operations = trace.spans.map { OperationNumbers($0, mergesServices: mergesServices) }
            var byOperation: [OperationNumbers: UInt64] = [:]
            for place in replay.places.reversed() {
                places[operations[place], default: []].append(place)
                byOperation[operations[place], default: 0] += critical[place]
                if place != root { within[trace.parents[place]] += within[place] }
            }
            criticalWithin = within
            parents = replay.places.filter { !trace.children(of: $0).isEmpty }
            self.operations = operations
            criticalByOperation = byOperation.filter { $0.value > 0 }
        }
    }

    private mutating func addCalls(_ trace: Trace) {
        trace.forEachModelCall { call, span in
            let operation = OperationNumbers(span, mergesServices: mergesServices)
            impacts[operation, default: OperationImpact()].calls.add(call)
        }
    }

    private mutating func addImpacts(_ study: Study, _ replay: inout TraceReplay) {
        let id = study.trace.id
        let longest = study.criticalByOperation.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        for (number, (operation, critical)) in longest.enumerated() {
            guard number < replayLimit else {
                unexaminedCount += 1
                impacts[operation, default: OperationImpact()].add(0, critical: critical, id)
                continue
            }
            let places = study.places[operation] ?? []
            let gain = min(critical, replay.shortening(places.map { .init(place: $0, divisor: 0) }))
            impacts[operation, default: OperationImpact()].add(gain, critical: critical, id)
            // The longest run on the path represents the slow runs of this trace.
            let onPath = places.filter { study.critical[$0] > 0 }
            guard let longest = onPath.max(by: { replay.ownNanoseconds(of: $0) < replay.ownNanoseconds(of: $1) }) else {
                continue
            }
            let alone =
                places.count == 1
                ? gain
                : min(study.critical[longest], replay.shortening([.init(place: longest, divisor: 0)]))
            impacts[operation]?.addRun(of: replay.ownNanoseconds(of: longest), gain: alone, id)
            let answered = places.contains { place in
                study.trace.children(of: place).contains { study.trace.spans[$0].kind == .server }
            }
            if answered { impacts[operation]?.isAnswered = true }
        }
    }

    // MARK: Repeated calls

    private mutating func addRepetitions(_ study: Study, _ replay: inout TraceReplay) {
        var changes: [Pair: [TraceReplay.Change]] = [:]
        for parent in study.parents {
            var groups: [OperationNumbers: (places: [Int], end: Int64, overlapping: Int)] = [:]
            for place in study.trace.children(of: parent) {
                let child = study.trace.spans[place]
                let operation = study.operations[place]
                guard var group = groups[operation] else {
                    groups[operation] = ([place], child.end, 0)
                    continue
                }
                groups[operation] = nil
                if child.start < group.end { group.overlapping += 1 }
                group.places.append(place)
                group.end = max(group.end, child.end)
                groups[operation] = group
            }
            for (child, group) in groups {
                let pair = Pair(left: study.operations[parent], right: child)
                guard repetitions[pair] != nil || repetitions.count < Self.pairLimit else {
                    unexaminedCount += 1
                    continue
                }
                let count = group.places.count
                repetitions[pair, default: Repetition(parent: pair.left, child: child)].parents += 1
                repetitions[pair]?.children += count
                repetitions[pair]?.overlapping += group.overlapping
                guard count >= Self.fewestRepeated, group.overlapping == 0 else { continue }
                changes[pair, default: []] += group.places.map { .init(place: $0, divisor: Int64(count)) }
            }
        }
        let longest = changes.map { pair, changes in
            (pair: pair, changes: changes, critical: changes.reduce(UInt64(0)) { $0 + study.critical[$1.place] })
        }
        .sorted { ($1.critical, $0.pair.left, $0.pair.right) < ($0.critical, $1.pair.left, $1.pair.right) }
        unexaminedCount += longest.dropFirst(replayLimit).count { study.criticalByOperation[$0.pair.right] != nil }
        for (pair, changes, _) in longest.prefix(replayLimit) {
            guard let critical = study.criticalByOperation[pair.right] else { continue }
            let gain = min(critical, replay.shortening(changes))
            repetitions[pair]?.gain += UInt128(gain)
            repetitions[pair]?.example.add(gain, study.trace.id)
        }
    }

    /// Operations that are called at least five times below the same parent, one after the other, such as a query in a loop.
    func repeatedCalls() -> [Repetition] {
        repetitions.values
            .filter { $0.perParent >= Double(Self.fewestRepeated) && $0.overlapping * 10 < $0.children }
            .sorted { ($1.gain, $0.child, $0.parent) < ($0.gain, $1.child, $1.parent) }
    }

    // MARK: Calls in sequence

    private mutating func addSequences(_ study: Study, _ replay: inout TraceReplay) {
        var early: [Pair: (seconds: [Int], critical: UInt64)] = [:]
        for parent in study.parents {
            let children = study.trace.children(of: parent).filter { study.trace.spans[$0].hasTimes }
            var counts: [OperationNumbers: Int] = [:]
            for place in children { counts[study.operations[place], default: 0] += 1 }
            // In a loop, an order that varies is no evidence of independence.
            addOverlaps(of: children.filter { counts[study.operations[$0]] == 1 }, study)
            for (left, right) in zip(children, children.dropFirst()) {
                let (first, second) = (study.trace.spans[left], study.trace.spans[right])
                let pair = Pair(left: study.operations[left], right: study.operations[right])
                guard counts[pair.left] == 1, counts[pair.right] == 1, first.end <= second.start else { continue }
                guard sequences[pair] != nil || sequences.count < Self.pairLimit else {
                    unexaminedCount += 1
                    continue
                }
                sequences[pair, default: Sequence(first: pair.left, second: pair.right)].count += 1
                let shorter = min(study.criticalWithin[left], study.criticalWithin[right])
                guard shorter > 0 else { continue }
                // Both orders in one trace are one change, because one pair may run within the other.
                let change = early[pair.reversed] == nil ? pair : pair.reversed
                let sum = (early[change]?.critical ?? 0).addingSaturating(shorter)
                early[change, default: ([], 0)].seconds.append(right)
                early[change]?.critical = sum
            }
        }
        let longest = early.sorted {
            ($1.value.critical, $0.key.left, $0.key.right) < ($0.value.critical, $1.key.left, $1.key.right)
        }
        unexaminedCount += max(0, longest.count - replayLimit)
        for (pair, found) in longest.prefix(replayLimit) {
            let gain = min(found.critical, replay.shortening([], early: found.seconds))
            sequences[pair]?.gain += UInt128(gain)
            sequences[pair]?.example.add(gain, study.trace.id)
        }
    }

    /// Remembers which children of one parent ran at the same time.
    /// - Parameter children: The children by start.
    private mutating func addOverlaps(of children: [Int], _ study: Study) {
        let spans = study.trace.spans
        // A child that started earlier may run longer than those that started after it.
        var running: [Int] = []
        for place in children {
            running.removeAll { spans[$0].end <= spans[place].start }
            for other in running { addOverlap(Pair(left: study.operations[other], right: study.operations[place])) }
            running.append(place)
            guard running.count > Self.runningLimit,
                let first = running.indices.min(by: { spans[running[$0]].end < spans[running[$1]].end })
            else { continue }
            setUnsure(study.operations[running.remove(at: first)])
        }
    }

    private mutating func addOverlap(_ pair: Pair) {
        guard !overlaps.contains(pair), !overlaps.contains(pair.reversed) else { return }
        if overlaps.count < Self.pairLimit {
            overlaps.insert(pair)
        } else {
            setUnsure(pair.left)
            setUnsure(pair.right)
        }
    }

    private mutating func setUnsure(_ operation: OperationNumbers) {
        if unsureOverlaps.insert(operation).inserted { unexaminedCount += 1 }
    }

    /// Pairs of consecutive calls that do not overlap. If their order varies, neither needs the result of the other.
    func sequentialCalls() -> [(pair: Sequence, reverseCount: Int)] {
        var found: [(pair: Sequence, reverseCount: Int)] = []
        for pair in sequences.values {
            let order = Pair(left: pair.first, right: pair.second)
            guard !overlaps.contains(order), !overlaps.contains(order.reversed),
                !unsureOverlaps.contains(order.left), !unsureOverlaps.contains(order.right)
            else { continue }
            guard let reverse = sequences[order.reversed] else {
                found.append((pair, 0))
                continue
            }
            // One entry for both orders.
            guard pair.first < pair.second else { continue }
            var both = pair
            both.gain += reverse.gain
            both.example.add(reverse.example)
            found.append((both, reverse.count))
        }
        return found.sorted { left, right in
            if left.pair.gain != right.pair.gain { return left.pair.gain > right.pair.gain }
            return (left.pair.first, left.pair.second) < (right.pair.first, right.pair.second)
        }
    }
}
