import SpanKitPercentiles
import SpanKitRecording
import SpanKitSummaries

extension SpanParts {
    /// The parts of a recorded span, which `SpanKitConcurrency` measures; nil if the span has none.
    init?(_ span: RecordedSpan) {
        func part(_ key: String) -> UInt64? {
            guard case .int(let nanoseconds) = span[key], nanoseconds >= 0 else { return nil }
            return UInt64(nanoseconds)
        }
        guard let running = part(Self.runningKey), let queued = part(Self.queuedKey),
            let suspended = part(Self.suspendedKey)
        else { return nil }
        self.init(
            running: running,
            queued: queued,
            forActor: min(queued, part(Self.actorKey) ?? 0),
            suspended: suspended
        )
    }

    /// The parts as text, without those that take less than a hundredth of the span.
    var text: String {
        let least = (running + queued + suspended) / 100
        let parts = [
            (running, "running"), (forActor, "queued for an actor"), (queued - forActor, "queued for a thread"),
            (suspended, "suspended"),
        ]
        return parts.filter { $0.0 > least }.map { "\(Readable.durationInText($0.0)) \($0.1)" }.joined(separator: " + ")
    }
}

/// Where the time of the spans of an operation went, in nanoseconds.
package struct PartTotals: Sendable {
    package private(set) var running = ExponentialHistogram()
    package private(set) var queued = ExponentialHistogram()
    package private(set) var suspended = ExponentialHistogram()
    /// The time in which no child ran, by what the task did: queued for an actor, queued for a thread, suspended, and in all.
    package private(set) var ownForActor: UInt128 = 0
    package private(set) var ownForThread: UInt128 = 0
    package private(set) var ownSuspended: UInt128 = 0
    package private(set) var own: UInt128 = 0

    /// Adds a span.
    /// - Parameter own: The parts of its self time.
    mutating func add(_ parts: SpanParts, own: SpanParts) {
        running.record(nanoseconds: parts.running)
        queued.record(nanoseconds: parts.queued)
        suspended.record(nanoseconds: parts.suspended)
        ownForActor += UInt128(own.forActor)
        ownForThread += UInt128(own.queued - own.forActor)
        ownSuspended += UInt128(own.suspended)
        self.own += UInt128(own.running + own.queued + own.suspended)
    }

    func merging(_ other: PartTotals) -> PartTotals {
        var merged = self
        // All were recorded with the same resolution.
        try? merged.running.merge(other.running)
        try? merged.queued.merge(other.queued)
        try? merged.suspended.merge(other.suspended)
        merged.ownForActor += other.ownForActor
        merged.ownForThread += other.ownForThread
        merged.ownSuspended += other.ownSuspended
        merged.own += other.own
        return merged
    }
}

extension Trace {
    /// Whether any span has parts.
    var hasParts: Bool { spans.contains { $0.parts != nil } }

    /// The parts of a span's self time; nil if it has no parts.
    ///
    /// The parts of a span include those of its children in the same task. Their parts are subtracted. A child in another task does not
    /// change the result much: while it runs, this task is suspended, and that is not self time.
    func ownParts(_ place: Int, selfTime: UInt64) -> SpanParts? {
        guard let parts = spans[place].parts else { return nil }
        let inner = children(of: place).compactMap { spans[$0].parts }
        func own(_ part: KeyPath<SpanParts, UInt64>) -> UInt64 {
            let within = inner.reduce(UInt64(0)) { $0 &+ $1[keyPath: part] }
            return parts[keyPath: part] - min(parts[keyPath: part], within)
        }
        let queued = min(selfTime, own(\.queued))
        let running = min(selfTime - queued, own(\.running))
        return SpanParts(
            running: running,
            queued: queued,
            forActor: min(queued, own(\.forActor)),
            suspended: selfTime - queued - running
        )
    }
}
