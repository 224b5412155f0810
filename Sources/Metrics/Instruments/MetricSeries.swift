import CSpanKit
import SpanKitRecording
import Synchronization

/// The measurements of an instrument with one set of attributes.
@usableFromInline
package final class MetricSeries: @unchecked Sendable {
    // For the fast paths, if the instrument has one stream.
    /// The cell of a sum of whole numbers; nil for others.
    @usableFromInline let cell: UnsafeMutableRawPointer?
    /// Selects the bits of `spankit_thread_stripe()` that are the offset of the calling thread's part of the cell in bytes.
    @usableFromInline let stripeMask: UInt
    /// The gate of the cell's exemplars.
    @usableFromInline let gate: UnsafeMutablePointer<Atomic<UInt64>>
    /// Identifies the threads' histograms for zeros and positive numbers. A series without histograms has a number that no histogram has.
    @usableFromInline let number: UInt32

    private let facts: InstrumentFacts
    private weak var instrument: Instrument?
    let attributes: AttributeSet
    let aggregates: [Aggregate]
    /// The attributes that a view leaves out.
    let droppedAttributes: [Attribute]
    /// Whether measurements with these attributes are always counted in this object. It is false for the series of the overflow, and if a view
    /// leaves attributes out.
    package let isInterned: Bool
    private let removed = Atomic<Bool>(false)

    nonisolated(unsafe) private static let closedGate: UnsafeMutablePointer<Atomic<UInt64>> = {
        let gate = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: 1)
        gate.initialize(to: Atomic(0))
        return gate
    }()

    init(
        _ instrument: Instrument,
        _ attributes: AttributeSet,
        _ aggregates: [Aggregate],
        droppedAttributes: [Attribute],
        isInterned: Bool
    ) {
        facts = instrument.facts
        self.instrument = instrument
        self.attributes = attributes
        self.aggregates = aggregates
        self.droppedAttributes = droppedAttributes
        self.isInterned = isInterned
        stripeMask = facts.meter.memory.stripeMask
        let only = aggregates.count == 1 && droppedAttributes.isEmpty ? aggregates[0] : nil
        gate = only?.reservoir?.gate ?? Self.closedGate
        switch only?.cells {
        case .integer(let sum): (cell, number) = (sum.address, .max)
        case .distribution(let counts, let settings) where settings.bounds == nil: (cell, number) = (nil, counts.number)
        default: (cell, number) = (nil, .max)
        }
    }

    // MARK: Fast paths

    /// Adds an amount to a counter.
    @inlinable @inline(__always)
    package func count(_ amount: Int64) {
        guard UInt64(bitPattern: amount) <= 1 << 40, let cell else { return record(amount) }
        let own = (cell + Int(spankit_thread_stripe() & stripeMask)).atomic
        let sum = own.pointee.wrappingAdd(UInt64(bitPattern: amount), ordering: .relaxed).newValue
        guard sum <= 1 << 62, !ExemplarGate.admits(gate.pointee.load(ordering: .relaxed), sum) else {
            return counted(amount, Int64(bitPattern: sum))
        }
    }

    /// Adds a difference to an up-down counter.
    @inlinable @inline(__always)
    package func change(_ difference: Int64) {
        guard UInt64(bitPattern: difference &+ 1 << 40) <= 1 << 41, let cell else { return record(difference) }
        let own = (cell + Int(spankit_thread_stripe() & stripeMask)).atomic
        let sum = own.pointee.wrappingAdd(UInt64(bitPattern: difference), ordering: .relaxed).newValue
        guard sum &+ 1 << 62 <= 1 << 63 else { return counted(difference, Int64(bitPattern: sum)) }
    }

    /// Counts a number of a histogram.
    @inlinable @inline(__always)
    package func distribute(_ value: Double) {
        guard let live = ThreadDistributions.current?.pointee.distribution(number), let sum = live.recordInRange(value)
        else { return record(value) }
        guard !ExemplarGate.admits(live.gate.pointee.load(ordering: .relaxed), sum) else {
            return offer(value, sum, live)
        }
    }

    // MARK: Slow paths

    /// Does the rest after an atomic addition.
    @usableFromInline
    @inline(never)
    func counted(_ amount: Int64, _ sum: Int64) {
        guard case .integer(let cell) = aggregates[0].cells else { return }
        if sum.magnitude > UInt64(StripedCell.safeSum) { cell.correct(sum, after: amount) }
        if ExemplarGate.admits(gate.pointee.load(ordering: .relaxed), UInt64(bitPattern: sum)) {
            aggregates[0].offer(amount, sum)
        }
    }

    @usableFromInline
    @inline(never)
    func offer(_ value: Double, _ sum: UInt64, _ live: LiveDistribution) { aggregates[0].offer(value, sum, live.gate) }

    /// Records a whole number.
    @usableFromInline
    @inline(never)
    package func record(_ value: Int64) {
        guard value >= 0 || !facts.isMonotonic, !facts.isBeyondLimit else { return facts.refuse(Double(value)) }
        facts.meter.becomeOwn()
        forEachAggregate { $0.record(value, droppedAttributes: droppedAttributes) }
    }

    /// Records a number.
    @usableFromInline
    @inline(never)
    package func record(_ value: Double) {
        guard value.isFinite, value >= 0 || !facts.isMonotonic, !facts.isBeyondLimit else {
            return facts.refuse(value)
        }
        facts.meter.becomeOwn()
        forEachAggregate { $0.record(value, droppedAttributes: droppedAttributes) }
    }

    /// Adds to the last value of a gauge.
    package func adjust(_ difference: Double) {
        guard difference.isFinite, !facts.isBeyondLimit else { return facts.refuse(difference) }
        facts.meter.becomeOwn()
        forEachAggregate { $0.adjust(difference) }
    }

    /// Calls `body` with each aggregate. An iterator would allocate memory in debug builds.
    @inline(__always)
    private func forEachAggregate(_ body: (Aggregate) -> Void) {
        var place = 0
        while place < aggregates.count {
            body(aggregates[place])
            place += 1
        }
    }

    // MARK: Life

    /// Whether the series was removed and is not exported any more.
    package var isRemoved: Bool { removed.load(ordering: .acquiring) }

    func setRemoved(_ value: Bool) { removed.store(value, ordering: .releasing) }

    /// Counts a value that was not recorded because the instrument cannot record it.
    package func refuse(_ value: Double) { facts.refuse(value) }

    /// Ends the export. See ``CounterSeries/remove()``.
    package func remove() { instrument?.remove(self) }

    /// Restarts at zero. See ``CounterSeries/reset()``.
    package func reset() { instrument?.reset(self) }
}
