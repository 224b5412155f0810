import SpanKit
import SpanKitMetrics
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// Counts the parts of spans in histograms, one of each kind for each operation.
///
/// It is never freed, because a recorder keeps its address. Use it from any thread. A lock is taken only for the first span of an operation.
final class OperationTimes: @unchecked Sendable {
    // Sendable because the places are atomic, and the address of the first is constant.

    /// The series of an operation. They are never freed.
    private struct Series {
        let running: HistogramSeries
        let queued: HistogramSeries
        let suspended: HistogramSeries
    }

    private struct Source {
        let engine: PercentileEngine
        let running: HistogramInstrument
        let queued: HistogramInstrument
        let suspended: HistogramInstrument
    }

    /// The largest number of operations, which is that of the percentile engine with its overflow operation.
    private static let capacity = PercentileEngine.Configuration().maximumOperations + 1

    /// The address of the `Series` of each operation; 0 until its first span has ended.
    private let places: UnsafeMutablePointer<Atomic<UInt>>
    private let source = Locked<Source?>(nil)
    private let isAttached = Atomic(false)

    init() {
        places = .allocate(capacity: Self.capacity)
        for place in 0..<Self.capacity { (places + place).initialize(to: Atomic(0)) }
    }

    /// The address for ``of(_:)``, which keeps this object forever.
    var address: UnsafeMutableRawPointer { Unmanaged.passRetained(self).toOpaque() }

    @inline(__always)
    static func of(_ address: UnsafeMutableRawPointer?) -> OperationTimes? {
        address.map { Unmanaged<OperationTimes>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Counts into the instruments of a telemetry from now on.
    func attach(to telemetry: Telemetry) {
        func histogram(_ part: String, _ description: String) -> HistogramInstrument {
            telemetry.metrics.histogram("spankit.span.\(part)", unit: "s", description: description)
        }
        source.withLock {
            $0 = Source(
                engine: telemetry.profiler.recorder.engine,
                running: histogram("running", "Time that the tasks of ended spans were on a thread."),
                queued: histogram(
                    "queued",
                    "Time that the tasks of ended spans waited for a thread, an actor or an executor."
                ),
                suspended: histogram("suspended", "Time that the tasks of ended spans waited for anything else.")
            )
        }
        isAttached.store(true, ordering: .releasing)
    }

    /// Counts the parts of a span in nanoseconds.
    func count(_ operation: UInt32, _ running: UInt64, _ queued: UInt64, _ suspended: UInt64) {
        guard Int(operation) < Self.capacity else { return }
        let address = places[Int(operation)].load(ordering: .acquiring)
        guard let series = UnsafePointer<Series>(bitPattern: address) ?? make(operation) else { return }
        series.pointee.running.record(Double(running) * 1e-9)
        series.pointee.queued.record(Double(queued) * 1e-9)
        series.pointee.suspended.record(Double(suspended) * 1e-9)
    }

    @inline(never)
    private func make(_ operation: UInt32) -> UnsafePointer<Series>? {
        guard isAttached.load(ordering: .acquiring) else { return nil }
        return source.withLock { source in
            guard let source else { return nil }
            let place = places + Int(operation)
            if let known = UnsafePointer<Series>(bitPattern: place.pointee.load(ordering: .acquiring)) { return known }
            let name = source.engine.name(of: OperationID(rawValue: operation))
            let attributes: Attributes = ["operation": .string(name)]
            let series = UnsafeMutablePointer<Series>.allocate(capacity: 1)
            series.initialize(
                to: Series(
                    running: source.running.with(attributes),
                    queued: source.queued.with(attributes),
                    suspended: source.suspended.with(attributes)
                )
            )
            place.pointee.store(UInt(bitPattern: series), ordering: .releasing)
            return UnsafePointer(series)
        }
    }
}
