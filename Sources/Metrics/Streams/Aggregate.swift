import CSpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// The measurements of one attribute set of a stream, combined.
final class Aggregate: @unchecked Sendable {
    enum Cells {
        case integer(StripedCell)
        case number(StripedCell)
        case lastValue(LastValueCell)
        case distribution(DistributionCells, DistributionSettings)
        /// The system had no memory.
        case none
    }

    let attributes: AttributeSet
    let cells: Cells
    /// The exemplars; nil if the series has none.
    let reservoir: ExemplarReservoir?
    private let start: Atomic<Int64>
    /// The series in the file of the meter's memory; nil if the counts are not in a file.
    private let record: SeriesRecord?

    /// - Parameters:
    ///   - stream: the metric in the file of the meter's memory.
    ///   - name: the name of the metric, for warnings.
    ///   - hasExemplars: whether measurements may become exemplars.
    init(
        _ aggregator: Aggregator,
        _ attributes: AttributeSet,
        _ meter: MeterState,
        _ stream: StreamRecord? = nil,
        name: String,
        hasExemplars: Bool
    ) {
        self.attributes = attributes
        let now = UnixTime.nanoseconds()
        start = Atomic(now)
        func makeRecord(_ cell: UnsafeMutableRawPointer? = nil) -> SeriesRecord? {
            let record = stream.flatMap { SeriesRecord($0, attributes.attributes, start: now, cell: cell) }
            if record == nil { meter.memory.file?.countOutside() }
            return record
        }
        let filter = meter.configuration.exemplarFilter
        let samples = hasExemplars && filter != .alwaysOff
        func reservoir(_ capacity: Int) -> ExemplarReservoir? {
            samples ? ExemplarReservoir(capacity: capacity, filter, meter.recorder) : nil
        }
        switch aggregator {
        case .integerSum:
            let cell = StripedCell(meter.memory)
            cells = cell.map { .integer($0) } ?? .none
            self.record = cell.flatMap { makeRecord($0.address) }
            self.reservoir = reservoir(1)
        case .floatingPointSum:
            let cell = StripedCell(meter.memory)
            cells = cell.map { .number($0) } ?? .none
            self.record = cell.flatMap { makeRecord($0.address) }
            self.reservoir = reservoir(1)
        case .lastValue:
            let cell = LastValueCell(meter.memory)
            cells = cell.map { .lastValue($0) } ?? .none
            self.record = cell.flatMap { makeRecord($0.address) }
            self.reservoir = nil
        case .distribution(let settings):
            let log = meter.log
            self.record = makeRecord()
            let gate = samples ? ExemplarGate.open : 0
            let counts = DistributionCells(bounds: settings.bounds, gate: gate, self.record) {
                log(
                    .warning,
                    "histogram '\(name.shortened)': numbers that differ by a factor of more than 1.8e19, or for which histograms have no memory left, are counted in one bucket for each factor of 2; it is exported with scale 0 instead of 8"
                )
            }
            cells = .distribution(counts, settings)
            self.reservoir = reservoir(settings.bounds.map { $0.count + 1 } ?? min(20, settings.maximumBuckets))
        }
    }

    deinit {
        // Before the cells are given back and get another series.
        setHidden(true)
    }

    /// Tells readers of the file whether the series was removed.
    func setHidden(_ isHidden: Bool) { record?.setHidden(isHidden) }

    // MARK: Recording

    /// Combines a whole number.
    func record(_ value: Int64, droppedAttributes: [Attribute]) {
        guard case .integer(let cell) = cells else {
            return record(Double(value), .int(value), droppedAttributes: droppedAttributes)
        }
        sample(.int(value), UInt64(bitPattern: cell.add(value)), droppedAttributes)
    }

    /// Combines a finite number.
    func record(_ value: Double, droppedAttributes: [Attribute]) {
        record(value, .double(value), droppedAttributes: droppedAttributes)
    }

