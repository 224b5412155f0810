import SpanKitPlatform

/// The calls of a ``CustomExporter`` that gets metrics, one at a time. Used by the reader's thread, except for ``wake()``.
final class MetricCall: Sendable {
    private enum Change {
        case verdict(Verdict)
        case end
    }

    private let exporter: CustomExporter
    /// The result of the current call.
    private let state = Monitor<Verdict?>(nil)

    init(_ exporter: CustomExporter) {
        self.exporter = exporter
    }

    /// Ends the wait of ``verdict(on:timeout:until:)``, so that it reads the end again.
    func wake() {
        state.change { _ in }
    }

    /// Passes a body to the exporter and waits for the result. After the timeout, the task is cancelled, and the result is still waited
    /// for, because there is only one call at a time.
    func verdict(on body: Body, timeout: Duration?, until end: () -> ContinuousClock.Instant?) -> Verdict {
        let task = exporter.start(body, path: OTLPSignal.metrics.path, nil) { [state] verdict in
            state.change { $0 = verdict }
        }
        let deadline = timeout.map { ContinuousClock.now.advanced(by: $0) }
        var isCancelled = false
        while true {
            let known = end()
            let limit = [isCancelled ? nil : deadline, known].compactMap { $0 }.min()
            let change = state.wait(until: limit) { result -> Change? in
                guard let verdict = result else { return end() == known ? nil : .end }
                result = nil
                return .verdict(verdict)
            }
            if case .verdict(let verdict) = change { return verdict }
            if !isCancelled, let deadline, deadline <= .now {
                task.cancel()
                isCancelled = true
            }
            if let end = end(), end <= .now {
                task.cancel()
                return .again(after: nil, reason: "the exporter has not returned")
            }
        }
    }
}
