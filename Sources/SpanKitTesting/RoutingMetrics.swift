import CoreMetrics
import SpanKitServer
import Synchronization

/// A backend of swift-metrics that passes each measurement to the recorder of the current task.
///
/// A program often keeps a metric for ever, so the recorder is looked up with each measurement and not when the metric is made.
struct RoutingMetricsFactory: MetricsFactory {
    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        RoutingCounter(label, dimensions)
    }

    func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        RoutingFloatingPointCounter(label, dimensions)
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        RoutingMeter(label, dimensions)
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        RoutingRecorder(label, dimensions, aggregate: aggregate)
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        RoutingTimer(label, dimensions)
    }

    func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }
    func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }
    func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }

    private func destroy(_ handler: AnyObject) {
        // A handler of another backend is not one of these.
        (handler as? any Destroyable)?.destroy()
    }
}

private protocol Destroyable: AnyObject {
    func destroy()
}

/// A metric that has a handler in each recorder in which it is used.
private class RoutedMetric<Handler: Sendable>: Destroyable, @unchecked Sendable {
    private let label: String
    private let number = MetricNumbers.next()
    private let make: @Sendable (SpanKitMetricsFactory) -> Handler
    private let end: @Sendable (SpanKitMetricsFactory, Handler) -> Void

    /// - Parameters:
    ///   - make: Creates the handler of a recorder.
    ///   - end: Ends such a handler.
    init(
        _ label: String,
        make: @escaping @Sendable (SpanKitMetricsFactory) -> Handler,
        end: @escaping @Sendable (SpanKitMetricsFactory, Handler) -> Void
    ) {
        (self.label, self.make, self.end) = (label, make, end)
        // A counter is exported as 0 from the start.
        if let recorder = SpanRecorder.current { _ = handler(of: recorder) }
    }

    private func handler(of recorder: SpanRecorder) -> Handler {
        recorder.handlers.withLock { handlers in
            if let known = handlers[number] as? Handler { return known }
            let made = make(recorder.metricsFactory)
            handlers[number] = made
            return made
        }
    }

    /// Passes a measurement to the handler of the current test.
    final func measure(_ body: (Handler) -> Void) {
        let recorder = SpanRecorder.current
        if recorder == nil { Backends.reportUnassigned(metric: label) }
        let target = recorder ?? .unassigned
        body(handler(of: target))
        target.changes.signal()
    }

    final func destroy() {
        let recorder = SpanRecorder.current ?? .unassigned
        guard let ended = recorder.handlers.withLock({ $0.removeValue(forKey: number) }) as? Handler else { return }
        end(recorder.metricsFactory, ended)
        recorder.changes.signal()
    }
}

/// Numbers for metrics, unique in the process.
private enum MetricNumbers {
    private static let last = Atomic(0)

    static func next() -> Int { last.wrappingAdd(1, ordering: .relaxed).newValue }
}

private final class RoutingCounter: RoutedMetric<any CounterHandler>, CounterHandler, @unchecked Sendable {
    init(_ label: String, _ dimensions: [(String, String)]) {
        super.init(label) {
            $0.makeCounter(label: label, dimensions: dimensions)
        } end: {
            $0.destroyCounter($1)
        }
    }

    func increment(by amount: Int64) { measure { $0.increment(by: amount) } }
    func reset() { measure { $0.reset() } }
}

private final class RoutingFloatingPointCounter: RoutedMetric<any FloatingPointCounterHandler>,
    FloatingPointCounterHandler, @unchecked Sendable
{
    init(_ label: String, _ dimensions: [(String, String)]) {
        super.init(label) {
            $0.makeFloatingPointCounter(label: label, dimensions: dimensions)
        } end: {
            $0.destroyFloatingPointCounter($1)
        }
    }

    func increment(by amount: Double) { measure { $0.increment(by: amount) } }
    func reset() { measure { $0.reset() } }
}

private final class RoutingMeter: RoutedMetric<any MeterHandler>, MeterHandler, @unchecked Sendable {
    init(_ label: String, _ dimensions: [(String, String)]) {
        super.init(label) {
            $0.makeMeter(label: label, dimensions: dimensions)
        } end: {
            $0.destroyMeter($1)
        }
    }

    func set(_ value: Int64) { measure { $0.set(value) } }
    func set(_ value: Double) { measure { $0.set(value) } }
    func increment(by amount: Double) { measure { $0.increment(by: amount) } }
    func decrement(by amount: Double) { measure { $0.decrement(by: amount) } }
}

private final class RoutingRecorder: RoutedMetric<any RecorderHandler>, RecorderHandler, @unchecked Sendable {
    init(_ label: String, _ dimensions: [(String, String)], aggregate: Bool) {
        super.init(label) {
            $0.makeRecorder(label: label, dimensions: dimensions, aggregate: aggregate)
        } end: {
            $0.destroyRecorder($1)
        }
    }

    func record(_ value: Int64) { measure { $0.record(value) } }
    func record(_ value: Double) { measure { $0.record(value) } }
}

private final class RoutingTimer: RoutedMetric<any TimerHandler>, TimerHandler, @unchecked Sendable {
    init(_ label: String, _ dimensions: [(String, String)]) {
        super.init(label) {
            $0.makeTimer(label: label, dimensions: dimensions)
        } end: {
            $0.destroyTimer($1)
        }
    }

    func recordNanoseconds(_ duration: Int64) { measure { $0.recordNanoseconds(duration) } }
}
