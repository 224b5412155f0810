/// Tells whether a path has other content than before: another file (as after a rename, or behind another symbolic link), another size, or
/// another time of change.
package struct FileStamp: Sendable, Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int64
    private let nanoseconds: Int64

    /// The stamp of the file that the path leads to; nil if no file exists there.
    package init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        size = Int64(status.st_size)
        seconds = status.changed
        nanoseconds = status.changedNanoseconds
    }
}
