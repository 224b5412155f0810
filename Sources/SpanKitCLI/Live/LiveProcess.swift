import SpanKitPercentiles
import SpanKitReports
import SpanKitShipping

/// The state of a process at one moment, as read from its spool.
struct LiveProcess: Sendable {
    /// A span that has not ended.
    struct OpenSpan: Sendable {
        var name: String
        var traceID: String
        var spanID: UInt64
        var parentSpanID: UInt64
        var startUnixNanoseconds: Int64
        /// The attributes so far on one line.
        var details: String
        /// The attributes so far for machine-readable output.
        var attributes = JSONText.object([])
    }

    var processID: Int32
    /// `service.name`; empty if the resource has none.
    var service: String
    var isRunning: Bool
    var createdUnixNanoseconds: Int64
    var openSpans: [OpenSpan]
    /// The operations that ended within the last ``windowSeconds``.
    var operations: [OperationSnapshot]
    var windowSeconds: Double
    /// The size in bytes of the ended spans and the log records in the log.
    var waitingLogBytes: Int
    /// The number of spans in files that wait to be sent.
    var waitingSpanCount: Int
    /// The number of log records in files that wait to be sent.
    var waitingLogRecordCount = 0
    /// The log records of the last minute, and the latest warnings.
    var logs = RecentLogs.Summary()
    /// The process's own account of its export; `nil` for processes of earlier releases.
    var account: AccountNote?
    /// What its instruments have counted.
    var metrics = MetricTotals()
    /// The number of series that cannot be read.
    var lostSeries = 0

    /// What has happened to the spans and the log records, for each destination.
    var destinations: [AccountNote.Destination] {
        guard let account else { return [] }
        return account.destinations + account.logs.flatMap(\.destinations)
    }

    /// The open spans with their depths: roots by start, each followed by its descendants.
    var openForest: [(span: OpenSpan, depth: Int)] {
        let byStart = openSpans.sorted {
            ($0.startUnixNanoseconds, $0.spanID) < ($1.startUnixNanoseconds, $1.spanID)
        }
        let known = Set(byStart.map(\.spanID))
        var children: [UInt64: [Int]] = [:]
        var roots: [Int] = []
        for (place, span) in byStart.enumerated() {
            if known.contains(span.parentSpanID), span.parentSpanID != span.spanID {
                children[span.parentSpanID, default: []].append(place)
            } else {
                roots.append(place)
            }
        }
        var forest: [(OpenSpan, Int)] = []
        var seen = [Bool](repeating: false, count: byStart.count)
        // The spans of a damaged region may form cycles without a root, so all spans are visited after the roots.
        for start in roots + Array(byStart.indices) {
            var stack = [(place: start, depth: 0)]
            while let next = stack.popLast() {
                guard !seen[next.place] else { continue }
                seen[next.place] = true
                forest.append((byStart[next.place], next.depth))
                for child in (children[byStart[next.place].spanID] ?? []).reversed() {
                    stack.append((child, next.depth + 1))
                }
            }
        }
        return forest
    }
}

extension AccountNote.Destination {
    var droppedCount: UInt64 { dropped.values.reduce(0) { $0 &+ $1 } }
}
