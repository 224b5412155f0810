import SpanKitRecording

extension SpanMetrics {
    /// What is written of spans; the defaults suit a server.
    public struct Configuration: Sendable, Equatable {
        /// Where durations are counted.
        public var edges = HistogramEdges.powersOfTwo
        /// The quantiles of the sliding window, 0…1.
        public var quantiles = [0.5, 0.9, 0.95, 0.99]
        /// On every series: what tells this process from the others of the machine (`service`, `instance`).
        ///
        /// Two processes without such a label write the same series, and node_exporter serves only one of them. A
        /// ``TextfileWriter`` adds `process` by itself.
        public var constantLabels: [Attribute] = []
        /// How many label sets are kept apart; all further ones share `operation="__overflow__"`.
        ///
        /// Each takes about 42 series with the default edges. The first to come keep their place until the process
        /// ends, so that no series jumps.
        public var maximumLabelSets = 500
        /// The longest label value in bytes of UTF-8; longer ones end with `…`.
        public var maximumValueBytes = 128

        /// The defaults.
        public init() {}

        /// The same within the limits of each value.
        var checked: Configuration {
            var checked = self
            checked.quantiles = Array(Set(quantiles.filter { 0...1 ~= $0 })).sorted()
            checked.constantLabels = Self.checked(constantLabels)
            checked.maximumLabelSets = max(maximumLabelSets, 0)
            checked.maximumValueBytes = max(maximumValueBytes, 16)
            return checked
        }

        /// The labels under names that are valid, free and different.
        static func checked(_ labels: [Attribute]) -> [Attribute] {
            var names: Set<String> = []
            return labels.compactMap { label in
                let name = SpanLabels.unreserved(MetricName.label(forAttribute: label.key))
                return names.insert(name).inserted ? Attribute(name, label.value) : nil
            }
        }
    }
}
