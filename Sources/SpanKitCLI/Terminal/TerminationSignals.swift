import Dispatch
import Foundation
import Synchronization

/// Turns Ctrl-C and SIGTERM into the cancellation of a task, so that a run can end in good order.
///
/// The second signal ends the process at once. A signal that was ignored when the process started (`nohup`) stays ignored.
final class TerminationSignals: Sendable {
    private let received = Atomic<Int32>(0)

    /// The first signal that came; nil while none has.
    var signalNumber: Int32? {
        let number = received.load(ordering: .acquiring)
        return number == 0 ? nil : number
    }

    /// Starts to listen.
    /// - Parameter cancel: called once, on a thread of its own, when the first signal comes.
    func listen(_ cancel: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "spankit.signals")
        for number in [SIGINT, SIGTERM] where !Self.isIgnored(number) {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [self] in
                let isFirst = received.compareExchange(
                    expected: 0, desired: number, ordering: .acquiringAndReleasing
                ).exchanged
                guard isFirst else { _exit(128 + number) }
                // The handler holds its own source: signals are listened for until the process ends.
                withExtendedLifetime(source) { cancel() }
            }
            source.resume()
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        // SIG_IGN is the address 1; function pointers cannot be compared in Swift.
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }
}
