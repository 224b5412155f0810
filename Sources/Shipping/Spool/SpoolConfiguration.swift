import SpanKitPlatform

/// Keeps spans on disk until they are delivered, across restarts and crashes.
public struct SpoolConfiguration: Sendable, Hashable {
    /// Made where it does not exist. Several processes may share it: each has a folder of its own in it, and takes over those of
    /// processes that are gone.
    public var directory: String
    /// Bytes of bodies that wait in it at most; the oldest goes first. 512 MiB by default.
    public var maximumBytes = 512 * 1_024 * 1_024
    /// How long bodies wait in it at most. 48 hours by default.
    public var keepsFor = Duration.seconds(48 * 3_600)

    /// The name that the recording of a process has in its folder.
    package static let regionFileName = "region"

    /// The spans that wait in bodies in the folder of one process.
    package static func waitingSpanCount(inFolder path: String) -> Int { SpoolFile.spanCount(in: path) }

    /// The process that a folder of a spool belongs or belonged to; nil for other names.
    package static func processID(ofFolder path: String) -> Int32? {
        path.split(separator: "/").last?.split(separator: "-").first.flatMap { Int32($0) }
    }

    /// The spans that wait in bodies, and the folders of processes that hold some.
    package var waiting: (spanCount: Int, folderCount: Int) {
        let counts = FileSystem.names(in: directory).map { SpoolFile.spanCount(in: "\(directory)/\($0)") }
        return (counts.reduce(0, +), counts.count { $0 > 0 })
    }

    /// Creates a configuration with the defaults.
    public init(directory: String) {
        self.directory = directory
    }
}
