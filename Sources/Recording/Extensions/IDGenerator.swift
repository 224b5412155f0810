import Synchronization

/// Creates the ids of traces and spans, for a backend that gives the ids a meaning.
///
/// Assign a generator to ``RecordingConfiguration/idGenerator``.
///
/// The methods are called on the threads that start spans. Several threads can call them at the same time, and they must not block. An
/// id of only zeros is invalid. It is replaced by a random one, and the first such id is logged. Without a generator, ids are random.
public protocol IDGenerator: Sendable {
    /// Whether at least the last 56 bits of a trace id are random; false by default. If they are, the random flag of W3C Trace Context is
    /// set, and the samplers of all services can decide by the trace id.
    var makesRandomTraceIDs: Bool { get }
    /// A new trace id.
    func makeTraceID() -> TraceID
    /// A new span id.
    func makeSpanID() -> SpanID
}

extension IDGenerator {
    /// False: the ids contain something that is not random, such as a time.
    public var makesRandomTraceIDs: Bool { false }
}

/// Calls the generator of a program and replaces invalid ids. Use it from any thread.
final class CheckedIDs: Sendable {
    private let generator: any IDGenerator
    private let isLogged = Atomic(false)

    init(_ generator: any IDGenerator) {
        self.generator = generator
    }

    /// The flags of a trace that starts here.
    var flags: TraceFlags { generator.makesRandomTraceIDs ? .random : [] }

    func traceID(_ recorder: Recorder) -> TraceID {
        let id = generator.makeTraceID()
        return id.isValid ? id : replaced("trace", recorder) { $0.nextTraceID() }
    }

    func spanID(_ recorder: Recorder) -> SpanID {
        let id = generator.makeSpanID()
        return id.isValid ? id : replaced("span", recorder) { SpanID(rawValue: $0.nextNonZero()) }
    }

    private func replaced<ID>(_ kind: String, _ recorder: Recorder, _ make: (inout RandomIDs) -> ID) -> ID {
        if !isLogged.exchange(true, ordering: .relaxed) {
            recorder.warnCaller(
                "the id generator \(String(reflecting: type(of: generator))) made a \(kind) id of only zeros, which is invalid; "
                    + "random ids are used instead. Later cases are not logged."
            )
        }
        return make(&recorder.thread().pointee.ids)
    }
}
