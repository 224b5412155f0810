import SpanKitPlatform
import Synchronization

/// A value under a lock that belongs to one process: the child of a fork has none until it makes its own.
///
/// The parent's may stand half-changed in the child, under a lock that a thread holds which does not exist there. So the child
/// neither looks at it nor frees it: connections in it are the parent's to end.
/// Threads: any, at any time.
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

    /// This process's value; nil in the child of a fork that has made none.
    var own: Locked<Value>? {
        let owned = newest.load(ordering: .acquiring).takeUnretainedValue()
        return owned.processID == getpid() ? owned.value : nil
    }

    /// Makes the child's value. Once in a process.
    func makeOwn(_ value: sending Value) {
        newest.store(.passRetained(Owned(value)), ordering: .releasing)
    }
}
