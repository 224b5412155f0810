import Foundation
import Synchronization
import Tracing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The least that a tracer can do: it keeps ended spans as JSON, and sends them when it is flushed.
final class PlainTracer: Tracer {
    private let url: URL
    private let ended = Mutex<[String]>([])

    init(url: URL) { self.url = url }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> ServiceContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> PlainSpan {
        PlainSpan(operationName, context(), instant().nanosecondsSinceEpoch) { json in
            self.ended.withLock { $0.append(json) }
        }
    }

    func forceFlush() {}

    func flush() async {
        let spans = ended.withLock { spans in
            defer { spans = [] }
            return spans
        }
        for start in stride(from: 0, to: spans.count, by: 512) {
            let batch = spans[start..<min(start + 512, spans.count)].joined(separator: ",")
            var request = URLRequest(url: url)
            request.httpMethod = "POST"
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            request.httpBody = Data("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[\(batch)]}]}]}".utf8)
            _ = try? await URLSession.shared.data(for: request)
        }
    }

    // A context does not leave the process.
    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout ServiceContext,
        using extractor: Extract
    )
    where Extract.Carrier == Carrier {}
    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext,
        into carrier: inout Carrier,
        using injector: Inject
    )
    where Inject.Carrier == Carrier {}
}

/// A span that becomes JSON when it ends.
final class PlainSpan: Span {
    private struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var isRecording = true
    }

    let context: ServiceContext
    private let start: UInt64
    private let state: Mutex<State>
    private let end: @Sendable (String) -> Void

    init(_ name: String, _ context: ServiceContext, _ start: UInt64, end: @escaping @Sendable (String) -> Void) {
        self.context = context
        self.start = start
        self.end = end
        state = Mutex(State(name: name))
    }

    var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }

    var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes = newValue } }
    }

    var isRecording: Bool { state.withLock { $0.isRecording } }

    func setStatus(_ status: SpanStatus) {}
    func addEvent(_ event: SpanEvent) {}
    func addLink(_ link: SpanLink) {}
    func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {}

    func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let end = instant().nanosecondsSinceEpoch
        let json: String? = state.withLock { state in
            guard state.isRecording else { return nil }
            state.isRecording = false
            let id = String(format: "%016lx", UInt.random(in: 1...UInt.max))
            return
                "{\"traceId\":\"\(id)\(id)\",\"spanId\":\"\(id)\",\"name\":\"\(state.name)\",\"startTimeUnixNano\":\"\(start)\",\"endTimeUnixNano\":\"\(end)\"}"
        }
        if let json { self.end(json) }
    }
}
