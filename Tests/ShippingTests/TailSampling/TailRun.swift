import SpanKitRecording
import SpanKitTestSupport

@testable import SpanKitShipping

/// A recorder and a tail sampler behind it, in time that the test makes.
final class TailRun {
    let recorder: Recorder
    let sampler: TailSampler
    private let start = ContinuousClock.now
    private(set) var elapsed = Duration.zero
    private var lastID: UInt64 = 0

    init(
        _ configuration: TailSampling,
        logBytes: Int = 8 * 1_024 * 1_024,
        sampler head: any Sampler = ParentBasedSampler(root: AlwaysOnSampler())
    ) throws {
        var recording = RecordingConfiguration()
        recording.logBytes = logBytes
        recording.sampler = head
        recording.whenLogIsFull = .dropNewest
        guard let recorder = Recorder.make(recording) else { throw ShippingRunFailure.noRecorder }
        self.recorder = recorder
        sampler = TailSampler(configuration, recorder, now: start)
    }

    deinit { recorder.close() }

    func advance(_ duration: Duration) { elapsed += duration }

    func decide(all: Bool = false) { sampler.decide(start.advanced(by: elapsed), decidesAll: all) }

    /// A root whose trace has this randomness: the last 56 bits of its id.
    func root(_ name: String = "root", randomness: UInt64, state: String = "") -> SpanHandle {
        lastID += 1
        // The only way to choose a trace id is a parent; taken as a local one, nothing but its id is of consequence.
        return remote(name, traceID: TraceID(high: lastID, low: randomness), state: state)
    }

    /// A span whose parent is in another process.
    func remote(_ name: String, traceID: TraceID, state: String = "") -> SpanHandle {
        lastID += 1
        let context = SpanContext(
            traceID: traceID,
            spanID: SpanID(rawValue: 1 << 63 | lastID),
            traceFlags: [.sampled, .random],
            traceState: state,
            isRemote: true
        )
        return recorder.begin(named: name, parent: .context(context))
    }

    func child(_ name: String, of parent: SpanHandle) -> SpanHandle {
        recorder.begin(named: name, parent: .context(parent.context))
    }

    /// What waits to be read, taken out.
    func taken() -> [RecordedSpan] {
        var spans: [RecordedSpan] = []
        sampler.consume(
            sampler.read { record in
                spans.append(record.recordedSpan(texts: sampler.text, scopes: sampler.scope))
                return true
            }
        )
        return spans
    }

    /// The names of what is kept once everything is decided that can be.
    func kept() -> [String] {
        decide()
        return taken().map(\.name)
    }
}

extension RecordedSpan {
    var reason: String? {
        guard case .string(let text) = attributes.first(where: { $0.key == SamplingKeys.reason })?.value else {
            return nil
        }
        return text
    }
}
