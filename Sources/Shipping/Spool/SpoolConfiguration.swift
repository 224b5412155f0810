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

    /// The number of spans, or of log records, in the bodies of one folder.
    package static func waitingCount(of signal: OTLPSignal, inFolder path: String) -> Int {
        SpoolFile.spanCount(in: path, signal)
    }

    /// The number of the batch of a body that has its temporary name, from the name of its file; nil for other names. The body is only
    /// complete if the region of its process names this batch as unfinished.
    package static func batch(ofUnfinishedFile name: String) -> UInt64? {
        SpoolDirectory.batch(ofTemporaryFile: name)
    }

    /// The id of the process that created a folder; nil for other names.
    package static func processID(ofFolder path: String) -> Int32? {
        path.split(separator: "/").last?.split(separator: "-").first.flatMap { Int32($0) }
    }

    /// The numbers of spans and of log records in all bodies, and the number of folders with bodies.
    package var waiting: (spanCount: Int, logRecordCount: Int, folderCount: Int) {
        FileSystem.names(in: directory).reduce(into: (spanCount: 0, logRecordCount: 0, folderCount: 0)) { sum, name in
            let spans = Self.waitingCount(of: .traces, inFolder: "\(directory)/\(name)")
            let logRecords = Self.waitingCount(of: .logs, inFolder: "\(directory)/\(name)")
            sum.spanCount += spans
            sum.logRecordCount += logRecords
            if spans + logRecords > 0 { sum.folderCount += 1 }
        }
    }

    /// Creates a configuration with the default limits.
    public init(directory: String) {
        self.directory = directory
    }
}
