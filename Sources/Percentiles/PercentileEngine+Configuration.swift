extension PercentileEngine {
    /// How an engine is set up; the defaults suit a server.
    public struct Configuration: Sendable, Equatable {
        /// The resolution: 8 (percentiles within 0.271 %), or 7 (within 0.543 %) at half the memory.
        ///
        /// Other values count as the nearer one.
        public var scale = 8
        /// What the bucket boundaries are powers of; seconds is what OTLP wants of a metric with unit `s`.
        public var unit = BucketUnit.seconds
        /// How many distinct operations are kept, 1…1,048,576; all further names share ``OperationID/overflow``.
        ///
        /// The default is OpenTelemetry's cardinality limit. Each takes at most 100 KiB (scale 8) once for all threads.
        public var maximumOperations = 2_000
        /// How many bytes the threads' own histograms may take together; beyond, threads share and lock.
        public var privateByteBudget = 64 << 20

        /// The defaults.
        public init() {}

        /// The same within the limits of each value.
        var checked: Configuration {
            var checked = self
            checked.scale = min(max(scale, IndexTable.scales.lowerBound), IndexTable.scales.upperBound)
            checked.maximumOperations = min(max(maximumOperations, 1), 1 << 20)
            checked.privateByteBudget = max(privateByteBudget, 0)
            return checked
        }
    }
}
