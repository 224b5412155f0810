import CSpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// An instrument with its series and streams.
package final class Instrument: @unchecked Sendable {
    let facts: InstrumentFacts
    let description: String
    let buckets: HistogramBuckets
    let streams: [MetricStream]
    /// Which attribute sets of callbacks have a place, if the instrument is observable.
    let admission: SetAdmission

    /// The start of the values that callbacks report.
    private let start = Atomic<Int64>(UnixTime.nanoseconds())
    /// The series without attributes, once a value was recorded with the instrument itself. It lives as long as the instrument, so that
    /// it is found without a lock, and is exported again if it is used after it was removed.
    private let plain = Atomic<UnsafeRawPointer?>(nil)
    private let lock = Lock()
    // The lock guards these and the streams.
    private var series = CodeTable<MetricSeries>()
    private var overflow: MetricSeries?
    private var isRetired = false
    /// Whether the program may keep the instrument itself. The meter's lock guards it.
    var isKept = false

    init(
        _ identity: InstrumentIdentity,
        _ description: String,
        _ buckets: HistogramBuckets,
        _ streams: [MetricStream],
        _ meter: MeterState,
        isBeyondLimit: Bool = false
    ) {
        self.description = description
        self.buckets = buckets
        self.streams = streams
        let isMonotonic = identity.kind.isMonotonic || streams.contains(where: \.isMonotonic)
        admission = SetAdmission(limit: streams.map(\.limit).max() ?? 0)
        facts = InstrumentFacts(identity, meter, isMonotonic: isMonotonic, isBeyondLimit: isBeyondLimit)
    }

    var identity: InstrumentIdentity { facts.identity }
    private var meter: MeterState { facts.meter }

    deinit {
        if let plain = plain.load(ordering: .relaxed) { Unmanaged<MetricSeries>.fromOpaque(plain).release() }
        lock.destroy()
    }

    // MARK: Series

    /// Calls `body` with the series without attributes.
    @inline(__always)
    func withPlain(_ body: (MetricSeries) -> Void) {
        if let known = plain.load(ordering: .acquiring) {
            let series = Unmanaged<MetricSeries>.fromOpaque(known)
            if series._withUnsafeGuaranteedRef({ !$0.isRemoved }) { return series._withUnsafeGuaranteedRef(body) }
        }
        body(makePlain())
    }

    /// The series of some attributes, created if necessary; nil if the instrument was retired.
    func seriesUnlessRetired(_ attributes: [Attribute]) -> MetricSeries? {
        if let known = lock.withLock({ isRetired ? nil : find(AttributeSet(attributes)) }) { return known }
        let made = series(attributes)
        return lock.withLock { isRetired } ? nil : made
    }

    /// Marks the instrument as no longer used if it has no series.
    /// - Returns: whether it was marked. The caller removes it from the meter.
    func retire() -> Bool {
        lock.withLock {
            guard series.count == 0, overflow == nil, plain.load(ordering: .relaxed) == nil,
                streams.allSatisfy(\.isUnused)
            else { return false }
            isRetired = true
            return true
        }
    }

    /// The series of some attributes, created if necessary.
    func series(_ attributes: [Attribute]) -> MetricSeries {
        let code = Code.of(attributes)
        let known = lock.withLock { series.first(code) { $0.attributes.contains(attributes) } }
        if let known { return known }
        meter.becomeOwn()
        let set = AttributeSet(attributes)
        var hasOverflowed = false
        let found = lock.withLock {
            find(set) ?? make(set, hasOverflowed: &hasOverflowed)
        }
        if hasOverflowed { warnAboutOverflow() }
        return found
    }

    /// The series without attributes, for values that are recorded with the instrument itself.
    private func makePlain() -> MetricSeries {
        let found = series([])
        // It is that of the overflow: a view does not change an empty set. There may be room for a series of its own later.
        guard found.isInterned else { return found }
        return lock.withLock {
            if plain.load(ordering: .relaxed) == nil, !found.isRemoved {
                plain.store(UnsafeRawPointer(Unmanaged.passRetained(found).toOpaque()), ordering: .releasing)
            }
            return found
        }
    }

    /// The existing series of some attributes; nil if they have no series. The caller holds the lock.
    private func find(_ set: AttributeSet) -> MetricSeries? {
        if let known = series.first(set.code, where: { $0.attributes == set }) { return known }
        guard set.attributes.isEmpty, let known = plain.load(ordering: .relaxed) else { return nil }
        let plain = Unmanaged<MetricSeries>.fromOpaque(known).takeUnretainedValue()
        for (stream, aggregate) in zip(streams, plain.aggregates) where stream.attributeKeys.keepsAll {
            aggregate.reset()
            stream.restore(aggregate)
        }
        series.insert(set.code, plain)
        plain.setRemoved(false)
        return plain
    }

    /// A new series, or that of the overflow. The caller holds the lock.
    private func make(_ set: AttributeSet, hasOverflowed: inout Bool) -> MetricSeries {
        let limit = streams.map(\.limit).max() ?? 0
        if series.count >= limit, let overflow { return overflow }
        let hadOverflowed = streams.contains(where: \.hasOverflowed)
        let aggregates = streams.map { $0.aggregate(for: set.split(by: $0.attributeKeys).kept, meter) }
        hasOverflowed = !hadOverflowed && streams.contains(where: \.hasOverflowed)
        let dropped = streams.map { set.split(by: $0.attributeKeys).dropped }.max { $0.count < $1.count } ?? []
        // A view usually leaves attributes out because they have many values, so a series for each set of them would take much memory.
        guard dropped.isEmpty else {
            return MetricSeries(self, set, aggregates, droppedAttributes: dropped, isInterned: false)
        }
        guard series.count < limit else {
            let made = MetricSeries(self, .overflow, aggregates, droppedAttributes: [], isInterned: false)
            overflow = made
            return made
        }
        let made = MetricSeries(self, set, aggregates, droppedAttributes: [], isInterned: true)
        series.insert(set.code, made)
        return made
    }

    /// Ends a series. A series with the same attributes that is created later starts at zero.
    func remove(_ ended: MetricSeries) {
        meter.becomeOwn()
        let collectors = meter.collectors.current
        let takers = meter.collectors.pass(of: nil).exemplarTakers
        let hasRoom = lock.withLock {
            guard ended.isInterned, !ended.isRemoved else { return true }
            ended.setRemoved(true)
            series.remove(ended.attributes.code) { $0 === ended }
            var hasRoom = true
            for (stream, aggregate) in zip(streams, ended.aggregates) where stream.attributeKeys.keepsAll {
                if !stream.keepEnd(of: aggregate, for: collectors, exemplarTakers: takers) { hasRoom = false }
                stream.remove(aggregate)
            }
            return hasRoom
        }
        if !hasRoom { warnAboutEnds() }
    }

    func reset(_ series: MetricSeries) {
        meter.becomeOwn()
        let collectors = meter.collectors.current
        let takers = meter.collectors.pass(of: nil).exemplarTakers
        let hasRoom = lock.withLock {
            var hasRoom = true
            for (stream, aggregate) in zip(streams, series.aggregates) {
                if !stream.keepEnd(of: aggregate, for: collectors, exemplarTakers: takers) { hasRoom = false }
                aggregate.reset()
            }
            return hasRoom
        }
        if !hasRoom { warnAboutEnds() }
    }

    // MARK: Reading

    /// The metrics with their current points.
    func metrics(_ pass: CollectionPass) -> [Metric] {
        lock.withLock { streams.map { $0.metric(pass) } }
    }

    /// The metrics of what callbacks have reported. Later callbacks override earlier ones.
    /// - Parameter isComplete: whether the values of all callbacks are there.
    func metrics(of observations: [Observations], isComplete: Bool) -> [Metric] {
        guard var all = observations.first else { return [] }
        for later in observations.dropFirst() { all.add(later) }
        all.combine(admission.settle(all.order, isComplete: isComplete))
        let start = start.load(ordering: .relaxed)
        let metrics = lock.withLock { streams.map { $0.metric(of: all, isComplete: isComplete, start: start) } }
        if admission.hasOverflowed || streams.contains(where: \.hasOverflowed) { warnAboutOverflow() }
        return metrics
    }

    // MARK: Problems

    private func warnAboutOverflow() {
        let limit = streams.filter(\.hasOverflowed).map(\.limit).min() ?? admission.limit
        meter.log(
            .warning,
            "instrument '\(identity.name.shortened)' has more than \(limit) sets of attributes; the measurements of further sets are counted in one series with otel.metric.overflow=true. Use attributes with fewer values, or raise the limit"
        )
    }

    private func warnAboutEnds() {
        let limit = streams.map(\.limit).min() ?? meter.cardinalityLimit
        meter.log(
            .warning,
            "instrument '\(identity.name.shortened)': more than \(limit) series have ended or were reset since the last export; what the others counted since then is not exported. Export more often, or raise the limit"
        )
    }

    // MARK: Fork

    func acquireForFork() {
        lock.acquireForFork()
        admission.acquireForFork()
        for stream in streams { stream.observed.admission.acquireForFork() }
    }

    /// Starts from zero in the child of a fork, where the memory of cells is zero already.
    func forgetParent() {
        lock.withLock {
            for stream in streams { stream.forgetParent() }
        }
        start.store(spankit_fork_nanoseconds(), ordering: .relaxed)
    }
}

extension String {
    /// The text, cut after 100 characters for a log line.
    var shortened: String { utf8.count <= 400 && count <= 100 ? self : "\(prefix(100))…" }
}
