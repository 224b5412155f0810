import SpanKitPlatform

/// The file behind a region, as far as the region grows: blocks stand on disk before the first byte is written, because a page of
/// a sparse file that finds the disk full ends the process (SIGBUS).
///
/// A disk that refuses is asked again a second later, not for every span.
struct RegionFile {
    static let retryNanoseconds: UInt64 = 1_000_000_000

    /// -1 where the region is in no file, or no longer grows in it.
    var descriptor: Int32 {
        get { cell.pointee }
        nonmutating set { cell.pointee = newValue }
    }
    /// Where the descriptor is kept, so that the child of a fork can give the file up without Swift. Never freed, as the region is not.
    let cell: UnsafeMutablePointer<Int32>
    private var nextTry: UInt64 = 0

    init(descriptor: Int32) {
        cell = .allocate(capacity: 1)
        cell.initialize(to: descriptor)
    }

    /// Makes sure that `count` bytes can be written at `offset`; false when the disk has no room.
    /// - Parameter now: monotonic nanoseconds.
    mutating func makeRoom(at offset: Int, _ count: Int, now: @autoclosure () -> UInt64) -> Bool {
        guard descriptor >= 0 else { return true }
        let now = now()
        guard now >= nextTry else { return false }
        var problem: Int32
        repeat { problem = posix_fallocate(descriptor, off_t(offset), off_t(count)) } while problem == EINTR
        nextTry = problem == 0 ? 0 : now &+ Self.retryNanoseconds
        return problem == 0
    }
}