    private func record(_ value: Double, _ exemplar: Exemplar.Value, droppedAttributes: [Attribute]) {
        switch cells {
        // A stream of whole numbers gets none of these.
        case .integer, .none: break
        case .number(let cell): sample(exemplar, cell.add(value).bitPattern, droppedAttributes)
        case .lastValue(let cell): cell.set(value)
        case .distribution(let counts, _):
            guard let (gate, sum) = counts.record(value) else { return }
            guard let reservoir, ExemplarGate.admits(gate.pointee.load(ordering: .relaxed), sum) else { return }
            offer(exemplar, value, sum, gate, reservoir, droppedAttributes)
        }
    }

    /// Adds to the last value, or combines a number with another aggregation.
    func adjust(_ difference: Double) {
        if case .lastValue(let cell) = cells { cell.add(difference) } else { record(difference, droppedAttributes: []) }
    }

    private func sample(_ value: Exemplar.Value, _ sum: UInt64, _ droppedAttributes: [Attribute]) {
        guard let reservoir, ExemplarGate.admits(reservoir.gate.pointee.load(ordering: .relaxed), sum) else { return }
        reservoir.offer(value, sum: sum, gate: reservoir.gate, droppedAttributes: droppedAttributes)
    }

    /// Offers a whole number that an atomic addition has counted.
    func offer(_ value: Int64, _ sum: Int64) {
        guard let reservoir else { return }
        reservoir.offer(.int(value), sum: UInt64(bitPattern: sum), gate: reservoir.gate, droppedAttributes: [])
    }

    /// Offers a number that the calling thread's own histogram has counted.
    func offer(_ value: Double, _ sum: UInt64, _ gate: UnsafeMutablePointer<Atomic<UInt64>>) {
        guard let reservoir else { return }
        offer(.double(value), value, sum, gate, reservoir, [])
    }

    private func offer(
        _ exemplar: Exemplar.Value,
        _ value: Double,
        _ sum: UInt64,
        _ gate: UnsafeMutablePointer<Atomic<UInt64>>,
        _ reservoir: ExemplarReservoir,
        _ droppedAttributes: [Attribute]
    ) {
        guard case .distribution(let counts, _) = cells else { return }
        reservoir.offer(
            exemplar,
            bucket: counts.bounds.map { DistributionCells.bucket(of: value, $0) },
            sum: sum,
            gate: gate,
            droppedAttributes: droppedAttributes
        )
    }

    // MARK: Reading

    /// The current values; nil for a gauge without a value.
    ///
    /// If the collector takes exemplars, those that it has not got yet are in the point, and the series starts to look for new ones.
    func point(_ pass: CollectionPass) -> Metric.Point? {
        let value: Metric.Value
        switch cells {
        case .integer(let cell): value = .int(cell.integer)
        case .number(let cell): value = .double(cell.number)
        case .lastValue(let cell):
            guard let last = cell.value else { return nil }
            return Metric.Point(.double(last), attributes: attributes.attributes)
        case .distribution(let counts, let settings):
            value = counts.read().value(settings)
            if pass.takesExemplars, reservoir != nil { counts.openGates() }
        case .none: return nil
        }
        return Metric.Point(
            value,
            attributes: attributes.attributes,
            start: start.load(ordering: .relaxed),
            exemplars: pass.takesExemplars ? reservoir?.take(pass) ?? [] : []
        )
    }

    /// Restarts at zero, with a new start time.
    func reset() {
        switch cells {
        case .integer(let cell), .number(let cell): cell.clear()
        case .lastValue(let cell): cell.clear()
        case .distribution(let counts, _): counts.reset()
        case .none: break
        }
        // Later than the earlier start, by which a reader of the file knows what the last values contain.
        restart(at: max(UnixTime.nanoseconds(), start.load(ordering: .relaxed).addingSaturating(1)))
    }

    /// Starts from zero in the child of a fork, at the time of the fork. Histograms are emptied by their registry.
    func forgetParent() {
        #if !os(Linux)
            if case .distribution = cells {} else { reset() }
        #endif
        reservoir?.discard()
        restart(at: spankit_fork_nanoseconds())
    }

    private func restart(at unixNanoseconds: Int64) {
        start.store(unixNanoseconds, ordering: .relaxed)
        record?.setStart(unixNanoseconds)
    }
}
