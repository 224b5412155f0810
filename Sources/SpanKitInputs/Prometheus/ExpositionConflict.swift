import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText

/// A conflict between two files of a directory over a metric family or series. node_exporter serves it from only one of
/// them.
public struct ExpositionConflict: Sendable, Equatable, CustomStringConvertible {
    /// What the files disagree about.
    public enum Subject: String, Sendable {
        /// Different descriptions: the later family is dropped.
        case help = "HELP"
        /// Different types: the later family is dropped.
        case type = "TYPE"
        /// The same series: the later sample is dropped.
        case series = "series"
        /// A family such as `x_count` in addition to a histogram or summary `x`: the later family is dropped.
        case name = "name"
    }

    /// The name of the family.
    public let family: String
    /// What the files disagree about.
    public let subject: Subject
    /// The two files in the order in which node_exporter reads them. It drops the family or series of the second file.
    public let files: [String]
    /// The version of node_exporter that has this outcome.
    package let version: NodeExporterVersion
    /// What node_exporter does because of the conflict: ``NodeExporterOutcome/dropsSample`` or ``NodeExporterOutcome/panics``.
    package let outcome: NodeExporterOutcome

    /// What is dropped, where, and what to do, in one line.
    public var description: String {
        let drops = "\(version) drops the metric of \(files[1])"
        return switch subject {
        case .help where outcome == .panics:
            "\(family) has no HELP in \(files[1]), and the files before it have different HELP texts for it; \(version) \(outcome); give it the "
                + "same HELP everywhere"
        case .help, .type:
            "\(family) has one \(subject.rawValue) in \(files[0]) and another in \(files[1]); \(drops); make them the same"
        case .series:
            "\(family) has the same series in \(files[0]) and \(files[1]); \(version) drops the series of \(files[1]); tell them apart "
                + "by a label"
        case .name:
            "\(family) in \(files[1]) and another family in \(files[0]) have samples of the same name, because one of the two is a histogram or "
                + "summary; \(drops); rename one"
        }
    }
}

extension ExpositionText {
    /// Returns the conflicts between the `.prom` files of a directory. Files larger than 4 MiB are not read.
    package static func conflicts(inDirectory directory: String) -> [ExpositionConflict] {
        let texts = FileSystem.names(in: directory).filter { $0.hasSuffix(".prom") }.compactMap { name in
            (try? FileSystem.read("\(directory)/\(name)", limit: 1 << 22).get()).map { (file: name, text: $0) }
        }
        return conflicts(in: texts)
    }

    /// Returns the conflicts between the files of one directory, at most one for each family and file.
    ///
    /// `problems(in:)` reports the errors within a file.
    public static func conflicts(in files: [(file: String, text: [UInt8])]) -> [ExpositionConflict] {
        conflicts(in: files, for: .newest)
    }

    /// Returns the conflicts between the files of one directory for a version of node_exporter.
    package static func conflicts(
        in files: [(file: String, text: [UInt8])],
        for version: NodeExporterVersion
    ) -> [ExpositionConflict] {
        var directory = DirectoryReading(version)
        for (file, text) in files.sorted(by: { ByteText($0.file) < ByteText($1.file) }) {
            let reader = ExpositionReader(reading: text, for: version, maximumProblems: .max)
            // Nothing is left of a file with an error.
            guard reader.stop == nil else { continue }
            for family in reader.families where !family.metrics.isEmpty { directory.add(family, in: file) }
        }
        return directory.conflicts
    }
}

/// What node_exporter has read of a directory so far.
private struct DirectoryReading {
    /// The parts of a family that are served.
    private struct Served {
        let file: String
        let help: String?
        let type: Metric.Kind?
        /// The file that has each series, by its labels.
        var owners: [[[UInt8]]: String] = [:]
    }

    private let version: NodeExporterVersion
    private(set) var conflicts: [ExpositionConflict] = []
    private var served: [[UInt8]: Served] = [:]
    /// For each family: the first HELP and its file, and the last HELP that differs from the first.
    private var helps: [[UInt8]: (first: String, other: String?, file: String)] = [:]

    init(_ version: NodeExporterVersion) {
        self.version = version
    }

    mutating func add(_ family: FamilyReading, in file: String) {
        func report(
            _ subject: ExpositionConflict.Subject,
            _ other: String,
            _ outcome: NodeExporterOutcome = .dropsSample
        ) {
            let conflict = ExpositionConflict(
                family: family.nameText,
                subject: subject,
                files: [other, file],
                version: version,
                outcome: outcome
            )
            conflicts.append(conflict)
        }
        if version.rules.comparesHelp {
            if let known = helps[family.name], known.other != nil || differs(family.help, known.first) {
                helps[family.name]?.other = family.help ?? known.other
                return report(.help, known.file, family.help == nil ? .panics : .dropsSample)
            }
            if let help = family.help { helps[family.name] = (help, nil, helps[family.name]?.file ?? file) }
        }
        if let known = served[family.name] {
            let isSame =
                known.help == nil ? family.help == nil : family.help != nil && !differs(family.help, known.help)
            if !isSame {
                report(.help, known.file)
            } else if known.type != family.type {
                report(.type, known.file)
            } else {
                if let other = family.places.keys.lazy.compactMap({ known.owners[$0] }).first { report(.series, other) }
                for series in family.places.keys where known.owners[series] == nil {
                    served[family.name]?.owners[series] = file
                }
            }
        } else if let other = collision(of: family), other != file {
            report(.name, other)
        } else {
            var new = Served(file: file, help: family.help, type: family.type)
            for series in family.places.keys { new.owners[series] = file }
            served[family.name] = new
        }
    }

    private func differs(_ help: String?, _ other: String?) -> Bool {
        guard let help, let other else { return false }
        return !help.hasSameBytes(as: other)
    }

    /// The file with another family whose samples have the same names. If both are in one file, the reader reports it.
    private func collision(of family: FamilyReading) -> String? {
        for suffix in family.type?.suffixes.dropFirst() ?? [] {
            if let other = served[family.name + Array(suffix.utf8)] { return other.file }
        }
        guard let underscore = family.name.lastIndex(of: UInt8(ascii: "_")),
            let base = served[Array(family.name[..<underscore])]
        else { return nil }
        let suffix = String(decoding: family.name[underscore...], as: UTF8.self)
        return base.type?.suffixes.dropFirst().contains(suffix) == true ? base.file : nil
    }
}

extension Metric.Kind {
    /// The kind that a `# TYPE` line names; nil if the format has no such type.
    init?(typeText: String) {
        switch typeText {
        case "counter": self = .sum(isMonotonic: true)
        case "gauge": self = .gauge
        case "histogram": self = .histogram
        case "summary": self = .summary
        case "untyped": self = .unknown
        default: return nil
        }
    }
}
