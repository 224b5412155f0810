import SpanKit
import SpanKitShipping

extension SettingReader {
    /// Reads the periodic readers, the views and the exemplar filter in `meter_provider`.
    func readMeterProvider(_ configuration: inout TelemetryConfiguration) {
        guard
            let members = self.members(
                ["readers", "views", "exemplar_filter"],
                ignoring: ["meter_configurator", "view_matching_mode"]
            )
        else { return }
        var limits: [Int] = []
        for reader in members["readers"]?.elements() ?? [] { reader.readMetricReader(&configuration, &limits) }
        if let first = limits.first {
            configuration.metrics.cardinalityLimit = limits.max() ?? first
            if Set(limits).count > 1 {
                members["readers"]?.warn("have different cardinality limits; all use the largest one")
            }
        }
        if let filter = members["exemplar_filter"]?.choice(ExemplarFilter.self) {
            configuration.metrics.exemplarFilter = filter
        }
        configuration.metrics.views = (members["views"]?.elements() ?? []).compactMap {
            $0.view(meter: configuration.scope.name)
        }
    }

    private func readMetricReader(_ configuration: inout TelemetryConfiguration, _ limits: inout [Int]) {
        guard let (kind, value) = component() else { return }
        guard kind == "periodic" else { return value.report.ignore(value.path) }
        guard
            let members = value.members(
                ["interval", "timeout", "exporter", "cardinality_limits"],
                ignoring: ["producers", "max_export_batch_size"]
            )
        else { return }
        if let limit = members["cardinality_limits"]?.cardinalityLimit() { limits.append(limit) }
        guard let exporter = members["exporter"] else {
            return value.fail("has no exporter; add one, such as otlp_http")
        }
        guard var own = exporter.metricReader() else { return }
        if let timeout = members["timeout"]?.milliseconds() { own.timeout = timeout }
        if let interval = members["interval"]?.milliseconds(), interval > .zero { own.interval = interval }
        if !configuration.metricReaders.contains(own) { configuration.metricReaders.append(own) }
    }

    /// Reads `cardinality_limits`. One limit applies to all kinds of instruments.
    private func cardinalityLimit() -> Int? {
        let kinds = [
            "counter", "gauge", "histogram", "observable_counter", "observable_gauge", "observable_up_down_counter",
            "up_down_counter",
        ]
        return members(["default"], ignoring: kinds)?["default"]?.integer(in: 1...1_000_000)
    }

    // MARK: Views

    private func view(meter: String) -> MetricView? {
        guard let members = self.members(["selector", "stream"]) else { return nil }
        guard let selector = members["selector"], !selector.isNull else {
            fail("has no selector; add one, such as selector: {instrument_name: \"*\"}")
            return nil
        }
        guard
            let conditions = selector.members(
                ["instrument_name", "instrument_type", "unit", "meter_name"],
                ignoring: ["meter_version", "meter_schema_url"]
            )
        else { return nil }
        if let name = conditions["meter_name"], let text = name.text(), text != meter {
            name.warn("is '\(text)', but all instruments are made by '\(meter)'; the view has no effect")
            return nil
        }
        return MetricView(
            .init(
                instrumentName: conditions["instrument_name"]?.text(),
                instrumentKind: conditions["instrument_type"]?.choice(InstrumentKind.self),
                unit: conditions["unit"]?.text()
            ),
            members["stream"]?.stream() ?? .init()
        )
    }

    private func stream() -> MetricView.Stream {
        let known = ["name", "description", "aggregation", "aggregation_cardinality_limit", "attribute_keys"]
        var stream = MetricView.Stream()
        guard let members = self.members(known) else { return stream }
        stream.name = members["name"]?.text()
        stream.description = members["description"]?.text()
        stream.cardinalityLimit = members["aggregation_cardinality_limit"]?.integer(in: 1...1_000_000)
        if let aggregation = members["aggregation"], !aggregation.isNull {
            stream.aggregation = aggregation.aggregation() ?? .default
        }
        if let keys = members["attribute_keys"]?.members(["included", "excluded"]) {
            stream.attributeKeys = .init(included: keys["included"]?.texts(), excluded: keys["excluded"]?.texts() ?? [])
        }
        return stream
    }

    private func aggregation() -> MetricView.Aggregation? {
        guard let (kind, value) = component() else { return nil }
        switch kind {
        case "default", "drop", "sum", "last_value":
            _ = value.members([])
            return kind == "default" ? .default : kind == "drop" ? .drop : kind == "sum" ? .sum : .lastValue
        case "explicit_bucket_histogram":
            guard let members = value.members(["boundaries", "record_min_max"]) else { return nil }
            let bounds = members["boundaries"]?.elements().compactMap { $0.number() }
            let recordsMinMax = members["record_min_max"]?.bool() ?? true
            return .explicitBuckets(bounds ?? HistogramAggregation.standardBounds, recordsMinMax: recordsMinMax)
        case "base2_exponential_bucket_histogram":
            guard let members = value.members(["max_scale", "max_size", "record_min_max"]) else { return nil }
            return .exponentialBuckets(
                maximumBuckets: members["max_size"]?.integer(in: 2...65_536),
                maximumScale: members["max_scale"]?.integer(in: -10...20),
                recordsMinMax: members["record_min_max"]?.bool() ?? true
            )
        default:
            fail(
                "is '\(kind)', which is not an aggregation; use default, drop, sum, last_value, explicit_bucket_histogram or "
                    + "base2_exponential_bucket_histogram"
            )
            return nil
        }
    }
}
