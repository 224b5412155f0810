import GRDB
import SpanKitPercentiles
import SpanKitReports

extension TraceTotals {
    /// The totals of all operations that the store ever received, also of those in traces that it removed since. They contain durations
    /// and errors, but no self times.
    package init(histogramsIn db: Database) throws {
        var operations: [OperationKey: (durations: ExponentialHistogram, errorCount: UInt64)] = [:]
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT histogram.errors, histogram.body, \
                    (SELECT text FROM name WHERE id = histogram.service), (SELECT text FROM name WHERE id = histogram.name) \
                    FROM histogram
                    """
            )
        )
        while let row = try rows.next() {
            guard let durations = try? ExponentialHistogram(serialized: row.bytes(1)) else { continue }
            let key = OperationKey(service: row.text(2), name: row.text(3))
            // All have the same scale.
            try? operations[key, default: (ExponentialHistogram(), 0)].durations.merge(durations)
            operations[key]?.errorCount += UInt64(clamping: row[0] as Int64)
        }
        self.init(operations, countingIn: "span")
    }
}
