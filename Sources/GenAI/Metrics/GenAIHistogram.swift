import SpanKit
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPrometheusText

/// One distribution in both forms it leaves in: at the edges the GenAI conventions ask for, exactly, and as an exponential
/// histogram.
public struct GenAIHistogram: Sendable, Equatable {
    /// What is counted.
    public enum Kind: Sendable, Hashable {
        /// Nanoseconds, with edges in seconds.
        case durations
        /// Tokens.
        case tokens

        /// What the conventions ask for; of tokens, powers of four up to 67,108,864.
        var edges: [Double] {
            switch self {
            case .durations: HistogramEdges.genAI.seconds
            case .tokens: (0...13).map { Double(1 << (2 * $0)) }
            }
        }
    }

    /// What is counted.
    public let kind: Kind
    /// At the conventions' edges; in seconds or tokens.
    public private(set) var classic: ClassicHistogram
    /// With boundaries at powers of two of a second or of one token.
    public private(set) var exponential: ExponentialHistogram

    /// Nothing counted.
    public init(_ kind: Kind) {
        self.kind = kind
        let edges = kind.edges
        classic = ClassicHistogram(
            edges: edges,
            cumulativeCounts: Array(repeating: 0, count: edges.count),
            count: 0,
            sum: 0
        )
        switch kind {
        case .durations: exponential = ExponentialHistogram()
        // Whole numbers, whatever they count: the boundaries are those of the number itself.
        case .tokens: exponential = (try? ExponentialHistogram(scale: 8, unit: .nanoseconds)) ?? ExponentialHistogram()
        }
    }

    /// Whether nothing was counted.
    public var isEmpty: Bool { classic.count == 0 }

    /// Counts one value: nanoseconds or tokens.
    public mutating func record(_ value: UInt64) {
        exponential.record(nanoseconds: value)
        let number = kind == .durations ? Double(value) / 1e9 : Double(value)
        for place in classic.edges.indices.reversed() {
            guard number <= classic.edges[place] else { break }
            classic.cumulativeCounts[place] += 1
        }
        classic.count += 1
        classic.sum += number
    }

    /// Adds another distribution of the same kind; one of another kind is left out.
    public mutating func merge(_ other: GenAIHistogram) {
        guard other.kind == kind, (try? exponential.merge(other.exponential)) != nil else { return }
        for place in classic.edges.indices { classic.cumulativeCounts[place] += other.classic.cumulativeCounts[place] }
        classic.count += other.classic.count
        classic.sum += other.classic.sum
    }

    func value(_ form: DistributionForm) -> Metric.Value {
        form == .classic ? .histogram(classic) : .exponentialHistogram(exponential)
    }
}
