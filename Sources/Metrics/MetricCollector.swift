import SpanKitPlatform
import Synchronization

/// A consumer of a meter's metrics, such as an exporter.
///
/// Each collector gets every exemplar, and the last values of every counter series and histogram series that has ended, once. So what was
/// counted between its last collection and the end is not lost. If a new series with the same attributes has started meanwhile, that one is
/// collected from the next collection on, so that a collection has one point for each set of attributes.
package final class MetricCollector: Sendable {
    /// Whether the points contain exemplars.
    let takesExemplars: Bool
    /// The number of its reader in the meter's file; nil for one whose values are not recovered after a crash.
    let reader: Int?
    private let last = Atomic<Bool>(false)

    /// - Parameters:
    ///   - takesExemplars: whether the points contain exemplars.
    ///   - reader: the number of its reader in the meter's file; nil for one whose values are not recovered after a crash.
    init(takesExemplars: Bool, reader: Int? = nil) {
        self.takesExemplars = takesExemplars
        self.reader = reader
    }

    /// Announces that no collection may follow. From now on, a collection also has the new series of attributes whose earlier series has
    /// ended.
    package func finish() { last.store(true, ordering: .relaxed) }

    var isLast: Bool { last.load(ordering: .relaxed) }
}

/// The collectors of a meter. A collector is forgotten when its owner releases it.
final class MetricCollectors: Sendable {
    private struct State {
        var collectors: [Weak] = []
        /// Whether `TelemetryMeter.collect()` was called, which takes exemplars as well.
        var includesOwn = false
    }

    private struct Weak {
        weak var collector: MetricCollector?
    }

    private let state = Locked(State())
    /// The collector of `TelemetryMeter.collect()`. It gets no ends of series.
    let own = MetricCollector(takesExemplars: true)

    func make(takesExemplars: Bool, reader: Int?) -> MetricCollector {
        let made = MetricCollector(takesExemplars: takesExemplars, reader: reader)
        state.withLock { state in
            state.collectors.removeAll { $0.collector == nil }
            state.collectors.append(Weak(collector: made))
        }
        return made
    }

    func includeOwn() { state.withLock { $0.includesOwn = true } }

    /// Those to whom the ends of series are reported.
    var current: [MetricCollector] { state.withLock { $0.collectors.compactMap(\.collector) } }

    /// A collection by a collector; nil for a collection that leaves everything to the other collectors.
    func pass(of collector: MetricCollector?, takesEnds: Bool = true) -> CollectionPass {
        let (all, includesOwn) = state.withLock { ($0.collectors.compactMap(\.collector), $0.includesOwn) }
        let takers = all.filter(\.takesExemplars) + (includesOwn ? [own] : [])
        return CollectionPass(
            collector: collector,
            exemplarTakers: takers.map(ObjectIdentifier.init),
            takesEnds: takesEnds
        )
    }

    func acquireForFork() { state.acquireForFork() }
}

/// One collection: by whom, and who else takes exemplars.
struct CollectionPass {
    let collector: MetricCollector?
    /// All collectors that take exemplars.
    let exemplarTakers: [ObjectIdentifier]
    /// Whether the collector takes the last values of series that have ended. Otherwise, later collections contain them again.
    var takesEnds = true

    var identifier: ObjectIdentifier? { collector.map(ObjectIdentifier.init) }
    var takesExemplars: Bool { collector?.takesExemplars == true }
    var isLast: Bool { collector?.isLast == true }
}
