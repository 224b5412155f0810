/// Why a results file could not be read or written.
package enum ResultsFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system refused to open or read it.
    case unreadable(file: String, reason: String)
    /// It is larger than any run could make it.
    case tooLarge(file: String, limitBytes: Int)
    /// It contains bytes that are not UTF-8.
    case notUTF8(file: String, offset: Int)
    /// It is not JSON, or ends too early.
    case notJSON(file: String, reason: String)
    /// It is JSON, but not a results file.
    case invalid(file: String, field: String, reason: String)
    /// A later release wrote it.
    case newerVersion(file: String, version: Int, newestKnown: Int)
    /// It has measured something that cannot be merged with the others.
    case notMergeable(file: String, reason: String)
    /// The system refused to create it.
    case cannotWrite(directory: String, reason: String)

    /// One line: what is wrong, where, and what to do.
    package var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): cannot be read: \(reason)"
        case .tooLarge(let file, let limit):
            "\(file): is larger than \(limit >> 20) MiB; results of spankit profile are far smaller"
        case .notUTF8(let file, let offset):
            "\(file): the byte at offset \(offset) is not UTF-8; is this a file that spankit profile wrote?"
        case .notJSON(let file, let reason):
            "\(file): is not JSON: \(reason); was it copied completely?"
        case .invalid(let file, let field, let reason):
            "\(file): \(field.isEmpty ? "" : "\(field): ")\(reason); is this a file that spankit profile wrote?"
        case .newerVersion(let file, let version, let newest):
            "\(file): has format version \(version), and this spankit reads up to \(newest); use a newer spankit"
        case .notMergeable(let file, let reason):
            "\(file): cannot be taken together with the others: \(reason)"
        case .cannotWrite(let directory, let reason):
            "\(directory): the results file cannot be written there: \(reason); choose another directory with --out"
        }
    }
}
