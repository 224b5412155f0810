import SpanKit
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPrometheusText

/// A distribution in two forms: a histogram with the bucket bounds of the GenAI conventions, and an exponential histogram.
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
    /// The distribution with the bounds of the conventions, in seconds or tokens.
    public private(set) var classic: ExplicitHistogram
    /// The distribution as an exponential histogram, in seconds or tokens.
    public private(set) var exponential: ExponentialHistogram

    /// Creates an empty distribution.
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

    /// Adds another distribution of the same kind. One of another kind is ignored.
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
