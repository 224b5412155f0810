import Hummingbird
import SpanKitPlatform
import SpanKitReports
import SpanKitStore

/// `GET /api/status`: what the server stores, received and refused.
struct StatusRoute: Sendable {
    let backend: Backend

    func add(to router: Router<BasicRequestContext>) {
        router.get("/api/status") { _, _ in
            do { return JSONAnswer.ok(try await document()) } catch {
                return JSONAnswer.error(.serviceUnavailable, "the store cannot be read: \(error)")
            }
        }
    }

    private func document() async throws -> JSONText {
        let store = backend.store
        let counts = store.counts
        let overview = try await store.overview()
        let bytes = try await store.usedBytes()
        return .object([
            ("schema", "spankit.status/1"), ("version", .string(Release.version)),
            ("started", .string("\(backend.startedUnixNanoseconds)")),
            (
                "store",
                .object([
                    ("path", .string(store.path)), ("bytes", .count(bytes)), ("maxBytes", .count(store.limits.bytes)),
                    ("maxAgeSeconds", .count(store.limits.age.components.seconds)),
                ])
            ),
            (
                "kept",
                .object([
                    ("traces", .count(counts.traces)), ("spans", .count(counts.spans)), ("logs", .count(counts.logs)),
                    ("points", .count(counts.points)),
                    ("since", overview.keptSince.map { .string("\($0)") } ?? .null),
                ])
            ),
            (
                "evicted",
                .object([
                    ("traces", .count(counts.evictedTraces)), ("spans", .count(counts.evictedSpans)),
                    ("logs", .count(counts.evictedLogs)), ("points", .count(counts.evictedPoints)),
                ])
            ),
            (
                "received",
                .object([
                    ("spans", .count(counts.receivedSpans)), ("logs", .count(counts.receivedLogs)),
                    ("points", .count(counts.receivedPoints)),
                ])
            ), ("refused", .object([("requests", .count(backend.admission.refusedCount))])),
            ("spansPerSecond", .count(store.spansPerSecond)), ("revision", .count(store.revision)),
            ("services", .list(overview.services.map { .string($0) })),
        ])
    }
}
