import SpanKitPercentiles

/// The histograms of durations by operation and minute that the current transaction changes.
///
/// They are read from the store when a batch first counts a span of an operation in a minute, and written with the batch, so that a
/// crash loses neither spans nor counts of them.
struct MinuteHistograms {
    struct Key: Hashable {
        var minute: Int64
        var service: Int64
        var name: Int64
    }

    private struct Entry {
        var histogram: ExponentialHistogram
        var errors: Int64
    }

    /// Histograms above this number are forgotten after they are written.
    private static let cacheLimit = 2_000
    private var entries: [Key: Entry] = [:]
    private var changed: Set<Key> = []

    static func minute(of start: Int64) -> Int64 { start / 60_000_000_000 }

    mutating func forget() {
        entries = [:]
        changed = []
    }

    mutating func add(_ span: SpanFields, name: Int64, service: Int64, _ statements: StoreStatements) throws {
        // A span without times has no duration.
        guard span.start > 0, span.end > 0 else { return }
        let key = Key(minute: Self.minute(of: span.start), service: service, name: name)
        if entries[key] == nil { entries[key] = try Self.read(key, statements) }
        entries[key]?.histogram.record(nanoseconds: UInt64(span.duration))
        if span.status == 2 { entries[key]?.errors += 1 }
        changed.insert(key)
    }

    private static func read(_ key: Key, _ statements: StoreStatements) throws -> Entry {
        let statement = statements.selectHistogram
        statement.bind(1, key.minute)
        statement.bind(2, key.service)
        statement.bind(3, key.name)
        defer { statement.reset() }
        guard try statement.step(), let histogram = try? ExponentialHistogram(serialized: statement.blob(1)) else {
            return Entry(histogram: ExponentialHistogram(), errors: 0)
        }
        return Entry(histogram: histogram, errors: statement.integer(0) ?? 0)
    }

    mutating func write(_ statements: StoreStatements) throws {
        let statement = statements.replaceHistogram
        for key in changed {
            guard let entry = entries[key] else { continue }
            statement.bind(1, key.minute)
            statement.bind(2, key.service)
            statement.bind(3, key.name)
            statement.bind(4, entry.errors)
            statement.bind(5, blob: entry.histogram.serialized()[...])
            try statement.run()
        }
        changed = []
        if entries.count > Self.cacheLimit { entries = [:] }
    }
}
