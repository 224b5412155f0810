import SpanKit
import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

extension SettingReader {
    /// Reads `resource`.
    /// - Parameter variables: the environment variables that the detectors read.
    func readResource(_ resource: inout Resource, _ variables: [String: String]) {
        guard let members = self.members(["attributes", "attributes_list", "detection", "schema_url"]) else { return }
        if let detection = members["detection"] { resource = resource.merging(detection.detected(variables)) }
        var own: [Attribute] = []
        if let list = members["attributes_list"], let text = list.text() {
            if let attributes = ResourceAttributes.parse(text) {
                own = attributes
            } else {
                list.fail("is not a list of key=value pairs with percent-encoded values")
            }
        }
        for element in members["attributes"]?.elements() ?? [] {
            if let attribute = element.attribute() { own.append(attribute) }
        }
        resource = resource.merging(Resource(attributes: own, schemaURL: members["schema_url"]?.text() ?? ""))
    }

    private func detected(_ variables: [String: String]) -> Resource {
        guard let members = self.members(["attributes", "detectors"], ignoring: ["entities_enabled"]) else {
            return Resource()
        }
        let choice = members["attributes"]?.members(["included", "excluded"]) ?? [:]
        let wanted = TextPatterns(
            included: choice["included"]?.texts() ?? [],
            excluded: choice["excluded"]?.texts() ?? []
        )
        let system = SystemFiles { variables[$0] }
        var found: [Attribute] = []
        var shown: [String] = []
        for element in members["detectors"]?.elements() ?? [] {
            guard let (kind, settings) = element.component() else { continue }
            guard let detector = ResourceDetector(rawValue: kind) else {
                let known = ResourceDetector.allCases.map(\.rawValue).joined(separator: ", ")
                settings.warn("is not a known detector and is left out; use \(known)")
                continue
            }
            _ = settings.members([])
            let own = detector.attributes(system).filter { wanted.match($0.key) }
            shown.append("\(kind) (\(own.count))")
            found += own
        }
        if !shown.isEmpty { report.set(.detected, shown.joined(separator: ", "), path) }
        return Resource(attributes: found)
    }

    private func attribute() -> Attribute? {
        guard let members = self.members(["name", "value", "type"]) else { return nil }
        guard let name = members["name"]?.text(), !name.isEmpty else {
            fail("has no name")
            return nil
        }
        guard let value = members["value"] else {
            fail("has no value")
            return nil
        }
        let kinds: KeyValuePairs<String, (AttributeKind, isList: Bool)> = [
            "string": (.string, false), "bool": (.bool, false), "int": (.int, false), "double": (.double, false),
            "string_array": (.string, true), "bool_array": (.bool, true), "int_array": (.int, true),
            "double_array": (.double, true),
        ]
        let (kind, isList) = members["type"]?.choice(kinds) ?? (.string, false)
        // An attribute whose variable is not set is left out.
        guard !value.isNull else { return nil }
        guard isList else { return value.scalar(kind).map { Attribute(name, $0) } }
        return Attribute(name, .array(value.elements().compactMap { $0.scalar(kind) }))
    }

    private func scalar(_ kind: AttributeKind) -> AttributeValue? {
        switch kind {
        case .string: text().map { .string($0) }
        case .bool: bool().map { .bool($0) }
        case .int: integer(in: .min ... .max).map { .int(Int64($0)) }
        case .double: number().map { .double($0) }
        }
    }
}

private enum AttributeKind {
    case string
    case bool
    case int
    case double
}
