/// What two files of one directory say differently, or both: node_exporter serves only one of them.
public struct ExpositionConflict: Sendable, Equatable, CustomStringConvertible {
    /// What they disagree about.
    public enum Subject: String, Sendable {
        /// The later family is dropped as a whole.
        case help = "HELP"
        /// The later family is dropped as a whole.
        case type = "TYPE"
        /// The later sample is dropped.
        case series = "series"
    }

    /// The name of the family.
    public let family: String
    /// What they disagree about.
    public let subject: Subject
    /// The two files, in the order in which node_exporter reads them: the second one loses.
    public let files: [String]

    /// One line: what, where, what it costs and what to do.
    public var description: String {
        switch subject {
        case .help, .type:
            "\(family) has one \(subject.rawValue) in \(files[0]) and another in \(files[1]); "
                + "node_exporter drops that of \(files[1]); make them the same"
        case .series:
            "\(family) has the same series in \(files[0]) and \(files[1]); "
                + "node_exporter drops that of \(files[1]); tell them apart by a label"
        }
    }
}

extension ExpositionText {
    /// What the files of one directory take from each other, one conflict for each pair of family and file.
    ///
    /// What cannot be read in a file is passed over: ``problems(in:maximumProblems:)`` tells.
    public static func conflicts(in files: [(file: String, text: [UInt8])]) -> [ExpositionConflict] {
        struct First {
            var file: String
            var help: String
            var type: MetricType
            /// For every set of labels, who has it.
            var owners: [[MetricLabel]: String]
        }
        var seen: [String: First] = [:]
        var conflicts: [ExpositionConflict] = []
        for (file, text) in files.sorted(by: { $0.file < $1.file }) {
            for family in readableFamilies(in: text) {
                let owners = Dictionary(family.metrics.map { ($0.labels, file) }) { first, _ in first }
                guard var first = seen[family.name] else {
                    seen[family.name] = First(file: file, help: family.help, type: family.type, owners: owners)
                    continue
                }
                func add(_ subject: ExpositionConflict.Subject, _ other: String) {
                    conflicts.append(.init(family: family.name, subject: subject, files: [other, file]))
                }
                if first.type != family.type {
                    add(.type, first.file)
                } else if first.help != family.help {
                    add(.help, first.file)
                } else if let other = family.metrics.lazy.compactMap({ first.owners[$0.labels] }).first {
                    add(.series, other)
                }
                first.owners.merge(owners) { first, _ in first }
                seen[family.name] = first
            }
        }
        return conflicts
    }
}
