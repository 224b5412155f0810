#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps recording right across `fork`: the child starts empty, with ids of its own, and the parent's spans stay the parent's.
///
/// Every lock of every recorder is taken before the fork and given back on both sides, so that none is held in the child by a
/// thread that does not exist there, and nothing is copied half-changed.
enum ForkHook {
    private static let isInstalled: Bool =
        pthread_atfork({ Recorder.prepareForFork() }, { Recorder.forkedInParent() }, { Recorder.forkedInChild() }) == 0

    static func install() {
        _ = isInstalled
    }
}
