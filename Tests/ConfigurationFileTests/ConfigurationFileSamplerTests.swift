import Foundation
import SpanKit
import SpanKitTestSupport
import Testing

@Suite("Samplers of a configuration file")
struct ConfigurationFileSamplerTests {
    @Test(
        "every sampler of the format is supported",
        arguments: [
            ("{always_on: }", "AlwaysOnSampler"), ("{always_off: {}}", "AlwaysOffSampler"),
            ("{trace_id_ratio_based: {ratio: 0.5}}", "TraceIdRatioBased{0.500000}"),
            ("{trace_id_ratio_based: }", "TraceIdRatioBased{1.000000}"),
            ("{parent_based: }", "ParentBased{root:AlwaysOnSampler}"),
            (
                "{parent_based: {root: {trace_id_ratio_based: {ratio: 0.1}}, local_parent_sampled: {always_off: }}}",
                "ParentBased{root:TraceIdRatioBased{0.100000},localParentSampled:AlwaysOffSampler}"
            ),
            ("{probability/development: {ratio: 0}}", "AlwaysOffSampler"),
            ("{probability/development: {ratio: 0.001}}", "ProbabilitySampler{0.001}"),
            ("{always_record: {root: {always_off: }}}", "AlwaysOffSampler"),
            ("{composite/development: {always_on: }}", "CompositeSampler{AlwaysOnSampler}"),
            ("{composite/development: {always_off: }}", "CompositeSampler{AlwaysOffSampler}"),
            ("{composite/development: {probability: }}", "CompositeSampler{ProbabilitySampler{1.0}}"),
            ("{composite/development: {probability: {ratio: 0}}}", "CompositeSampler{AlwaysOffSampler}"),
            (
                "{composite/development: {parent_threshold: {root: {probability: {ratio: 0.5}}}}}",
                "CompositeSampler{ParentThreshold{root:ProbabilitySampler{0.5}}}"
            ),
            ("{composite/development: {rule_based: }}", "CompositeSampler{RuleBased{}}"),
            (
                "{composite/development: {rule_based: {rules: [{sampler: {always_on: }}]}}}",
                "CompositeSampler{RuleBased{any → AlwaysOnSampler}}"
            ),
            (
                "{composite/development: {rule_based: {rules: [{span_kinds: [client, server], parent: [none, remote], "
                    + "attribute_values: {key: a, values: [b, 404]}, attribute_patterns: {key: c, included: [d*], excluded: [e?]}, "
                    + "sampler: {always_off: }}]}}}",
                "CompositeSampler{RuleBased{a is b|404 & c like d* not like e? & kind client|server & parent none|remote → "
                    + "AlwaysOffSampler}}"
            ),
            (
                "{parent_based: {local_parent_sampled: {composite/development: {probability: {ratio: 0.5}}}}}",
                "ParentBased{root:AlwaysOnSampler,localParentSampled:CompositeSampler{ProbabilitySampler{0.5}}}"
            ),
            // As the format will call them once they are stable.
            ("{composite: {always_on: }}", "CompositeSampler{AlwaysOnSampler}"),
            ("{probability: {ratio: 0.5}}", "ProbabilitySampler{0.5}"),
        ]
    )
    func samplers(text: String, expected: String) throws {
        let configuration = try WrittenConfiguration.read(WrittenConfiguration.sampler(text))
        #expect(configuration.warnings == [])
        #expect(configuration.recording.sampler.description == expected)
        #expect(configuration.settings.contains { $0.kind == .sampler && $0.value == expected })
    }

    /// What OpenTelemetry shows the rule-based sampler with.
    private static let rules = WrittenConfiguration.processors(
        """
        - simple: {exporter: {console: }}
          sampler:
            composite/development:
              rule_based:
                rules:
                  - attribute_values: {key: http.route, values: [/healthz, /livez]}
                    sampler: {always_off: }
                  - attribute_patterns:
                      key: http.path
                      included: [/internal/*]
                      excluded: [/internal/special/*]
                    sampler: {always_on: }
                  - parent: [none]
                    span_kinds: [client]
                    sampler: {probability: {ratio: 0.05}}
                  - sampler: {probability: {ratio: 0.001}}
        """
    )

