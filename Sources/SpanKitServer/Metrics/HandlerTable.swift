import SpanKitMetrics
import SpanKitPlatform
import Synchronization

/// Counts the users of a series. Creating a metric adds one, and destroying it removes one.
final class SeriesOwner: @unchecked Sendable {
    let series: MetricSeries
    private let users = Atomic<Int>(1)
    /// The identities of the metrics: more than one if labels differ in upper and lower case. `HandlerTable.owners` guards them.
    var identities: [MetricIdentity] = []

    init(_ series: MetricSeries) {
        self.series = series
    }

    /// Adds a user.
    /// - Returns: false if the series has ended, so that the caller needs a new one.
    func join() -> Bool {
        !series.isRemoved && change(by: 1) != nil
    }

    /// Removes a user.
    /// - Returns: true if it was the last one. Later calls do nothing and return false.
    func leave() -> Bool {
        change(by: -1) == 0
    }

    /// Changes the number of users and returns it; nil if it is 0, because then it stays 0.
    private func change(by difference: Int) -> Int? {
        var count = users.load(ordering: .relaxed)
        while count > 0 {
            let (isDone, current) = users.weakCompareExchange(
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
/// The table has 16 parts, each with a lock. The hash selects the part, so that threads rarely wait for each other. `owners` has the owner of
/// each series. Its lock is held while an owner is added or removed, so that no handler is created for a series that is ending. Lock order:
/// `owners` first, then a part. No lock is held while a series is looked up or created, because that can log a warning, and the program's
/// log can create metrics.
final class HandlerTable: Sendable {
    private static let bits = 4
    private let parts = (0..<1 << bits).map { _ in Locked(Part()) }
    private let owners = Locked<[ObjectIdentifier: SeriesOwner]>([:])

    private typealias Part = CodeTable<SharedHandler>

    private subscript(identity: MetricIdentity) -> SharedHandler? {
        part(of: identity).withLock { part in
            part.first(identity.code) { $0.identity == identity }
        }
    }

    private func part(of identity: MetricIdentity) -> Locked<Part> { parts[identity.part(bits: Self.bits)] }

    /// Returns the handler of an identity, and adds a user to its series.
    /// - Parameters:
    ///   - series: finds or creates the series of the metric.
    ///   - make: creates a handler of the identity. It is of the same class for each identity of a kind.
    func handler<Handler: SharedHandler>(
        _ identity: MetricIdentity,
        series: () -> MetricSeries,
        make: (SeriesOwner, MetricIdentity) -> Handler
    ) -> Handler {
        if let known = self[identity] as? Handler, known.owner.join() { return known }
        while true {
            let series = series()
            // Metrics with other dimensions share the series, so destroying this one must not end it.
            guard series.isInterned else { return make(SeriesOwner(series), identity) }
            if let handler = owners.withLock({ add(identity, series, to: &$0, make) }) { return handler }
        }
    }

    /// The handler of an identity in a series; nil if the series has ended.
    private func add<Handler: SharedHandler>(
        _ identity: MetricIdentity,
        _ series: MetricSeries,
        to owners: inout [ObjectIdentifier: SeriesOwner],
        _ make: (SeriesOwner, MetricIdentity) -> Handler
    ) -> Handler? {
        guard !series.isRemoved else { return nil }
        if let known = self[identity] as? Handler, known.owner.join() { return known }
        let handler: Handler
        if let owner = owners[ObjectIdentifier(series)], owner.join() {
            handler = make(owner, identity)
        } else {
            handler = make(SeriesOwner(series), identity)
            owners[ObjectIdentifier(series)] = handler.owner
        }
        handler.owner.identities.append(identity)
        part(of: identity).withLock { part in
            part.remove(identity.code) { $0.identity == identity }
            part.insert(identity.code, handler)
        }
        return handler
    }

    /// Removes a user of a handler's series. With the last one, the series ends.
    func destroy(_ handler: SharedHandler) {
        let owner = handler.owner
        guard owner.series.isInterned else { return }
        owners.withLock { owners in
            guard owner.leave() else { return }
            let key = ObjectIdentifier(owner.series)
            if owners[key] === owner { owners[key] = nil }
            for identity in owner.identities {
                part(of: identity).withLock { part in
                    let ended = part.first(identity.code) { $0.identity == identity && $0.owner === owner }
                    ended?.end()
                    part.remove(identity.code) { $0 === ended }
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
