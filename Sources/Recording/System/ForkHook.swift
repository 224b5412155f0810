import CSystem

/// Keeps recording right across `fork`: the child starts empty, with ids of its own, and the parent's spans stay the parent's.
///
/// Every lock of every recorder is taken before the fork and given back on both sides, so that none is held in the child by a
/// thread that does not exist there, and nothing is copied half-changed. What happens after the fork is in `ForkHandlers.c`,
/// where no Swift runs; ``Recorder/becomeOwn()`` does the rest when the child uses a recorder first.
enum ForkHook {
    private static let isInstalled: Bool = spankit_on_fork { Recorder.prepareForFork() }

    static func install() {
        _ = isInstalled
    }
}
