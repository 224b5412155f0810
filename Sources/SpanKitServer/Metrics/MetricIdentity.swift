import SpanKitMetrics
import SpanKitPlatform

/// Identifies a metric of swift-metrics by its kind, label and dimensions.
///
/// The dimensions are a set: their order does not matter, and of several with the same key the last one counts.
struct MetricIdentity: Equatable, Sendable {
    /// The kinds of handlers.
    enum Kind: UInt8, Sendable {
        case counter, floatingPointCounter
        /// A `Meter`, or a `Recorder` without aggregation such as a `Gauge`.
        case gauge
        /// A `Recorder` with aggregation.
        case recorder
        case timer

        /// The kind of instrument that takes the measurements.
        var instrument: InstrumentKind {
            switch self {
            case .counter, .floatingPointCounter: .counter
            case .gauge: .gauge
            case .recorder, .timer: .histogram
            }
        }
    }

    let kind: Kind
    let label: String
    let dimensions: [(String, String)]
    /// A hash, which is well mixed.
    let code: UInt64

    /// - Complexity: O(*n* + *k*²) for *n* bytes and *k* dimensions, without an allocation.
    init(_ kind: Kind, _ label: String, _ dimensions: [(String, String)]) {
        self.kind = kind
        self.label = label
        self.dimensions = dimensions
        // A sum, so that the order does not matter.
        var sum = UInt64(kind.rawValue)
        for index in dimensions.indices where Self.counts(index, in: dimensions) {
            sum &+= Code.mix(Code.of(dimensions[index].0), Code.of(dimensions[index].1))
        }
        code = Code.mix(Code.of(label), sum)
    }

    /// A part of the hash that selects one of 2^bits parts of a table.
    func part(bits: Int) -> Int { Int(code >> UInt64(64 - bits)) }

    static func == (one: Self, other: Self) -> Bool {
        guard one.code == other.code, one.kind == other.kind, one.label.hasSameBytes(as: other.label) else {
            return false
        }
        return isSameList(one.dimensions, other.dimensions)
            || includes(one.dimensions, other.dimensions) && includes(other.dimensions, one.dimensions)
    }

    /// Whether both lists have the same dimensions in the same order. They usually do if the same line of a program creates the metric again.
    private static func isSameList(_ one: [(String, String)], _ other: [(String, String)]) -> Bool {
        guard one.count == other.count else { return false }
        for index in one.indices
        where !one[index].0.hasSameBytes(as: other[index].0) || !one[index].1.hasSameBytes(as: other[index].1) {
            return false
        }
        return true
    }

    /// Whether a dimension is part of the identity: no later one has the same key.
    private static func counts(_ index: Int, in dimensions: [(String, String)]) -> Bool {
        var later = index + 1
        while later < dimensions.count {
            if dimensions[later].0.hasSameBytes(as: dimensions[index].0) { return false }
            later += 1
        }
        return true
    }

    /// Whether `whole` has each dimension of `parts` that is part of the identity.
    private static func includes(_ whole: [(String, String)], _ parts: [(String, String)]) -> Bool {
        for (index, part) in parts.enumerated() where counts(index, in: parts) {
            guard let same = whole.last(where: { $0.0.hasSameBytes(as: part.0) }), same.1.hasSameBytes(as: part.1)
            else { return false }
        }
        return true
    }
}
