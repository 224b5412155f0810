/// Why families cannot be written: node_exporter would lose, drop or misread something.
public enum MetricFamilyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A metric's name has characters the format does not know.
    case invalidName(String)
    /// A label's name has characters the format does not know, or is reserved.
    case invalidLabel(family: String, label: String)
    /// One series has a label twice.
    case repeatedLabel(family: String, label: String)
    /// Two families have a name in common, `_bucket`, `_sum` and `_count` included.
    case repeatedFamily(String)
    /// Two metrics of a family have the same labels.
    case repeatedSeries(family: String)
    /// A metric holds something else than the family's type says.
    case wrongValue(family: String, type: MetricType)
    /// A histogram's edges or counts do not increase, or a summary's shares do not.
    case notIncreasing(family: String)

    /// One line: what is wrong, and what to do.
    public var description: String {
        switch self {
        case .invalidName(let name):
            "metric name '\(name)': use letters, digits, '_' and ':', no digit first"
        case .invalidLabel(let family, let label):
            "\(family): label name '\(label)': use letters, digits and '_', no digit or '__' first, not le or quantile"
        case .repeatedLabel(let family, let label):
            "\(family): a series has the label '\(label)' twice; keep one"
        case .repeatedFamily(let name):
            "\(name): two families have this name; make them one"
        case .repeatedSeries(let family):
            "\(family): two metrics have the same labels; add them up or tell them apart by a label"
        case .wrongValue(let family, let type):
            "\(family): a value does not fit the type \(type.rawValue)"
        case .notIncreasing(let family):
            "\(family): edges, counts and shares have to increase, and edges to be finite"
        }
    }
}
