#if YAML
    import Yams

    /// Reads YAML into ``SettingNode``.
    struct YAMLSettings {
        private static let deepest = 64
        /// The maximum number of values, more than any configuration has. Aliases can make a small file very large.
        private static let mostNodes = 100_000

        private let references: VariableReferences
        private var nodeCount = 0

        static func parse(_ text: String, _ references: VariableReferences) throws(SettingSyntaxError) -> SettingNode {
            let node: Node?
            // The parser itself refuses more than 1,000 levels.
            do { node = try Parser(yaml: text).singleRoot() } catch { throw syntaxError(error) }
            guard let node else { throw SettingSyntaxError("is empty; start with file_format: \"1.0\"") }
            var reader = YAMLSettings(references: references)
            return try reader.setting(node, depth: 0)
        }

        private mutating func setting(_ node: Node, depth: Int) throws(SettingSyntaxError) -> SettingNode {
            let place = Self.place(node)
            nodeCount += 1
            guard depth < Self.deepest, nodeCount < Self.mostNodes else {
                throw SettingSyntaxError(
                    depth < Self.deepest
                        ? "has more than \(Self.mostNodes) values after its aliases are expanded; use fewer aliases"
                        : "is nested more than \(Self.deepest) levels deep",
                    place
                )
            }
            switch node {
            case .scalar(let scalar):
                let isQuoted = ![.plain, .any].contains(scalar.style)
                let (text, isChanged) = try references.resolve(scalar.string, place)
                return SettingNode(.scalar(SettingScalar(text, isQuoted: isQuoted, hasReferences: isChanged)), place)
            case .sequence(let sequence):
                var elements: [SettingNode] = []
                for element in sequence { elements.append(try setting(element, depth: depth + 1)) }
                return SettingNode(.list(elements), place)
            case .mapping(let mapping): return SettingNode(.map(try members(mapping, depth)), place)
            case .alias: throw SettingSyntaxError("has an alias without an anchor", place)
            }
        }

        private mutating func members(_ mapping: Node.Mapping, _ depth: Int) throws(SettingSyntaxError) -> [SettingNode
            .Member]
        {
            var members: [SettingNode.Member] = []
            var merged: [SettingNode.Member] = []
            for (key, value) in mapping {
                let place = Self.place(key)
                guard case .scalar(let scalar) = key else {
                    throw SettingSyntaxError("has a key that is not a string", place)
                }
                let value = try setting(value, depth: depth + 1)
                if scalar.string == "<<", scalar.style == .plain {
                    merged += try Self.merged(value)
                } else if let other = members.first(where: { $0.key == scalar.string }) {
                    throw SettingSyntaxError(
                        "has the key '\(scalar.string)' twice; remove this one or the one on line \(other.place.line)",
                        place
                    )
                } else {
                    members.append(.init(scalar.string, place, value))
                }
            }
            for member in merged where !members.contains(where: { $0.key == member.key }) { members.append(member) }
            return members
        }

        /// The members that `<<` merges: those of one mapping, or of each mapping in a list.
        private static func merged(_ value: SettingNode) throws(SettingSyntaxError) -> [SettingNode.Member] {
            switch value.content {
            case .map(let members): return members
            case .list(let values):
                var members: [SettingNode.Member] = []
                for value in values { members += try merged(value) }
                return members
            case .scalar: throw SettingSyntaxError("has '<<' with a value that is not a mapping", value.place)
            }
        }

        private static func place(_ node: Node) -> SettingPlace {
            SettingPlace(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        }

        private static func syntaxError(_ error: any Error) -> SettingSyntaxError {
            guard let error = error as? YamlError else { return SettingSyntaxError("is not valid YAML: \(error)") }
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                return SettingSyntaxError(
                    "is not valid YAML: \(problem)",
                    SettingPlace(line: mark.line, column: mark.column)
                )
            case .reader(let problem, _, _, _): return SettingSyntaxError("is not valid YAML: \(problem)")
            case .duplicatedKeysInMapping(let duplicates, let context):
                return SettingSyntaxError(
                    "has the key '\(duplicates.first.map { "\($0)" } ?? "")' twice; remove one",
                    SettingPlace(line: context.mark.line, column: context.mark.column)
                )
            default: return SettingSyntaxError("is not valid YAML: \(error)")
            }
        }
    }
#endif
