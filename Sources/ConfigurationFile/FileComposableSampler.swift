import SpanKitRecording

extension SettingReader {
    /// Reads a sampler within `composite/development`.
    func composableSampler() -> any ComposableSampler {
        guard let (kind, value) = component() else { return AlwaysOnSampler() }
        switch kind {
        case "always_on":
            _ = value.members([])
            return AlwaysOnSampler()
        case "always_off":
            _ = value.members([])
            return AlwaysOffSampler()
        case "probability": return value.probability()
        case "parent_threshold":
            return ParentThresholdSampler(root: value.required("root", value.members(["root"])))
        case "rule_based":
            return RuleBasedSampler(
                value.members(["rules"])?["rules"]?.elements().compactMap { $0.samplingRule() } ?? []
            )
        default:
            fail(
                "is '\(kind)', which is not a sampler; use always_on, always_off, probability, parent_threshold or "
                    + "rule_based"
            )
            return AlwaysOnSampler()
        }
    }

    private func required(_ key: String, _ members: [String: SettingReader]?) -> any ComposableSampler {
        guard let members else { return AlwaysOnSampler() }
        guard let sampler = members[key], !sampler.isNull else {
            fail("has no \(key); add a sampler, such as always_on")
            return AlwaysOnSampler()
        }
        return sampler.composableSampler()
    }

    private func samplingRule() -> SamplingRule? {
        let keys = ["attribute_values", "attribute_patterns", "span_kinds", "parent", "sampler"]
        guard let members = self.members(keys) else { return nil }
        var conditions: [SamplingCondition] = []
        if let condition = members["attribute_values"]?.isOneOf() { conditions.append(condition) }
        if let condition = members["attribute_patterns"]?.isLike() { conditions.append(condition) }
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
        return SamplingRule(conditions, use: required("sampler", members))
    }

    private func isOneOf() -> SamplingCondition? {
        guard !isNull, let members = self.members(["key", "values"]) else { return nil }
        let values = members["values"]?.texts() ?? []
        guard let key = members["key"]?.text(), members["values"]?.isNull == false else {
            fail("needs a key and values")
            return nil
        }
        return .attribute(key, isOneOf: values)
    }

    private func isLike() -> SamplingCondition? {
        guard !isNull, let members = self.members(["key", "included", "excluded"]) else { return nil }
        guard let key = members["key"]?.text() else {
            fail("needs a key")
            return nil
        }
        return .attribute(
            key,
            like: members["included"]?.texts() ?? [],
            notLike: members["excluded"]?.texts() ?? []
        )
    }
}
