import SpanKitRecording

extension TextfileWriter {
    /// Where and how often a textfile is written.
    public struct Configuration: Sendable, Equatable {
        /// What `--collector.textfile.directory` of node_exporter says.
        public var directory: String
        /// What the file is named after: `NAME.prom`, with unsafe characters made `_`.
        ///
        /// A second process of the same name writes `NAME-2.prom` and puts `slot="2"` on all it writes.
        public var processName: String
        /// The exact name of the file, when it was given as a path. Then nobody looks who else writes it.
        public private(set) var fileName: String?
        /// The time between two writes; node_exporter reads the file at every scrape.
        public var interval = Duration.seconds(15)
        /// Whether every write waits for the disk. Metrics of a machine that lost its power are of little use.
        public var synchronizes = false
        /// Whether the file goes when the writer stops, instead of being written a last time.
        ///
        /// A file that stays is served for ever, with the last values: right for a job that has ended, wrong for the
        /// state of a server. A file that goes takes along what was counted since the last scrape.
        public var removesFileAtStop = false
        /// On every series of the file, but where a series has a label of that name already.
        ///
        /// Without them two programs of one machine that have an operation of the same name would write the same series, and
        /// node_exporter would serve only one of them.
        public var constantLabels: [Attribute]

        /// A file in `directory`, named after the process; ``constantLabels`` are `process="NAME"`.
        public init(directory: String, processName: String) {
            self.directory = directory
            self.processName = processName
            constantLabels = [Attribute("process", .string(processName))]
        }

        /// Exactly this file; node_exporter reads it only if its name ends with `.prom`.
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

    /// What a writer has done so far.
    public struct Statistics: Sendable, Equatable {
        /// Files put in place.
        public var writeCount: UInt64 = 0
        /// Attempts that failed; each was tried again at the next interval.
        public var failureCount: UInt64 = 0
        /// The size of the last file.
        public var lastByteCount = 0
        /// Why the last attempt failed, nil when it did not.
        public var lastFailure: String?
        /// The path of the last file, nil before the first.
        public var path: String?
    }
}
