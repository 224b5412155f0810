import SpanKit
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPrometheusText

/// A histogram in two forms: with the bucket bounds of the GenAI conventions, and with exponential buckets.
public struct GenAIHistogram: Sendable, Equatable {
    /// The kind of the values.
    public enum Kind: Sendable, Hashable {
        /// Durations, which are recorded in nanoseconds and exported in seconds.
        case durations
        /// Numbers of tokens.
        case tokens

        /// The bucket bounds of the conventions. For tokens they are the powers of four up to 67,108,864.
        var edges: [Double] {
            switch self {
            case .durations: HistogramEdges.genAI.seconds
            case .tokens: (0...13).map { Double(1 << (2 * $0)) }
            }
        }
    }

    /// The kind of the values.
    public let kind: Kind
    /// The histogram with the bucket bounds of the conventions, in seconds or tokens.
    public private(set) var classic: ExplicitHistogram
    /// The exponential histogram. Durations are in nanoseconds, with bucket boundaries in seconds; numbers of tokens are integers.
    public private(set) var exponential: ExponentialHistogram

    /// Creates an empty histogram.
    public init(_ kind: Kind) {
        self.kind = kind
        let edges = kind.edges
        classic = ExplicitHistogram(
            bounds: edges,
            cumulativeCounts: Array(repeating: 0, count: edges.count),
            count: 0,
            sum: 0
        )
        switch kind {
        case .durations: exponential = ExponentialHistogram()
        // With this unit the histogram counts integers of any kind.
        case .tokens: exponential = (try? ExponentialHistogram(scale: 8, unit: .nanoseconds)) ?? ExponentialHistogram()
        }
    }

    /// Whether no value has been counted.
    public var isEmpty: Bool { classic.count == 0 }

    /// Counts one value, in nanoseconds or tokens.
    public mutating func record(_ value: UInt64) {
        exponential.record(nanoseconds: value)
        let number = kind == .durations ? Double(value) / 1e9 : Double(value)
        for place in classic.bounds.indices.reversed() {
            guard number <= classic.bounds[place] else { break }
            classic.cumulativeCounts[place] += 1
        }
        classic.count += 1
        classic.sum = (classic.sum ?? 0) + number
    }

    /// Adds the counts of another histogram of the same kind. A histogram of another kind is ignored.
    public mutating func merge(_ other: GenAIHistogram) {
        guard other.kind == kind, (try? exponential.merge(other.exponential)) != nil else { return }
        for place in classic.bounds.indices { classic.cumulativeCounts[place] += other.classic.cumulativeCounts[place] }
        classic.count += other.classic.count
        classic.sum = (classic.sum ?? 0) + (other.classic.sum ?? 0)
    }

    func value(_ form: DistributionForm) -> Metric.Value {
        form == .classic ? .histogram(classic) : .exponentialHistogram(exponential)
    }
}
