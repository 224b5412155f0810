import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// Decides at almost no cost which measurements become exemplars.
///
/// A series has a sum, which changes with each measurement. The bits of the sum, multiplied by a constant, serve as a random number. If it is
/// below the gate, the measurement is offered to the reservoir. Each collection opens the gate, and each offer closes it a little, so that a
/// series with many measurements makes few offers. A gate of 0 stays closed.
@usableFromInline
enum ExemplarGate {
    @usableFromInline static let open = UInt64.max

    /// Whether a measurement may become an exemplar.
    /// - Parameters:
    ///   - gate: the gate.
    ///   - sum: the bits of a sum after the measurement.
    @inlinable @inline(__always)
    static func admits(_ gate: UInt64, _ sum: UInt64) -> Bool {
        sum &* 0x9E37_79B9_7F4A_7C15 < gate
    }
}

/// The exemplars of a series since the last collection.
///
/// The first exemplar allocates memory. A measurement is ignored if another thread adds an exemplar at the same moment.
final class ExemplarReservoir: @unchecked Sendable {
    private struct Slot {
        var value: Exemplar.Value
        var time: Int64
        var traceID: TraceID
        var spanID: SpanID
        var droppedAttributes: [Attribute]
    }

    /// The gate of a series that has no gate for each thread.
    let gate: UnsafeMutablePointer<Atomic<UInt64>>
    private let capacity: Int
    private let keepsUnsampled: Bool
    private let recorder: Recorder?
    private let lock = Lock()
    // The lock guards these.
    private var slots: [Slot?] = []
    private var used = 0
    /// For each collector, exemplars that another collector has removed from the slots, and that it has not taken itself. There are at most as
    /// many as the reservoir holds.
    private var untaken: [ObjectIdentifier: [Exemplar]] = [:]

    /// - Parameter capacity: the largest number of exemplars.
    init(capacity: Int, _ filter: ExemplarFilter, _ recorder: Recorder?) {
        self.capacity = capacity
        keepsUnsampled = filter == .alwaysOn
        self.recorder = recorder
        gate = .allocate(capacity: 1)
        gate.initialize(to: Atomic(ExemplarGate.open))
    }

    deinit {
        gate.deinitialize(count: 1)
        gate.deallocate()
        lock.destroy()
    }

    /// Keeps a measurement if it was made in a sampled span.
    /// - Parameters:
    ///   - value: the measured value.
    ///   - bucket: the bucket of an explicit histogram, which keeps one exemplar for each.
    ///   - sum: the bits with which the gate admitted the measurement.
    ///   - gate: the gate, which this closes a little.
    ///   - droppedAttributes: the attributes that a view leaves out.
    func offer(
        _ value: Exemplar.Value,
        bucket: Int? = nil,
        sum: UInt64,
        gate: UnsafeMutablePointer<Atomic<UInt64>>,
        droppedAttributes: [Attribute]
    ) {
        let opening = gate.pointee.load(ordering: .relaxed)
        let span = SpanHandle.innermostIdentity(recorder)
        guard keepsUnsampled || span.flags.contains(.sampled) && span.spanID.isValid else {
            gate.pointee.store(opening - opening >> 6, ordering: .relaxed)
            return
        }
        let slot = Slot(
            value: value,
            time: UnixTime.nanoseconds(),
            traceID: span.traceID,
            spanID: span.spanID,
            droppedAttributes: droppedAttributes
        )
        guard lock.tryLock() else { return }
        defer { lock.unlock() }
        if slots.isEmpty { slots = Array(repeating: nil, count: capacity) }
        let isFull = used == capacity
        let place =
            bucket ?? (isFull ? Int((sum &* 0xD6E8_FEB8_6659_FD93) >> 33) % capacity : used)
        if slots[place] == nil { used += 1 }
        slots[place] = slot
        // The n-th measurement replaces one with a probability of about capacity / n.
        if isFull || bucket != nil {
            gate.pointee.store(opening - opening / UInt64(capacity + 1), ordering: .relaxed)
        }
    }

    /// The exemplars that the collector of a pass has not taken yet, in the order of their values. There are at most as many as the reservoir
    /// holds. Other collectors can still take them later.
    func take(_ pass: CollectionPass) -> [Exemplar] {
        // The child of a fork could wait for ever for a thread of the parent.
        guard lock.tryLock() else { return [] }
        let new = removeSlots()
        var own = new
        var later: [ObjectIdentifier: [Exemplar]] = [:]
        for taker in pass.exemplarTakers {
            let all = ((untaken[taker] ?? []) + new).suffix(capacity)
            if taker == pass.identifier { own = Array(all) } else if !all.isEmpty { later[taker] = Array(all) }
        }
        untaken = later
        lock.unlock()
        gate.pointee.store(ExemplarGate.open, ordering: .relaxed)
        return own.sorted { $0.number < $1.number }
    }

    /// Discards all exemplars.
    func discard() {
        guard lock.tryLock() else { return }
        _ = removeSlots()
        untaken = [:]
        lock.unlock()
        gate.pointee.store(ExemplarGate.open, ordering: .relaxed)
    }

    /// Empties the reservoir. The caller holds the lock.
    private func removeSlots() -> [Exemplar] {
        let taken = slots.compactMap(\.self)
        for place in slots.indices { slots[place] = nil }
        used = 0
        return taken.map { slot in
            Exemplar(
                slot.value,
                time: slot.time,
                traceID: slot.traceID,
                spanID: slot.spanID,
                filteredAttributes: slot.droppedAttributes
            )
        }
    }

    func acquireForFork() { lock.acquireForFork() }
}

extension Exemplar {
    fileprivate var number: Double {
        switch value {
        case .int(let value): Double(value)
        case .double(let value): value
        }
    }
}
