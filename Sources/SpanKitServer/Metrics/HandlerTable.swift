import SpanKitMetrics
import SpanKitPlatform
import Synchronization

/// Counts the makers of the metrics that record into one series.
final class SeriesOwner: @unchecked Sendable {
    let series: MetricSeries
    private let makers = Atomic<Int>(1)
    /// The identities of the metrics: more than one if labels differ in upper and lower case. `HandlerTable.owners` guards them.
    var identities: [MetricIdentity] = []

    init(_ series: MetricSeries) {
        self.series = series
    }

    /// Adds a maker.
    /// - Returns: false if the series has ended, so that the metric has to be made anew.
    func join() -> Bool {
        !series.isRemoved && change(by: 1) != nil
    }

    /// Removes a maker.
    /// - Returns: whether it was the last one, which is true once. Further calls do nothing.
    func leave() -> Bool {
        change(by: -1) == 0
    }

    /// Changes the number of makers and returns it; nil if it is 0, because then it stays 0.
    private func change(by difference: Int) -> Int? {
        var count = makers.load(ordering: .relaxed)
        while count > 0 {
            let (isDone, current) = makers.weakCompareExchange(
                expected: count,
                desired: count + difference,
                ordering: .relaxed
            )
            if isDone { return count + difference }
            count = current
        }
        return nil
    }
}

/// The handlers that can be shared, by identity.
///
/// A look-up takes the lock of one of 16 parts, which the hash selects. `owners` has the owner of each series. Its lock is held when an
/// owner starts or ends, so that no handler is made for a series that is about to end, and is taken before that of a part. No
/// lock is held while a series is looked up or created, because that may log a warning, and the program's log may make metrics.
final class HandlerTable: Sendable {
    private static let bits = 4
    private let parts = (0..<1 << bits).map { _ in Locked(Part()) }
    private let owners = Locked<[ObjectIdentifier: SeriesOwner]>([:])

    private struct Entry {
        let identity: MetricIdentity
        let handler: SharedHandler
    }

    private typealias Part = CodeTable<Entry>

    private subscript(identity: MetricIdentity) -> SharedHandler? {
        part(of: identity).withLock { part in
            part.first(identity.code) { $0.identity == identity }?.handler
        }
    }

    private func part(of identity: MetricIdentity) -> Locked<Part> { parts[identity.part(bits: Self.bits)] }

    /// The handler of an identity, with one more maker.
    /// - Parameters:
    ///   - series: finds or creates the series of the metric.
    ///   - make: creates a handler. It is of the same class for each identity of a kind.
    func handler<Handler: SharedHandler>(
        _ identity: MetricIdentity,
        series: () -> MetricSeries,
        make: (SeriesOwner) -> Handler
    ) -> Handler {
        if let known = self[identity] as? Handler, known.owner.join() { return known }
        while true {
            let series = series()
            // Metrics with other dimensions have the same series, so their makers cannot end it.
            guard series.isInterned else { return make(SeriesOwner(series)) }
            if let handler = owners.withLock({ add(identity, series, to: &$0, make) }) { return handler }
        }
    }

    /// The handler of an identity in a series; nil if the series has ended.
    private func add<Handler: SharedHandler>(
        _ identity: MetricIdentity,
        _ series: MetricSeries,
        to owners: inout [ObjectIdentifier: SeriesOwner],
        _ make: (SeriesOwner) -> Handler
    ) -> Handler? {
        guard !series.isRemoved else { return nil }
        if let known = self[identity] as? Handler, known.owner.join() { return known }
        let handler: Handler
        if let owner = owners[ObjectIdentifier(series)], owner.join() {
            handler = make(owner)
        } else {
            handler = make(SeriesOwner(series))
            owners[ObjectIdentifier(series)] = handler.owner
        }
        handler.owner.identities.append(identity)
        part(of: identity).withLock { part in
            part.remove(identity.code) { $0.identity == identity }
            part.insert(identity.code, Entry(identity: identity, handler: handler))
        }
        return handler
    }

    /// Removes a maker of a handler. With the last one, the series ends.
    func destroy(_ handler: SharedHandler) {
        let owner = handler.owner
        guard owner.series.isInterned else { return }
        owners.withLock { owners in
            guard owner.leave() else { return }
            let key = ObjectIdentifier(owner.series)
            if owners[key] === owner { owners[key] = nil }
            for identity in owner.identities {
                part(of: identity).withLock { part in
                    let ended = part.first(identity.code) { $0.identity == identity && $0.handler.owner === owner }
                    ended?.handler.end()
                    part.remove(identity.code) { $0.handler === ended?.handler }
                }
            }
            owner.series.remove()
        }
    }

    /// Takes each lock until the fork is over. Runs before each fork.
    func acquireForFork() {
        owners.acquireForFork()
        for part in parts { part.acquireForFork() }
    }
}
