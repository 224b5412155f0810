import GRDB
import SpanKitReports

/// The traces that end from now on: their root has arrived, and nothing more for a moment, or nothing for a longer time if there is no
/// root.
package struct EndedTraces: Sendable {
    /// How long after the last span a trace with a root counts as ended. Exporters send the spans of a request in one batch or shortly one
    /// after the other.
    package static let settling: Int64 = 500_000_000
    /// The same for a trace without a root, whose root may be in another process.
    package static let waiting: Int64 = 5_000_000_000
    /// A clock that goes back by less than this loses no trace.
    private static let margin: Int64 = 1_000_000_000

    private let query: TraceQuery
    /// When the watch began.
    private let started: Int64
    /// Changes before this time were looked at.
    private var since: Int64
    /// The traces that were passed on, with their last changes, so that none is passed on twice.
    private var known: [Int64: Int64] = [:]

    /// - Parameter now: Traces that changed before are not passed on. Nanoseconds since 1970-01-01 UTC.
    package init(_ query: TraceQuery, now: Int64) {
        self.query = query
        started = now
        since = now
    }

    /// The traces that ended since the last call, the first first.
    /// - Parameter limit: The maximum number of traces. Further ones are left out.
    package mutating func next(now: Int64, limit: Int, in db: Database) throws -> [TraceRow] {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT \(TraceRow.columns) FROM trace WHERE trace.changed >= ? AND trace.changed < ? \
                    ORDER BY trace.changed
                    """
            ),
            arguments: [since - Self.waiting - Self.margin, now - Self.settling]
        )
        let matcher = TraceMatcher(query, db)
        var ended: [TraceRow] = []
        while let row = try rows.next() {
            var trace = TraceRow(row)
            guard trace.changed >= started, !trace.isOrphan || trace.changed < now - Self.waiting else { continue }
            guard known.updateValue(trace.changed, forKey: trace.number) == nil else { continue }
            guard ended.count < limit, isWanted(trace), try matcher.matches(trace.number) else { continue }
            trace.services = try TraceList.services(of: trace.number, db)
            ended.append(trace)
        }
        since = max(since, now)
        let oldest = since - Self.waiting - 2 * Self.margin
        // A trace that changes again much later ends again.
        known = known.filter { $0.value >= oldest }
        return ended
    }

    private func isWanted(_ trace: TraceRow) -> Bool {
        trace.duration >= query.shortest ?? 0 && trace.duration <= query.longest ?? .max
    }
}
