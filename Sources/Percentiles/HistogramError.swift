/// Why histograms could not be combined, created or read.
public enum HistogramError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The histograms have bucket boundaries in different units, so they cannot be merged exactly.
    case differentUnits(BucketUnit, BucketUnit)
    /// The histogram to subtract is not an earlier state of the histogram that it is subtracted from.
    case notAPredecessor
    /// A count or a sum would exceed the range of its type.
    case overflow(String)
    /// The scale is outside −10…20.
    case unknownScale(Int)
    /// The fields of a histogram contradict each other. The associated value describes the contradiction.
    case inconsistent(String)
    /// The serialized histogram has a format version that this version of SpanKit cannot read.
    case unknownVersion(Int, supported: Int)
    /// The bytes are not a serialized histogram, or are damaged. `offset` is the byte at which reading failed.
    case malformed(offset: Int, reason: String)

    /// One line that says what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .differentUnits(let left, let right):
            "histograms: one has bucket boundaries in \(left), the other in \(right); record both with the same unit"
        case .notAPredecessor:
            "histograms: the one to subtract has counts that the other lacks; subtract an earlier state of the same operation"
        case .overflow(let what):
            "histograms: \(what) would overflow; merge fewer histograms"
        case .unknownScale(let scale):
            "histogram: scale \(scale) is outside -10...20; use 8, or 7 for half the memory"
        case .inconsistent(let reason):
            "histogram: \(reason)"
        case .unknownVersion(let version, let supported):
            "serialized histogram: the format version is \(version), and this SpanKit reads version \(supported); use the version of SpanKit that wrote it"
        case .malformed(let offset, let reason):
            "serialized histogram, byte \(offset): \(reason); read it again from its source"
        }
    }
}
