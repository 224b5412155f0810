import Hummingbird
import SpanKitPlatform
import SpanKitStore

/// `GET /api/events`: says when the store has changed, as server-sent events. A page then asks again for what it shows.
struct EventsRoute: Sendable {
    let store: Store

    /// At most four events a second.
    private static let interval = Duration.milliseconds(250)
    /// A comment after this time keeps proxies from closing the connection, and finds out whether the client is still there.
    private static let silence = Duration.seconds(15)

    func add(to router: Router<BasicRequestContext>) {
        router.get("/api/events") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
                body: ResponseBody { writer in
                    try await write(to: &writer)
                    try await writer.finish(nil)
                }
            )
        }
    }

    private func write(to writer: inout some ResponseBodyWriter) async throws {
        var known = -1
        var last = ContinuousClock.now
        while !Task.isCancelled {
            let revision = store.revision
            let now = ContinuousClock.now
            if revision != known {
                known = revision
                last = now
                try await writer.write(ByteBuffer(string: "event: change\ndata: \(data(revision))\n\n"))
            } else if now - last >= Self.silence {
                last = now
                try await writer.write(ByteBuffer(string: ": waiting\n\n"))
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    private func data(_ revision: Int) -> String {
        let counts = store.counts
        return """
            {"revision":\(revision),"traces":\(counts.traces),"spans":\(counts.spans),"logs":\(counts.logs),"points":\(counts.points)}
            """
    }
}
