import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// What the instruments of a process have counted so far, read from its file in the spool. The process does no extra work.
package struct ProcessCounts: Sendable {
    package let processID: Int32
    package let createdUnixNanoseconds: Int64
    package let resource: Resource
    package let scope: InstrumentationScope
    /// Cumulative points.
    package let metrics: [Metric]
    /// The number of series that cannot be read.
    package let lostSeries: Int

    /// Reads the counts of all processes of a spool, of running ones and of ended ones that were not recovered yet.
    package static func all(in spool: String) -> [ProcessCounts] {
        let root = "\(spool)/metrics"
        return FileSystem.names(in: root).compactMap { ProcessCounts(path: "\(root)/\($0)/\(MetricSpool.fileName)") }
    }

    private init?(path: String) {
        guard var read = try? MetricFileReader(path: path) else { return nil }
        // The process may have changed the file while it was read.
        for _ in 0..<3 where read.lostSeries > 0 { read = (try? MetricFileReader(path: path)) ?? read }
        let facts = ProcessFacts(read.process)
        processID = read.processID
        createdUnixNanoseconds = read.createdUnixNanoseconds
        (resource, scope, metrics, lostSeries) = (facts.resource, facts.scope, read.metrics, read.lostSeries)
    }
}
