import SpanKitPlatform
import Synchronization

/// A locked value that belongs to one process. A forked child has no value until it sets its own.
///
/// In the child, the parent's value may be in an inconsistent state and locked by a thread that does not exist there.
/// So the child neither reads nor frees it; its connections belong to the parent. All methods are thread-safe.
final class ProcessOwned<Value>: Sendable {
    private final class Owned: Sendable {
        let processID = getpid()
        let value: Locked<Value>

        init(_ value: sending Value) {
            self.value = Locked(value)
        }
    }

    private let newest: Atomic<Unmanaged<Owned>>

    init(_ value: sending Value) {
        newest = Atomic(.passRetained(Owned(value)))
    }

    deinit {
        let newest = newest.load(ordering: .acquiring)
        if newest.takeUnretainedValue().processID == getpid() { newest.release() }
    }

    /// This process's value; nil in a forked child that has not set one.
    var own: Locked<Value>? {
        let owned = newest.load(ordering: .acquiring).takeUnretainedValue()
        return owned.processID == getpid() ? owned.value : nil
    }

    /// Sets the child's value. Call this once in a process.
    func makeOwn(_ value: sending Value) {
        newest.store(.passRetained(Owned(value)), ordering: .releasing)
    }
}
