import SpanKitPlatform
import SpanKitStore

/// Notices traces that end, from its creation on.
struct TraceWatch: Sendable {
    /// How often to look.
    static let interval = Duration.milliseconds(200)
    /// The maximum number of traces that are passed on at a time.
    static let limit = 1_000

    private let store: Store
    private var ended: EndedTraces

    init(_ store: Store, _ query: TraceQuery = TraceQuery()) {
        self.store = store
        ended = EndedTraces(query, now: UnixTime.nanoseconds())
    }

    /// The traces that ended since the last call.
    mutating func next() async throws -> [TraceRow] {
        let current = ended
        let (rows, next) = try await store.read { db in
            var ended = current
            let rows = try ended.next(now: UnixTime.nanoseconds(), limit: Self.limit, in: db)
            return (rows, ended)
        }
        ended = next
        return rows
    }
}
