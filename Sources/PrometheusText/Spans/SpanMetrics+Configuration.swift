import SpanKitRecording

extension SpanMetrics {
    /// The settings of the metrics about spans. The defaults suit a server.
    public struct Configuration: Sendable, Equatable {
        /// The bucket edges of the duration histogram.
        public var edges = HistogramEdges.powersOfTwo
        /// The quantiles of the sliding window, each from 0 to 1.
        public var quantiles = [0.5, 0.9, 0.95, 0.99]
        /// The labels that every series gets, to distinguish this process from others on the machine, such as
        /// `service`.
        ///
        /// Without such a label, two processes write the same series, and node_exporter serves only one of them. A
        /// ``TextfileWriter`` adds `process`.
        public var constantLabels: [Attribute] = []
        /// The maximum number of label sets. All further ones share `operation="__overflow__"`.
        ///
        /// Each label set takes about 42 series with the default edges, and keeps them until the process ends.
        public var maximumLabelSets = 500
        /// The maximum length of a label value in bytes of UTF-8; longer ones end with `…`.
        public var maximumValueBytes = 128

        /// Creates the default configuration.
        public init() {}

        /// The same configuration with each value within its limits.
        var checked: Configuration {
            var checked = self
            checked.quantiles = Array(Set(quantiles.filter { 0...1 ~= $0 })).sorted()
            checked.constantLabels = Self.checked(constantLabels)
            checked.maximumLabelSets = max(maximumLabelSets, 0)
            checked.maximumValueBytes = max(maximumValueBytes, 16)
            return checked
        }

        /// The labels with valid, unreserved and distinct names.
        static func checked(_ labels: [Attribute]) -> [Attribute] {
            var names: Set<String> = []
            return labels.compactMap { label in
                let name = SpanLabels.unreserved(MetricName.label(forAttribute: label.key))
                return names.insert(name).inserted ? Attribute(name, label.value) : nil
            }
        }
    }
}
