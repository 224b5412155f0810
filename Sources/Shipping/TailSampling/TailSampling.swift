/// Decides whether to keep a trace after it has ended. For example, it keeps failed and slow traces, and a sample of
/// the rest.
///
/// ```swift
/// configuration.tailSampling = TailSampling(keeping: [.errors, .slow(.seconds(2))], otherwise: 0.1)
/// ```
/// A trace is kept or dropped when its local root ends: the span without a parent, or with a parent in another process.
/// Until then, its ended spans stay in the span log, which survives a crash if there is a spool and no redaction.
/// Ending a span never waits for a decision. Percentiles and metrics count every span, kept or not.
///
/// Kept spans record the sampling probability in their trace state (`th`), so that backends can extrapolate counts.
/// Local roots record the reason (`spankit.sampling.reason`).
///
/// Head sampling (``RecordingConfiguration/sampler``) comes first; tail sampling sees only the traces that head
/// sampling selected.
public struct TailSampling: Sendable, Hashable {
    /// A rule that keeps every trace that matches it. ``SpanHandle/keepTrace()`` does the same without a rule.
    public enum Rule: Sendable, Hashable {
        /// Keeps a trace in which a span has the status error.
        case errors
        /// Keeps a trace in which a span took at least this duration.
        case slow(Duration, spans: Spans = .localRoots)
        /// Keeps a trace in which a span took longer than this quantile of its operation's durations in the last three
        /// minutes. The rule does not apply to operations with fewer than 100 spans in this time.
        case slowerThanUsual(quantile: Double = 0.95, spans: Spans = .localRoots)
        /// Keeps a trace in which an attribute of a span, such as `gen_ai.usage.output_tokens`, is at least this number.
        case attribute(String, atLeast: Double)
    }

    /// The spans whose durations a rule checks.
    public enum Spans: Sendable, Hashable {
        /// Spans without a parent in this process.
        case localRoots
        /// All spans.
        case any
    }

    /// The rules. The first one that applies is recorded as the reason why the trace was kept.
    public var rules: [Rule]
    /// The probability of keeping any other trace, from 0 to 1. All services with the same probability keep the same
    /// traces.
    public var probability: Double
    /// The longest time that ended spans wait for the end of their local root, 60 s by default. After that, they are
    /// kept or dropped at once.
    public var decisionWait = Duration.seconds(60)
    /// The maximum number of undecided spans, 100,000 by default. Beyond it, the oldest undecided trace is kept at once
    /// if a rule has matched; otherwise it is sampled with ``probability``.
    public var maximumSpans = 100_000
    /// The maximum size, in bytes, of the part of the span log that begins with the oldest undecided span. 32 MiB by
    /// default, and at most half of the log. Beyond it, the oldest trace is decided as with ``maximumSpans``.
    public var maximumBytes = 32 * 1_024 * 1_024

    /// Creates rules.
    /// - Parameters:
    ///   - rules: the rules. Every trace that matches one of them is kept.
    ///   - probability: the probability of keeping any other trace, from 0 to 1.
    public init(keeping rules: [Rule] = [.errors, .slowerThanUsual()], otherwise probability: Double = 0.1) {
        self.rules = rules
        self.probability = probability
    }
}

/// Why a trace was kept. The raw values are those of `spankit.sampling.reason`.
public enum TailSamplingReason: String, Sendable, Hashable, CaseIterable {
    /// ``SpanHandle/keepTrace()`` was called on a span.
    case keep
    /// The rule ``TailSampling/Rule/errors`` applied.
    case error
    /// The rule ``TailSampling/Rule/slow(_:spans:)`` applied.
    case slow
    /// The rule ``TailSampling/Rule/slowerThanUsual(quantile:spans:)`` applied.
    case slowerThanUsual = "slower_than_usual"
    /// The rule ``TailSampling/Rule/attribute(_:atLeast:)`` applied.
    case attribute
    /// No rule applied, and the trace was selected with ``TailSampling/probability``.
    case probability
}

/// The decisions of tail sampling, counted in spans.
public struct TailSamplingAccount: Sendable, Hashable {
    /// Kept spans by reason.
    public var kept: [TailSamplingReason: UInt64] = [:]
    /// Dropped spans. Every destination counts them as ``DropReason/tailSampled``.
    public var dropped: UInt64 = 0
    /// Spans, kept or dropped, of traces that were decided before their local root ended. The cause is
    /// ``TailSampling/decisionWait``, a limit on undecided spans, or a flush.
    public var decidedEarly: UInt64 = 0
    /// Spans that wait for a decision.
    public var waiting: UInt64 = 0

    /// Creates counts that are all zero.
    public init() {}
}
