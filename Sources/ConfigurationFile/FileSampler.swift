import SpanKitRecording

extension SettingReader {
    /// Reads a `sampler`.
    func sampler() -> any Sampler {
        guard let (kind, value) = component() else { return AlwaysOnSampler() }
        switch kind {
        case "always_on":
            _ = value.members([])
            return AlwaysOnSampler()
        case "always_off":
            _ = value.members([])
            return AlwaysOffSampler()
        case "parent_based": return value.parentBased()
        case "trace_id_ratio_based": return TraceIDRatioSampler(ratio: value.ratio()) ?? AlwaysOnSampler()
        case "probability": return value.probability()
        case "always_record":
            // Percentiles count every span, independent of the sampler.
            return value.members(["root"])?["root"].map { $0.sampler() } ?? AlwaysOnSampler()
        case "composite": return CompositeSampler(value.composableSampler())
        case "jaeger_remote":
            value.warn("gets its settings from a server, which is not supported; using its initial_sampler")
            return value.members(["endpoint", "interval", "initial_sampler"])?["initial_sampler"]
                .map { $0.sampler() } ?? AlwaysOnSampler()
        default:
            fail(
                "is '\(kind)', which is not a sampler; use always_on, always_off, parent_based, trace_id_ratio_based, "
                    + "probability/development or composite/development"
            )
            return AlwaysOnSampler()
        }
    }

    private func parentBased() -> any Sampler {
        let keys = [
            "root", "remote_parent_sampled", "remote_parent_not_sampled", "local_parent_sampled",
            "local_parent_not_sampled",
        ]
        guard let members = self.members(keys) else { return ParentBasedSampler(root: AlwaysOnSampler()) }
        func sampler(_ key: String, _ instead: any Sampler) -> any Sampler {
            guard let member = members[key], !member.isNull else { return instead }
            return member.sampler()
        }
        return ParentBasedSampler(
            root: sampler("root", AlwaysOnSampler()),
            remoteParentSampled: sampler("remote_parent_sampled", AlwaysOnSampler()),
            remoteParentNotSampled: sampler("remote_parent_not_sampled", AlwaysOffSampler()),
            localParentSampled: sampler("local_parent_sampled", AlwaysOnSampler()),
            localParentNotSampled: sampler("local_parent_not_sampled", AlwaysOffSampler())
        )
    }

    /// The value of `ratio`, 1 by default.
    func ratio() -> Double {
        members(["ratio"])?["ratio"]?.number(in: 0...1) ?? 1
    }

    /// A sampler with the probability `ratio`. OpenTelemetry does not allow a probability of 0, so 0 gives an
    /// always-off sampler.
    func probability() -> any Sampler & ComposableSampler {
        ProbabilitySampler(probability: ratio()) ?? AlwaysOffSampler()
    }
}
