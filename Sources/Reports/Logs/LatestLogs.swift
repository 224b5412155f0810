import SpanKitInputs
import SpanKitRecording

/// The latest log records of an input in any order, in bounded memory.
///
/// A record without a time has the place of the record before it in the input.
package struct LatestLogs: Sendable {
    private struct Entry: Sendable {
        var time: Int64
        /// The position in the input.
        var number: Int
        var log: DecodedLog
        var byteCount: Int
    }

    /// The usual maximum size of the kept records in bytes.
    package static let usualByteLimit = 256 << 20

    private let limit: Int
    private let byteLimit: Int
    private var entries: [Entry] = []
    private var byteCount = 0
    private var lastTime: Int64 = 0
    /// The number of records so far.
    package private(set) var count = 0
    /// The number of records without a time.
    package private(set) var untimedCount = 0
    /// The number of the earliest records that were left out to limit memory.
    package private(set) var beyondMemoryCount = 0

    /// - Parameters:
    ///   - limit: The maximum number of records.
    ///   - byteLimit: The approximate maximum size of the records in bytes.
    package init(limit: Int, byteLimit: Int = LatestLogs.usualByteLimit) {
        self.limit = max(1, limit)
        self.byteLimit = byteLimit
    }

    package mutating func add(_ log: DecodedLog) {
        if log.time > 0 { lastTime = log.time } else { untimedCount += 1 }
        count += 1
        let entry = Entry(time: lastTime, number: count, log: log, byteCount: log.byteCount)
        byteCount += entry.byteCount
        entries.append(entry)
        // The entries are pruned only at twice the limit, so that they are rarely sorted.
        if entries.count / 2 > limit || byteCount / 2 > byteLimit { prune() }
    }

    /// The records by time.
    package mutating func sorted() -> [DecodedLog] {
        prune()
        return entries.map(\.log)
    }

    /// The number of the earliest records that are left out because of the limit or to limit memory.
    package var leftOutCount: Int { count - entries.count }

    private mutating func prune() {
        entries.sort { ($0.time, $0.number) < ($1.time, $1.number) }
        var first = max(0, entries.count - limit)
        byteCount = entries[first...].reduce(0) { $0 + $1.byteCount }
        while byteCount > byteLimit, first < entries.count - 1 {
            byteCount -= entries[first].byteCount
            beyondMemoryCount += 1
            first += 1
        }
        entries.removeFirst(first)
    }
}

extension DecodedLog {
    /// The approximate size in memory.
    var byteCount: Int {
        256 + (body?.byteCount ?? 0) + attributes.byteCount + eventName.utf8.count + severityText.utf8.count
    }
}
