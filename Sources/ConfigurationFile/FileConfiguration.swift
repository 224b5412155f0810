import SpanKit
import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

/// Applies a file in OpenTelemetry's declarative format, version 1, to a ``TelemetryConfiguration``.
///
/// A missing or empty property has the format's default; environment variables and SpanKit's own defaults are ignored.
/// For example, an exporter without `encoding` sends protobuf, and one without `compression` sends uncompressed bodies.
struct FileConfiguration {
    private let root: SettingReader
    private let report: SettingReport
    private let variables: [String: String]

    private static let known = [
        "file_format", "stability", "disabled", "resource", "attribute_limits", "propagator", "tracer_provider",
        "meter_provider", "logger_provider", "distribution",
    ]
    private static let inapplicable = ["log_level", "instrumentation"]

    /// - Parameter variables: the environment variables that resource detectors read.
    init(_ root: SettingNode, _ report: SettingReport, _ variables: [String: String]) {
        self.root = SettingReader(node: root, path: "", report: report)
        self.report = report
        self.variables = variables
    }

    /// - Parameter configuration: the configuration before the file is applied.
    func apply(to configuration: inout TelemetryConfiguration) {
        guard let members = root.members(Self.known, ignoring: Self.inapplicable) else { return }
        checkFormat(members["file_format"])
        if let isDisabled = members["disabled"]?.bool(), isDisabled {
            configuration.isDisabled = true
            report.set(.disabled, "true", "disabled")
        }
        members["resource"]?.readResource(&configuration.resource, variables)
        var limits = SpanLimits()
        members["attribute_limits"].map { limits.read($0) }
        configuration.propagators = propagators(members["propagator"])
        configuration.recording.logRecords.limits = LogRecordLimits(limits)
        configuration.logExporters = []
        members["logger_provider"]?.readLoggerProvider(&configuration)
        configuration.exporters = []
        if let provider = members["tracer_provider"] {
            provider.readTracerProvider(&configuration, &limits)
        } else {
            report.set(.exporter, "none", "tracer_provider, which is missing")
        }
        configuration.recording.limits = limits
        configuration.metricReaders = []
        members["meter_provider"]?.readMeterProvider(&configuration)
        members["distribution"]?.readDistribution(&configuration)
    }

    private func checkFormat(_ value: SettingReader?) {
        guard let value, let version = value.text() else {
            return root.fail("has no file_format; write file_format: \"1.0\"")
        }
        let parts = version.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let minor = Int(parts[1].prefix { $0 != "-" }), Int(parts[0]) != nil else {
            return value.fail("is '\(version.prefix(40))'; it has to be a version such as \"1.0\"")
        }
        guard parts[0] == "1" else {
            return value.fail("is '\(version)', but only version 1 is supported; write \"1.0\"")
        }
        if minor > 1 {
            value.warn("is '\(version)', which is newer than 1.1; keys that are new in it are ignored")
        }
    }

    private func propagators(_ value: SettingReader?) -> Propagators {
        guard let value, let members = value.members(["composite", "composite_list"]) else { return [] }
        var result: Propagators = []
        for element in members["composite"]?.elements() ?? [] {
            guard let (name, _) = element.component() else { continue }
            append(name, to: &result, element)
        }
        if let list = members["composite_list"], let names = list.text() {
            append(names, to: &result, list)
        }
        return result
    }

    private func append(_ names: String, to propagators: inout Propagators, _ value: SettingReader) {
        propagators.append(names: names) { name in
            value.warn("has '\(name)', which is not one of \(Propagators.knownNames); it is left out")
        }
    }
}

extension SpanLimits {
    /// Reads `attribute_limits`, or `tracer_provider.limits`, which override them.
    mutating func read(_ value: SettingReader) {
        let general = ["attribute_value_length_limit", "attribute_value_depth_limit", "attribute_count_limit"]
        let ofSpans = [
            "event_count_limit", "link_count_limit", "event_attribute_count_limit", "link_attribute_count_limit",
        ]
        let isGeneral = value.path == "attribute_limits"
        guard let members = value.members(isGeneral ? general : general + ofSpans) else { return }
        func set(_ name: String, _ limit: inout Int) {
            if let count = members[name]?.integer(in: 0...1_000_000) { limit = count }
        }
        if let length = members["attribute_value_length_limit"]?.integer(in: 0...1_000_000_000) {
            attributeValueLength = length
        }
        set("attribute_value_depth_limit", &attributeValueDepth)
        set("attribute_count_limit", &attributeCount)
        if isGeneral { (attributeCountPerEvent, attributeCountPerLink) = (attributeCount, attributeCount) }
        set("event_count_limit", &eventCount)
        set("link_count_limit", &linkCount)
        set("event_attribute_count_limit", &attributeCountPerEvent)
        set("link_attribute_count_limit", &attributeCountPerLink)
    }
}