    private static let parent = SpanContext(
        traceID: TraceID(high: 1, low: 1),
        spanID: SpanID(rawValue: 1),
        traceFlags: .sampled
    )

    /// The randomness of a trace of which as many are higher as a share of this.
    private static func trace(_ share: Double) -> TraceID { TraceID(high: 1, low: UInt64((1 - share) * 0x1p56)) }

    @Test(
        "the format's example of rules decides as documented",
        arguments: [
            (["http.route": "/healthz"], RecordedSpan.Kind.client, false, 1e-9, "nothing"),
            (["http.route": "/livez", "http.path": "/internal/x"], .server, false, 1e-9, "nothing"),
            (["http.path": "/internal/x"], .server, true, 1, "ot=th:0"),
            (["http.path": "/internal/special/x"], .server, false, 0.002, "nothing"),
            (["http.path": "/internal/special/x"], .server, false, 0.0005, "ot=th:ffbe77"),
            ([:], .client, false, 0.04, "ot=th:f3333"), ([:], .client, false, 0.06, "nothing"),
            ([:], .client, true, 0.04, "nothing"), ([:], .internal, true, 0.0005, "ot=th:ffbe77"),
        ] as [(Attributes, RecordedSpan.Kind, Bool, Double, String)]
    )
    func ruleBased(attributes: Attributes, kind: RecordedSpan.Kind, hasParent: Bool, share: Double, expected: String)
        throws
    {
        let sampler = try WrittenConfiguration.read(Self.rules).recording.sampler
        let decision = sampler.decide(
            SamplingRequest(
                parent: hasParent ? Self.parent : nil,
                traceID: Self.trace(share),
                name: "span",
                kind: kind,
                attributes: attributes
            )
        )
        #expect((decision.isSampled ? decision.traceState : "nothing") == expected)
    }

    @Test("the format's example that drops a client's pings works")
    func pings() throws {
        var configuration = try WrittenConfiguration.read(
            WrittenConfiguration.processors(
                """
                - batch: {exporter: {otlp_http: }}
                  sampler:
                    composite/development:
                      rule_based:
                        rules:
                          - span_kinds: [client]
                            attribute_values: {key: db.operation, values: [PING]}
                            sampler: {always_off: }
                          - sampler: {parent_threshold: {root: {always_on: }}}
                """
            )
        )
        #expect(configuration.warnings == [])
        configuration.exporters = []
        let telemetry = Telemetry.start(configuration, log: .silent)
        let profiler = telemetry.profiler
        profiler.profile("request") {
            profiler.startSpan("PING", kind: .client, attributes: ["db.operation": "PING"]).end()
            profiler.startSpan("GET", kind: .client, attributes: ["db.operation": "GET"]).end()
        }
        #expect(Set(profiler.recordedSpans().map(\.name)) == ["request", "GET"])
        #expect(Set(profiler.recordedSpans().map(\.context.traceState)) == ["ot=th:0"])
    }

