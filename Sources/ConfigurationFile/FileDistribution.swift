import SpanKit
import SpanKitRecording
import SpanKitShipping

extension SettingReader {
    /// Reads `distribution.spankit`: settings that the format does not define.
    func readDistribution(_ configuration: inout TelemetryConfiguration) {
        // Other keys of `distribution` belong to other SDKs.
        guard !isNull else { return }
        guard case .map(let members) = node.content else {
            return fail("is \(node.kind); it has to be a mapping")
        }
        guard let own = members.first(where: { $0.key == "spankit" }) else { return }
        let reader = SettingReader(node: own.value, path: "\(path).spankit", report: report)
        guard
            let settings = reader.members(["spool", "bearer_token_file", "redaction", "self_metrics", "tail_sampling"])
        else { return }
        if let directory = settings["spool"]?.members(["directory"])?["directory"], let path = directory.text() {
            configuration.spool = SpoolConfiguration(directory: path)
            report.set(.spool, path, directory.path)
        }
        if let token = settings["bearer_token_file"], let path = token.text() {
            if !path.hasPrefix("/") {
                token.fail("is '\(path)'; it has to be an absolute path")
            } else {
                report.set(.bearerToken, path, token.path)
                if let problem = configuration.useBearerToken(file: path) { token.warn("is \(problem)") }
            }
        }
        if let redaction = settings["redaction"], let action = redaction.choice(Redaction.actions) {
            configuration.redaction = action
            report.set(.redaction, redaction.text() ?? "", redaction.path)
        }
        if let names = settings["self_metrics"]?.choice([
            "otel": SelfMetricNames.openTelemetry, "spankit": .spanKit, "none": .none,
        ]) {
            configuration.selfMetricNames = names
        }
        if let tail = settings["tail_sampling"], !tail.isNull {
            configuration.tailSampling = tail.tailSampling()
            if let tail = configuration.tailSampling {
                report.set(.tailSampling, tail.description, "distribution.spankit.tail_sampling")
            }
        }
    }

    private func tailSampling() -> TailSampling? {
        guard
            let members = self.members(["rules", "otherwise", "decision_wait", "maximum_spans", "maximum_bytes"])
        else { return nil }
        var tail = TailSampling()
        if let rules = members["rules"], !rules.isNull { tail.rules = rules.elements().compactMap { $0.tailRule() } }
        if let probability = members["otherwise"]?.number(in: 0...1) { tail.probability = probability }
        if let wait = members["decision_wait"]?.milliseconds() { tail.decisionWait = wait }
        if let spans = members["maximum_spans"]?.integer(in: 1...100_000_000) { tail.maximumSpans = spans }
        if let bytes = members["maximum_bytes"]?.integer(in: 1...(1 << 40)) { tail.maximumBytes = bytes }
        return tail
    }

    private func tailRule() -> TailSampling.Rule? {
        guard let (kind, value) = component() else { return nil }
        let choices: KeyValuePairs<String, TailSampling.Spans> = ["local_roots": .localRoots, "any": .any]
        switch kind {
        case "errors":
            _ = value.members([])
            return .errors
        case "slow":
            guard let members = value.members(["threshold", "spans"]) else { return nil }
            guard let threshold = members["threshold"]?.milliseconds() else {
                value.fail("has no threshold; add one in milliseconds")
                return nil
            }
            return .slow(threshold, spans: members["spans"]?.choice(choices) ?? .localRoots)
        case "slower_than_usual":
            guard let members = value.members(["quantile", "spans"]) else { return nil }
            return .slowerThanUsual(
                quantile: members["quantile"]?.number(in: 0...1) ?? 0.95,
                spans: members["spans"]?.choice(choices) ?? .localRoots
            )
        case "attribute":
            guard let members = value.members(["name", "at_least"]) else { return nil }
            guard let name = members["name"]?.text(), let least = members["at_least"]?.number() else {
                value.fail("needs a name and at_least, which is a number")
                return nil
            }
            return .attribute(name, atLeast: least)
        default:
            value.fail("is not a rule; use errors, slow, slower_than_usual or attribute")
            return nil
        }
    }
}
