import Dispatch
import Foundation
import SpanKitPlatform
import Synchronization

/// Turns Ctrl-C and SIGTERM into a call of a closure, so that a run can end in an orderly way.
///
/// A second signal ends the process at once. A signal that was ignored when the process started (`nohup`) stays ignored.
package final class TerminationSignals: Sendable {
    private struct State {
        var signalNumber: Int32?
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    /// The first signal that was received; `nil` before that.
    package var signalNumber: Int32? { state.withLock { $0.signalNumber } }

    /// Starts listening. From then on, the first signal does not end the process.
    package func listen() {
        let queue = DispatchQueue(label: "spankit.signals")
        for number in [SIGINT, SIGTERM] where !isIgnored(signal: number) {
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            let isListening = DispatchSemaphore(value: 0)
            source.setRegistrationHandler { isListening.signal() }
            source.setEventHandler { [self] in
                // The handler keeps its own source alive until the process ends.
                withExtendedLifetime(source) { received(number) }
            }
            // Until the source listens, a signal ends the process. If it were ignored, it would be lost.
            source.resume()
            isListening.wait()
        }
    }

    /// Sets the closure that the first signal calls. Calls it at once if a signal was already received.
    package func onFirst(_ cancel: @escaping @Sendable () -> Void) {
        let hasCome = state.withLock { state in
            state.cancel = cancel
            return state.signalNumber != nil
        }
        if hasCome { cancel() }
    }

    private func received(_ number: Int32) {
        let (isFirst, cancel) = state.withLock { state in
            let isFirst = state.signalNumber == nil
            if isFirst { state.signalNumber = number }
            return (isFirst, state.cancel)
        }
        guard isFirst else { _exit(128 + number) }
        cancel?()
    }
}
