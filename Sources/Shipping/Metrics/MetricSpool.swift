import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// The metrics in the spool: the counts of this process's instruments in a memory-mapped file, the bodies of deltas that were not
/// acknowledged yet, and what processes that have ended left there.
///
/// The folder of a process is `metrics/PID-RANDOM` in the spool, with a lock as for spans (``SpoolDirectory``). It contains:
/// - `metrics`: the counts (``MetricFile``), created by the first instrument that counts.
/// - bodies of deltas, by reader: number 3 of reader 1 has the batch 1,000,000,000,003 in its name (``SpoolFile``).
/// - `state-1`: the values up to which reader 1 has sent deltas (``DeltaState``), and the number of its last body.
///
/// **Nothing is lost or doubled when the process is killed.** The steps of a delta export are: write the bodies under temporary names →
/// replace `state-1` → rename the bodies → send them → remove each after its answer. If the process is killed before
/// the second step, the deltas are still in `metrics`, because the old state is in force. If it is killed after that
/// step, the bodies are complete: the next process renames those up to the number in `state-1` and sends the same
/// bytes. A request in flight may arrive twice, with the same bytes, as for spans. If the bodies or the state cannot be
/// written, the reader is first noted in `metrics` as one whose deltas are not known; then the bodies are sent from
/// memory. Cumulative values need no state.
///
/// The steps of the recovery are: make the bodies of the last counts under temporary names → rename `metrics` to `recovered` → rename
/// the bodies → remove the rest. If the process is killed before the second step, the recovery starts again; if it is
/// killed later, the recovery continues.
package final class MetricSpool: Sendable {
    /// The name of the file with the counts.
    package static let fileName = "metrics"
    static let recoveredName = "recovered"
    static let batchesOfReader: UInt64 = 1_000_000_000_000

    /// A reader of this process.
    struct Target: Sendable {
        let configuration: MetricReaderConfiguration
        let format: BodyFormat
        let limit: Int
    }

    /// The memory for the counts of the process's instruments.
    package let file: MetricFile
    let folder: MetricFolder
    let targets: [Target]
    let keepsFor: Duration
    let log: ProfilerLog

    struct State {
        var adopted: [SpoolDirectory] = []
        /// The bodies of processes that have ended, by the reader that will send them.
        var left: [Int: [SpoolFile]] = [:]
        var nextAdoption = ContinuousClock.now
        /// The number of each reader's last body.
        var lastBodies: [Int: UInt64] = [:]
        var finished: Set<Int> = []
        var hasUnsent = false
        var said: Set<String> = []
    }

    let state = Locked(State())

    /// Returns nil if the system refuses address space for the file.
    /// - Parameters:
    ///   - resource: the resource of this process.
    ///   - readers: the readers of this process, in the order of their numbers.
    package init?(
        _ configuration: SpoolConfiguration,
        resource: Resource,
        scope: InstrumentationScope,
        readers: [MetricReaderConfiguration],
        log: ProfilerLog
    ) {
        let folder = MetricFolder("\(configuration.directory)/metrics")
        let process = ProcessFacts(resource: resource, scope: scope, readers: readers.map { ReaderFacts($0) })
        guard let file = MetricFile(process: process.attributes, open: { folder.makeFile() }) else { return nil }
        self.folder = folder
        self.file = file
        self.log = log
        targets = readers.map { Target($0) }
        keepsFor = configuration.keepsFor
        if !targets.contains(where: \.isSpooled) { sweep() }
    }

    /// Removes the counts of ended processes that had no readers, because they are not sent.
    private func sweep() {
        for name in FileSystem.names(in: folder.root) {
            guard case .success(let directory?) = SpoolDirectory.adopt("\(folder.root)/\(name)") else { continue }
            let left = try? MetricFileReader(path: "\(directory.path)/\(Self.fileName)")
            if let left, !ProcessFacts(left.process).readers.contains(where: \.isSpooled) {
                removeCounts(in: directory)
                directory.removeIfEmpty()
            }
            directory.release()
        }
    }

    // MARK: This process

    /// Notes that the process is alive, and says once if counts are not in the file.
    ///
    /// The lines are not written where the problem occurs, because the program's log may use instruments, whose locks are held there.
    func beat() {
        file.noteAlive(UnixTime.nanoseconds())
        if let problem = folder.problem, isNew("folder") {
            log(
                .error,
                "spool: \(problem); what instruments count does not survive a crash; check the directory's permissions and free space"
            )
        }
        let outside = file.outsideCount
        guard outside > 0, isNew("outside") else { return }
        log(
            .warning,
            "spool: the file of the metrics cannot grow, so what \(outside) or more series count is lost if the process is killed; "
                + "check the spool's free space and the number of series"
        )
    }

    func isNew(_ remark: String) -> Bool {
        state.withLock { $0.said.count < 100 && $0.said.insert(remark).inserted }
    }

    /// Notes that a reader has collected the metrics.
    func noteCollection(_ time: Int64, of reader: Int) {
        file.noteCollection(time, of: reader)
    }

    /// Stores bodies with deltas, and the state from which the next deltas are computed.
    /// - Parameter replaced: a stored body whose parts these are.
    /// - Returns: the bodies with their files; without files if they could not be stored.
    func store(
        _ bodies: [MetricBody],
        _ deltas: DeltaState,
        of reader: Int,
        inPlaceOf replaced: SpoolFile? = nil
    ) -> [MetricBody] {
        guard file.exists, let own = folder.current else { return bodies }
        var stored: [MetricBody] = []
        var problem: SystemFailure?
        for var body in bodies where problem == nil {
            switch own.write(body.body, batch: nextBatch(of: reader), synchronously: false) {
            case .success(let file):
                body.file = file
                stored.append(body)
            case .failure(let failure): problem = failure
            }
        }
        let files = stored.compactMap(\.file)
        let last = state.withLock { $0.lastBodies[reader] ?? 0 }
        let facts =
            [Attribute("last", .int(Int64(clamping: last)))]
            + (replaced.map { [Attribute("replaced", .string($0.name))] } ?? [])
        problem = problem ?? own.replace("state-\(reader)", with: Self.sealed(facts + deltas.attributes))
        if let problem {
            for file in files { own.discard(file) }
            // The note is written before the bodies are sent.
            file.note(.unknownDeltas, of: reader)
            if isNew("store") {
                log(
                    .warning,
                    "spool: \(problem); deltas are sent from memory, so that the last ones are lost if the process is killed; "
                        + "check the spool's permissions and free space"
                )
            }
            return bodies
        }
        for file in files { own.publish(file) }
        file.note(.active, of: reader)
        if let replaced { FileSystem.remove(replaced.path) }
        return stored
    }

    private func nextBatch(of reader: Int) -> UInt64 {
        state.withLock { state in
            state.lastBodies[reader, default: 0] += 1
            return UInt64(reader) * Self.batchesOfReader + (state.lastBodies[reader] ?? 0)
        }
    }

    /// A checksum and attributes as entries.
    private static func sealed(_ attributes: [Attribute]) -> [UInt8] {
        var entries = EntryBytes()
        entries.write(attributes)
        return withUnsafeBytes(of: CRC32C.checksum(entries.storage).littleEndian) { Array($0) } + entries.storage
    }

    /// Removes the file of a body that needs no further attempt.
    func remove(_ file: SpoolFile) {
        FileSystem.remove(file.path)
        guard file.directory !== folder.current, case .success(let left) = file.directory.bodies(), left.isEmpty else {
            return
        }
        file.directory.removeIfEmpty()
        state.withLock { state in state.adopted.removeAll { $0 === file.directory } }
    }

    /// Notes that a reader of this process has ended. After the last one, the folder is removed or left to the next process.
    /// - Parameter isDelivered: whether the receiver has everything that the reader has read.
    func finish(_ reader: Int, isDelivered: Bool) {
        if isDelivered { file.note(.finished, of: reader) }
        let isLast = state.withLock { state in
            state.finished.insert(reader)
            if !isDelivered { state.hasUnsent = true }
            return targets.indices.allSatisfy { state.finished.contains($0) || !targets[$0].isSpooled }
        }
        if isLast { close() }
    }

    /// Removes the counts if nothing has to be sent any more, and releases the folders.
    package func close() {
        // In a forked child, the folders belong to the parent.
        guard file.isOfThisProcess else { return }
        beat()
        let (adopted, hasUnsent) = state.withLock { state in
            defer { state.adopted = [] }
            return (state.adopted, state.hasUnsent)
        }
        if let own = folder.current {
            if !hasUnsent { removeCounts(in: own) }
            own.removeIfEmpty()
            own.release()
        }
        for directory in adopted {
            directory.removeIfEmpty()
            directory.release()
        }
        FileSystem.removeDirectory(folder.root)
    }

    func removeCounts(in directory: SpoolDirectory) {
        for name in FileSystem.names(in: directory.path)
        where name == Self.fileName || name == Self.recoveredName || name.hasPrefix("state-") {
            FileSystem.remove("\(directory.path)/\(name)")
        }
    }

    /// Releases the lock in a forked child, without changing the parent's folders.
    package func releaseInChild() { folder.releaseInChild() }
}

extension MetricSpool.Target {
    init(_ configuration: MetricReaderConfiguration) {
        self.configuration = configuration
        switch configuration.exporter {
        case .otlp(let exporter):
            limit = exporter.bodyBytes
            format = BodyFormat(.otlp(exporter.encoding), gzipLevel: exporter.compression.level)
        case .custom(let exporter): (format, limit) = (exporter.format, exporter.bodyBytes)
        case .linesFile: (format, limit) = (BodyFormat(.otlp(.json)), .max)
        case .console: (format, limit) = (BodyFormat(.console), .max)
        }
    }

    /// Whether its bodies can be sent later. Those for files and the console are written at once.
    var isSpooled: Bool { if case .otlp = configuration.exporter { true } else { false } }
}
