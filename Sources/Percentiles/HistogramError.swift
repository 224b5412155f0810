/// Why two histograms could not be combined, or bytes could not be read as one.
public enum HistogramError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The boundaries of the two lie at different places, so that no exact merge exists.
    case differentUnits(BucketUnit, BucketUnit)
    /// The histogram to subtract has counted something that this one has not.
    case notAPredecessor
    /// A count or a sum would exceed its width.
    case overflow(String)
    /// The scale is not one of −10…20.
    case unknownScale(Int)
    /// The parts contradict each other.
    case inconsistent(String)
    /// The bytes are not a histogram, or were damaged on the way.
    case malformed(offset: Int, reason: String)

    /// One line: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .differentUnits(let left, let right):
            "histograms: one has its bucket boundaries in \(left), the other in \(right); record both with the same unit"
        case .notAPredecessor:
            "histograms: the one to subtract has counts the other lacks; subtract an earlier state of the same operation"
        case .overflow(let what):
            "histograms: \(what) exceeds its width; merge fewer histograms"
        case .unknownScale(let scale):
            "histogram: scale \(scale) is outside -10...20"
        case .inconsistent(let reason):
            "histogram: \(reason)"
        case .malformed(let offset, let reason):
            "histogram bytes, at \(offset): \(reason); read them again from their source"
        }
    }
}
