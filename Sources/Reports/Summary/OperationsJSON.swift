import Percentiles

/// The statistics of all operations for other tools: the same objects as `operations` in a results file.
public struct OperationsJSON: Codable, Sendable, Equatable {
    /// As in `docs/results-file.md`.
    public var formatVersion: Int
    /// Costliest first.
    package var operations: [ProfilingResults.Operation]

    /// Wraps what a profiler's `snapshot()` returned.
    public init(_ operations: [OperationSnapshot]) {
        formatVersion = ProfilingResults.currentFormatVersion
        self.operations = operations.costliestFirst().map(ProfilingResults.Operation.init)
    }

    /// Indented JSON with sorted keys, ending with a line feed; histograms are base64 of their serialised form.
    public func json() throws -> [UInt8] {
        try resultsJSON(self)
    }
}
