import SpanKit
import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

/// Reads `resource` of a configuration file.
struct FileResource {
    private let value: SettingReader
    private let variables: [String: String]

    /// - Parameter variables: the environment, for the detectors.
    init(_ value: SettingReader, _ variables: [String: String]) {
        self.value = value
        self.variables = variables
    }

    func apply(to resource: inout Resource) {
        guard
            let members = value.members(["attributes", "attributes_list", "detection", "schema_url"])
        else { return }
        if let detection = members["detection"] { resource = resource.merging(detected(detection)) }
        var own: [Attribute] = []
        if let list = members["attributes_list"], let text = list.text() {
            if let attributes = ResourceAttributes.parse(text) {
                own = attributes
            } else {
                list.fail("is not a list of key=value pairs with percent-encoded values")
            }
        }
        for element in members["attributes"]?.elements() ?? [] {
            if let attribute = attribute(element) { own.append(attribute) }
        }
        resource = resource.merging(Resource(attributes: own, schemaURL: members["schema_url"]?.text() ?? ""))
    }

    private func detected(_ value: SettingReader) -> Resource {
        guard let members = value.members(["attributes", "detectors"], ignoring: ["entities_enabled"]) else {
            return Resource()
        }
        let choice = members["attributes"]?.members(["included", "excluded"]) ?? [:]
        let wanted = TextPatterns(
            included: choice["included"]?.texts() ?? [],
            excluded: choice["excluded"]?.texts() ?? []
        )
        let system = SystemFiles { [variables] in variables[$0] }
        var found: [Attribute] = []
        var shown: [String] = []
        for element in members["detectors"]?.elements() ?? [] {
            guard let (kind, settings) = element.component() else { continue }
            guard let detector = ResourceDetector(rawValue: kind) else {
                let known = ResourceDetector.allCases.map(\.rawValue).joined(separator: ", ")
                settings.warn("is not a known detector and left out; use \(known)")
                continue
            }
            _ = settings.members([])
            let own = detector.attributes(system).filter { wanted.match($0.key) }
            shown.append("\(kind) (\(own.count))")
            found += own
        }
        if !shown.isEmpty { value.report.set(.detected, shown.joined(separator: ", "), value.path) }
        return Resource(attributes: found)
    }

    private enum Kind {
        case string
        case bool
        case int
        case double
    }

    private func attribute(_ element: SettingReader) -> Attribute? {
        guard let members = element.members(["name", "value", "type"]) else { return nil }
        guard let name = members["name"]?.text(), !name.isEmpty else {
            element.fail("has no name")
            return nil
        }
        guard let value = members["value"] else {
            element.fail("has no value")
            return nil
        }
        let kinds: KeyValuePairs<String, (Kind, isList: Bool)> = [
            "string": (.string, false), "bool": (.bool, false), "int": (.int, false), "double": (.double, false),
            "string_array": (.string, true), "bool_array": (.bool, true), "int_array": (.int, true),
            "double_array": (.double, true),
        ]
        let (kind, isList) = members["type"]?.choice(kinds) ?? (.string, false)
        // An attribute whose variable is not set is left out.
        guard !value.isNull else { return nil }
        guard isList else { return scalar(value, kind).map { Attribute(name, $0) } }
        return Attribute(name, .array(value.elements().compactMap { scalar($0, kind) }))
    }

    private func scalar(_ value: SettingReader, _ kind: Kind) -> AttributeValue? {
        switch kind {
        case .string: value.text().map { .string($0) }
        case .bool: value.bool().map { .bool($0) }
        case .int: value.integer(in: .min ... .max).map { .int(Int64($0)) }
        case .double: value.number().map { .double($0) }
        }
    }
}
