import SpanKitRecording

/// Reads a sampler within `composite/development` of a configuration file.
struct FileComposableSampler {
    private let value: SettingReader

    init(_ value: SettingReader) {
        self.value = value
    }

    func sampler() -> any ComposableSampler {
        guard let (kind, value) = value.component() else { return AlwaysOnSampler() }
        switch kind {
        case "always_on":
            _ = value.members([])
            return AlwaysOnSampler()
        case "always_off":
            _ = value.members([])
            return AlwaysOffSampler()
        case "probability": return value.probability()
        case "parent_threshold":
            return ParentThresholdSampler(root: Self.required("root", value.members(["root"]), of: value))
        case "rule_based":
            return RuleBasedSampler(value.members(["rules"])?["rules"]?.elements().compactMap(rule) ?? [])
        default:
            self.value.fail(
                "is '\(kind)', which is not a sampler; use always_on, always_off, probability, parent_threshold or "
                    + "rule_based"
            )
            return AlwaysOnSampler()
        }
    }

    private static func required(
        _ key: String,
        _ members: [String: SettingReader]?,
        of value: SettingReader
    ) -> any ComposableSampler {
        guard let members else { return AlwaysOnSampler() }
        guard let sampler = members[key], !sampler.isNull else {
            value.fail("has no \(key), which has to be a sampler")
            return AlwaysOnSampler()
        }
        return FileComposableSampler(sampler).sampler()
    }

    private func rule(_ value: SettingReader) -> SamplingRule? {
        let keys = ["attribute_values", "attribute_patterns", "span_kinds", "parent", "sampler"]
        guard let members = value.members(keys) else { return nil }
        var conditions: [SamplingCondition] = []
        if let condition = members["attribute_values"].flatMap(isOneOf) { conditions.append(condition) }
        if let condition = members["attribute_patterns"].flatMap(isLike) { conditions.append(condition) }
        if let kinds = members["span_kinds"], !kinds.isNull {
            conditions.append(
                .kind(
                    kinds.choices([
                        "internal": .internal, "server": .server, "client": .client, "producer": .producer,
                        "consumer": .consumer,
                    ])
                )
            )
        }
        if let origins = members["parent"], !origins.isNull {
            conditions.append(.parent(origins.choices(["none": .none, "remote": .remote, "local": .local])))
        }
        return SamplingRule(conditions, use: Self.required("sampler", members, of: value))
    }

    private func isOneOf(_ value: SettingReader) -> SamplingCondition? {
        guard !value.isNull, let members = value.members(["key", "values"]) else { return nil }
        let values = members["values"]?.texts() ?? []
        guard let key = members["key"]?.text(), members["values"]?.isNull == false else {
            value.fail("needs a key and values")
            return nil
        }
        return .attribute(key, isOneOf: values)
    }

    private func isLike(_ value: SettingReader) -> SamplingCondition? {
        guard !value.isNull, let members = value.members(["key", "included", "excluded"]) else { return nil }
        guard let key = members["key"]?.text() else {
            value.fail("needs a key")
            return nil
        }
        return .attribute(
            key,
            like: members["included"]?.texts() ?? [],
            notLike: members["excluded"]?.texts() ?? []
        )
    }
}
