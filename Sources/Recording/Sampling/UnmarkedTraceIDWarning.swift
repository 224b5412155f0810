import Platform
import Synchronization

/// Says once that a sampler chose a child by a trace id that nobody vouches for: other services may then keep other parts
/// of the same trace (OpenTelemetry SDK, "Compatibility warnings for TraceIdRatioBased sampler").
final class UnmarkedTraceIDWarning: Sendable {
    private let log = Locked<ProfilerLog?>(nil)
    private let isSaid = Atomic<Bool>(false)

    /// Says it to this log from now on.
    func say(to log: ProfilerLog) {
        self.log.withLock { $0 = log }
    }

    func acquireForFork() { log.acquireForFork() }

    /// Looks at what a sampler answered.
    func check(_ decision: SamplingDecision, _ request: SamplingRequest, _ sampler: any Sampler) {
        guard decision.reliesOnTraceID, !request.isTraceIDRandom, request.parent != nil,
            !isSaid.load(ordering: .relaxed), !isSaid.exchange(true, ordering: .relaxed)
        else { return }
        log.withLock { $0 }?(
            .warning,
            "\(sampler.description) chose a child by a trace id that its caller does not mark as random (traceparent flag 02), so services may keep different parts of one trace; let the callers set the flag, or follow their decisions: OTEL_TRACES_SAMPLER=parentbased_traceidratio. This is said once"
        )
    }
}
