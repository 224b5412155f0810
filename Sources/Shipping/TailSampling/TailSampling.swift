/// Which traces are kept, decided when they are over: those that failed or took long, and a share of the rest.
///
/// ```swift
/// configuration.tailSampling = TailSampling(keeping: [.errors, .slow(.seconds(2))], otherwise: 0.1)
/// ```
/// A trace is decided when its local root has ended: the span without a parent, or whose parent is in another process. Until then its
/// ended spans stay in the span log, where a crash does not harm them; nothing waits on the way of a span that ends. Percentiles
/// and metrics count every span, kept or not. What is kept says in its trace state how likely that was (`th`), so that a
/// backend can weigh it, and on its local roots why (`spankit.sampling.reason`).
///
/// A sampler decides before (``RecordingConfiguration/sampler``): only traces that it has chosen come here.
public struct TailSampling: Sendable, Hashable {
    /// A reason to keep a trace for certain. ``SpanHandle/keepTrace()`` is one in any case.
    public enum Rule: Sendable, Hashable {
        /// A span has the status error.
        case errors
        /// A span took at least this long.
        case slow(Duration, spans: Spans = .localRoots)
        /// A span took longer than that quantile of its operation within the last minutes. An operation that was counted fewer than a
        /// hundred times has none.
        case slowerThanUsual(quantile: Double = 0.95, spans: Spans = .localRoots)
        /// An attribute of a span is a number of at least this much, such as `gen_ai.usage.output_tokens`.
        case attribute(String, atLeast: Double)
    }

    /// Whose duration counts.
    public enum Spans: Sendable, Hashable {
        /// Spans without a parent in this process.
        case localRoots
        /// All.
        case any
    }

    /// The first that applies is named as the reason.
    public var rules: [Rule]
    /// The share of all other traces that is kept, from 0 to 1. The same traces in every service that keeps this share.
    public var probability: Double
    /// How long the ended spans of a trace wait for its local root. Then they are decided as if it had ended; what
    /// comes later is decided for itself.
    public var decisionWait = Duration.seconds(60)
    /// Spans that wait at most, 100,000 by default. What has waited longest is decided by ``probability`` before its time then.
    public var maximumSpans = 100_000
    /// How much of the span log may be held back, counted from the oldest span that waits: 32 MiB by default, and half
    /// of the log at most.
    public var maximumBytes = 32 * 1_024 * 1_024

    /// - Parameters:
    ///   - rules: what is kept for certain.
    ///   - probability: of everything else, from 0 to 1.
    public init(keeping rules: [Rule] = [.errors, .slowerThanUsual()], otherwise probability: Double = 0.1) {
        self.rules = rules
        self.probability = probability
    }
}

/// Why a trace was kept. Raw values are those of `spankit.sampling.reason`.
public enum TailSamplingReason: String, Sendable, Hashable, CaseIterable {
    /// ``SpanHandle/keepTrace()``.
    case keep
    /// ``TailSampling/Rule/errors``.
    case error
    /// ``TailSampling/Rule/slow(_:spans:)``.
    case slow
    /// ``TailSampling/Rule/slowerThanUsual(quantile:spans:)``.
    case slowerThanUsual = "slower_than_usual"
    /// ``TailSampling/Rule/attribute(_:atLeast:)``.
    case attribute
    /// ``TailSampling/probability``.
    case probability
}

/// What tail sampling has made of the spans that came to it, in spans.
public struct TailSamplingAccount: Sendable, Hashable {
    /// Kept, by reason.
    public var kept: [TailSamplingReason: UInt64] = [:]
    /// Not kept; in the account of every destination as well (``DropReason/tailSampled``).
    public var dropped: UInt64 = 0
    /// Of both: those that were decided before their local root had ended, because they had waited too long or were too many, or
    /// because of a flush.
    public var decidedEarly: UInt64 = 0
    /// Not decided yet.
    public var waiting: UInt64 = 0

    /// Nothing yet.
    public init() {}
}
