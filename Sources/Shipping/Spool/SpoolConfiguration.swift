import SpanKitPlatform

/// A directory in which spans wait until they are delivered, across restarts and crashes.
public struct SpoolConfiguration: Sendable, Hashable {
    /// The path of the directory, which is created if missing. Several processes can share it: each has its own folder,
    /// and takes over the folders of processes that have ended.
    public var directory: String
    /// The maximum total size of waiting request bodies in bytes, 512 MiB by default. Beyond it, the oldest spans are
    /// dropped and counted.
    public var maximumBytes = 512 * 1_024 * 1_024
    /// The longest time that spans wait, 48 hours by default. After that they are dropped and counted.
    public var keepsFor = Duration.seconds(48 * 3_600)

    /// The name of the recording region in the folder of a process.
    package static let regionFileName = "region"

    /// The number of spans in the bodies of one folder.
    package static func waitingSpanCount(inFolder path: String) -> Int { SpoolFile.spanCount(in: path) }

    /// The id of the process that created a folder; nil for other names.
    package static func processID(ofFolder path: String) -> Int32? {
        path.split(separator: "/").last?.split(separator: "-").first.flatMap { Int32($0) }
    }

    /// The number of spans in all bodies, and the number of folders with bodies.
    package var waiting: (spanCount: Int, folderCount: Int) {
        let counts = FileSystem.names(in: directory).map { SpoolFile.spanCount(in: "\(directory)/\($0)") }
        return (counts.reduce(0, +), counts.count { $0 > 0 })
    }

    /// Creates a configuration with the default limits.
    public init(directory: String) {
        self.directory = directory
    }
}