    @Test(
        "an error in a composite sampler is reported with its place",
        arguments: [
            ("{always: }", "composite/development is 'always', which is not a sampler; use always_on"),
            ("always_on", "composite/development is 'always_on'; it has to be a mapping with exactly one key"),
            ("{always_on: , always_off: }", "it has to be a mapping with exactly one key"),
            ("{probability: {ratio: 1.5}}", "probability.ratio is '1.5'; it has to be a number from 0.0 to 1.0"),
            ("{parent_threshold: }", "parent_threshold has no root; add a sampler, such as always_on"),
            ("{parent_threshold: {root: }}", "parent_threshold has no root; add a sampler, such as always_on"),
            ("{parent_threshold: {root: {parent_based: }}}", "root is 'parent_based', which is not a sampler; use"),
            ("{rule_based: {rules: {sampler: {always_on: }}}}", "rule_based.rules is a mapping; it has to be a list"),
            ("{rule_based: {rules: [{parent: [none]}]}}", "rules[0] has no sampler; add a sampler, such as always_on"),
            (
                "{rule_based: {rules: [always_on]}}",
                "rules[0] is 'always_on'; it has to be a mapping of attribute_values"
            ),
            (
                "{rule_based: {rules: [{span_kinds: [CLIENT, web], sampler: {always_on: }}]}}",
                "span_kinds[1] is 'web'; it has to be one of internal, server, client, producer, consumer"
            ),
            (
                "{rule_based: {rules: [{parent: [any], sampler: {always_on: }}]}}",
                "parent[0] is 'any'; it has to be one of none, remote, local"
            ),
            (
                "{rule_based: {rules: [{parent: none, sampler: {always_on: }}]}}",
                "parent is 'none'; it has to be a list"
            ),
            (
                "{rule_based: {rules: [{parent: [], sampler: {always_on: }}]}}",
                "parent is an empty list; leave it out, or fill it"
            ),
            (
                "{rule_based: {rules: [{attribute_values: {values: [a]}, sampler: {always_on: }}]}}",
                "attribute_values needs a key and values"
            ),
            (
                "{rule_based: {rules: [{attribute_values: {key: a}, sampler: {always_on: }}]}}",
                "attribute_values needs a key and values"
            ),
            (
                "{rule_based: {rules: [{attribute_values: {key: a, values: []}, sampler: {always_on: }}]}}",
                "attribute_values.values is an empty list; leave it out, or fill it"
            ),
            (
                "{rule_based: {rules: [{attribute_values: {key: a, values: [b, ]}, sampler: {always_on: }}, {sampler: }]}}",
                "rules[1] has no sampler"
            ),
            (
                "{rule_based: {rules: [{attribute_values: {key: a, values: [~]}, sampler: {always_on: }}]}}",
                "attribute_values.values[0] is empty; it has to be a string"
            ),
            (
                "{rule_based: {rules: [{attribute_patterns: {included: [a]}, sampler: {always_on: }}]}}",
                "attribute_patterns needs a key"
            ),
            (
                "{rule_based: {rules: [{attribute_patterns: {key: a, excluded: []}, sampler: {always_on: }}]}}",
                "attribute_patterns.excluded is an empty list; leave it out, or fill it"
            ),
        ]
    )
    func errors(text: String, expected: String) throws {
        let configuration = try WrittenConfiguration.read(
            WrittenConfiguration.sampler("{composite/development: \(text)}")
        )
        let first = try #require(configuration.warnings.first)
        #expect(first.hasPrefix("FILE:5:") && first.contains(expected), "\(configuration.warnings)")
        #expect(configuration.warnings.last?.hasPrefix("FILE: not used because") == true)
        #expect(configuration.exporters.isEmpty)
    }

    @Test(
        "an unknown condition is a warning, and a key with and without its suffix is an error"
    )
    func unknown() throws {
        let configuration = try WrittenConfiguration.read(
            WrittenConfiguration.sampler(
                "{composite/development: {rule_based: {rules: [{span_names: [a], sampler: {always_on: }}]}}}"
            )
        )
        #expect(configuration.warnings.count == 1)
        #expect(configuration.warnings.first?.contains("rules[0].span_names is not a known key") == true)
        let twice = try WrittenConfiguration.read(
            "file_format: '1.0'\nresource: {detection: , detection/development: {detectors: [{host: }]}}"
        )
        #expect(
            twice.warnings.first
                == "FILE:2:25: resource.detection/development appears twice, with and without its stability suffix (/development); keep one"
        )
    }
}
