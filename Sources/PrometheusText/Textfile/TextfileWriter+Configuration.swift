import SpanKitRecording

extension TextfileWriter {
    /// The path, interval and labels of a metrics file.
    public struct Configuration: Sendable, Equatable {
        /// The directory of the file: the value of node_exporter's option `--collector.textfile.directory`.
        public var directory: String
        /// The name of the process. The file is `NAME.prom`, with `_` for unsafe characters.
        ///
        /// A second process with the same name writes `NAME-2.prom`, with the label `slot="2"` on all series.
        public var processName: String
        /// The exact name of the file, if the configuration was created with a path; nil otherwise. Other processes can
        /// overwrite such a file.
        public private(set) var fileName: String?
        /// The time between two writes, 15 s by default. node_exporter reads the file at every scrape.
        public var interval = Duration.seconds(15)
        /// Whether every write waits for the disk, so that the file survives a power cut. Off by default.
        public var synchronizes = false
        /// Whether the file is removed when the writer stops, instead of being written one last time.
        ///
        /// node_exporter serves a remaining file forever, with its last values. Keep the file for a batch job, but remove it for
        /// a server. Removing the file loses the counts since the last scrape.
        public var removesFileAtStop = false
        /// The labels that every series in the file gets, unless it has a label with the same name.
        ///
        /// Without them, two programs with an operation of the same name would write the same series, and node_exporter
        /// would serve only one.
        public var constantLabels: [Attribute]

        /// Creates a configuration for a file named after the process, with the label `process="NAME"`.
        public init(directory: String, processName: String) {
            self.directory = directory
            self.processName = processName
            constantLabels = [Attribute("process", .string(processName))]
        }

        /// Creates a configuration for exactly this file. node_exporter only reads it if its name ends with `.prom`.
        public init(path: String) {
            let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
            let directory = path.dropLast(name.utf8.count)
            self.init(
                directory: directory.isEmpty ? "." : String(directory),
                processName: String(name.hasSuffix(".prom") ? name.dropLast(5) : name)
            )
            fileName = name.isEmpty ? nil : String(name)
        }
    }

    /// The numbers of successful and failed writes, and the result of the last one.
    public struct Statistics: Sendable, Equatable {
        /// The number of successful writes.
        public var writeCount: UInt64 = 0
        /// The number of failed writes. Each was tried again after the interval.
        public var failureCount: UInt64 = 0
        /// The size of the last file in bytes.
        public var lastByteCount = 0
        /// Why the last write failed; nil if it succeeded.
        public var lastFailure: String?
        /// The path of the file; nil before the first write.
        public var path: String?
    }
}
