import SpanKitRecording
import Synchronization

/// The part of an instrument that its series refer to. They do not refer to the instrument itself, because it refers to them, so neither
/// would be freed.
final class InstrumentFacts: Sendable {
    let identity: InstrumentIdentity
    let meter: MeterState
    /// Whether negative numbers are refused.
    let isMonotonic: Bool
    /// Whether the instrument records nothing, because the meter has too many.
    let isBeyondLimit: Bool
    private let hasWarned = Atomic<Bool>(false)

    init(_ identity: InstrumentIdentity, _ meter: MeterState, isMonotonic: Bool, isBeyondLimit: Bool) {
        self.isBeyondLimit = isBeyondLimit
        self.identity = identity
        self.meter = meter
        self.isMonotonic = isMonotonic
    }

    /// Counts values that the instrument cannot record, and logs the first one.
    func refuse(_ value: Double, times: UInt64 = 1) {
        meter.refused.wrappingAdd(times, ordering: .relaxed)
        // The meter has said so already.
        guard !isBeyondLimit else { return }
        guard !hasWarned.exchange(true, ordering: .relaxed) else { return }
        let kind = identity.kind == .histogram ? "sum of a histogram" : "counter"
        let reason = value.isFinite ? "is negative, and a \(kind) only increases" : "is not a finite number"
        meter.log(
            .warning,
            "instrument '\(identity.name.shortened)': the value \(value) was left out because it \(reason); further ones are only counted"
        )
    }
}
