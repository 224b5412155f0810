/// What a store contains, received and evicted. Each change is committed with the rows that it counts.
package struct StoreCounts: Sendable, Equatable {
    /// The numbers of rows now.
    package var traces = 0, spans = 0, logs = 0, points = 0
    /// Everything that was ever accepted, without repeated spans.
    package var receivedSpans = 0, receivedLogs = 0, receivedPoints = 0
    /// Spans that were received again. They are stored once.
    package var repeatedSpans = 0
    /// What was removed to keep the limits.
    package var evictedTraces = 0, evictedSpans = 0, evictedLogs = 0, evictedPoints = 0

    /// The names in the table `count`.
    static let names: [(name: String, path: WritableKeyPath<StoreCounts, Int> & Sendable)] = [
        ("traces", \.traces), ("spans", \.spans), ("logs", \.logs), ("points", \.points),
        ("received_spans", \.receivedSpans), ("received_logs", \.receivedLogs), ("received_points", \.receivedPoints),
        ("repeated_spans", \.repeatedSpans), ("evicted_traces", \.evictedTraces), ("evicted_spans", \.evictedSpans),
        ("evicted_logs", \.evictedLogs), ("evicted_points", \.evictedPoints),
    ]

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        for (_, path) in names { sum[keyPath: path] += right[keyPath: path] }
        return sum
    }
}
