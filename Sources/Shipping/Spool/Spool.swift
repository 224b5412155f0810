import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The spool of this process: its own folder, and the folders that it has taken over from processes that have ended.
///
/// With a spool, every body is a file before it is sent. A process that is killed loses nothing, and only requests that
/// were in flight may be delivered twice. A file that is delivered quickly is deleted before the system writes it to
/// the disk.
///
/// Only the shipper's thread calls ``store(_:stretches:source:journal:in:synchronously:take:)`` and
/// ``adopt(encoder:encoding:compressor:log:)``. Any thread may call the rest.
package final class Spool: Sendable {
    let configuration: SpoolConfiguration
    let own: SpoolDirectory

    private struct State {
        var bytes = 0
        /// The number of destinations that still need a file, if there are several.
        var wanted: [String: Int] = [:]
        var adopted: [SpoolDirectory] = []
        var pieces: UInt64 = 0
        /// Paths that could not be read, which were logged.
        var refused: Set<String> = []
    }

    private let state = Locked(State())

    private init(_ configuration: SpoolConfiguration, own: SpoolDirectory) {
        self.configuration = configuration
        self.own = own
    }

    /// Creates this process's folder.
    static func make(_ configuration: SpoolConfiguration) -> Result<Spool, SystemFailure> {
        SpoolDirectory.make(in: configuration.directory).map { Spool(configuration, own: $0) }
    }

    /// Creates this process's folder, or logs why it cannot.
    package static func make(_ configuration: SpoolConfiguration, _ log: ProfilerLog) -> Spool? {
        switch make(configuration) {
        case .success(let spool): return spool
        case .failure(let problem):
            log(.error, "spool: \(problem); undelivered spans are kept in memory only; check the spool directory")
            return nil
        }
    }

    /// Why no folder can be created and locked in the spool; nil if one can. The check removes what it creates.
    package static func problem(of configuration: SpoolConfiguration) -> String? {
        // A directory that this check creates may not be writable for the user who runs the program.
        let missing = FileSystem.missingDirectories(configuration.directory)
        defer { for path in missing { FileSystem.removeDirectory(path) } }
        switch make(configuration) {
        case .success(let spool):
            spool.close(isDrained: true)
            return nil
        case .failure(let problem):
            return problem.description
        }
    }

    /// The directory with the folders of all processes.
    package var directory: String { configuration.directory }

    /// Opens the file for the recording region; logs why it cannot.
    package func makeRegionFile(_ log: ProfilerLog) -> Int32? {
        let descriptor = own.makeRegionFile()
        if descriptor == nil {
            log(
                .error,
                "spool: \(own.regionPath) cannot be created, so "
                    + "spans in memory do not survive a crash; check the directory's permissions and free space"
            )
        }
        return descriptor
    }

    /// The size of all waiting bodies in bytes.
    var bytes: Int { state.withLock { $0.bytes } }

    // MARK: Storing

    /// Writes the bodies of one batch to files and removes its spans from the log. A crash at any point neither loses
    /// nor duplicates spans (``ConsumptionJournal``).
    /// - Parameters:
    ///   - synchronously: whether the files must survive a power cut, because they will wait for a while.
    ///   - take: removes the stretches from the source.
    func store(
        _ bodies: [Body],
        stretches: [LogStretch],
        source: any RecordSource,
        journal: ConsumptionJournal,
        in directory: SpoolDirectory? = nil,
        synchronously: Bool,
        take: () -> Void
    ) -> Result<[SpoolFile], SystemFailure> {
        let directory = directory ?? own
        let batch = journal.nextBatch
        var files: [SpoolFile] = []
        for body in bodies {
            switch directory.write(body, batch: batch, synchronously: synchronously) {
            case .success(let file): files.append(file)
            case .failure(let problem):
                directory.removeTemporaryFiles()
                return .failure(problem)
            }
        }
        source.mark(stretches, batch: batch)
        journal.begin(batch: batch, stretches)
        for file in files { directory.publish(file) }
        take()
        journal.end()
        if synchronously { FileSystem.synchronize(directory.path) }
        state.withLock { state in state.bytes += files.reduce(0) { $0 + $1.byteCount } }
        return .success(files)
    }

    private static let batchesBeforePieces: UInt64 = 1_000_000_000_000

    /// Stores a part of a body that was too large; nil if the file cannot be written.
    func store(_ part: Body, inPlaceOf file: SpoolFile) -> SpoolFile? {
        var stored: SpoolFile
        repeat {
            // The number of a part is larger than all batch numbers. Parts of parts also get new numbers. In a folder
            // that was taken over, an earlier process may have used the same number, so it is checked.
            let piece = state.withLock { state in
                state.pieces += 1
                return state.pieces % 10_000_000
            }
            let number = Self.batchesBeforePieces * (1 + piece) + file.batch % Self.batchesBeforePieces
            stored = SpoolFile(directory: file.directory, batch: number, part)
        } while FileSystem.attributes(stored.path) != nil
        guard file.directory.write(part, as: stored, synchronously: false) == nil else { return nil }
        file.directory.publish(stored)
        state.withLock { $0.bytes += stored.byteCount }
        return stored
    }

    /// Records that several destinations need a file. It is removed when the last one is done.
    func share(_ file: SpoolFile, among count: Int) {
        guard count > 1 else { return }
        state.withLock { $0.wanted[file.path] = count }
    }

    /// Records that a destination is done with a file.
    func remove(_ file: SpoolFile) {
        let isLast = state.withLock { state in
            let left = (state.wanted[file.path] ?? 1) - 1
            state.wanted[file.path] = left > 0 ? left : nil
            guard left <= 0 else { return false }
            state.bytes -= file.byteCount
            return true
        }
        guard isLast else { return }
        FileSystem.remove(file.path)
        guard file.directory !== own, case .success(let left) = file.directory.bodies(), left.isEmpty else { return }
        dismiss(file.directory)
    }

    private func dismiss(_ directory: SpoolDirectory) {
        directory.removeIfEmpty()
        state.withLock { state in state.adopted.removeAll { $0 === directory } }
    }

    // MARK: Recovery

    /// Whether there are folders that could not be read.
    var hasRefusedFolders: Bool { state.withLock { !$0.refused.isEmpty } }

    /// The spans and log records of processes that have ended.
    struct Inheritance {
        /// Bodies to send, oldest first.
        var files: [SpoolFile] = []
        /// The number of spans that were still open.
        var unfinishedSpans = 0
    }

    /// The formats in which the records of ended processes are encoded.
    struct RecoveryFormats {
        struct Format<RecordEncoder> {
            var encoding: Encoding
            var compressor: GzipCompressor?
            /// Makes an encoder for records of a resource.
            var encoder: (Resource) -> RecordEncoder
        }

        var spans: Format<any SpanEncoder>
        var logRecords: Format<any LogRecordEncoder>
    }

    /// Takes over the folders of processes that have ended, encodes the records in their logs, and returns all bodies.
    func adopt(_ formats: RecoveryFormats, log: ProfilerLog) -> Inheritance {
        var inheritance = Inheritance()
        let names: [String]
        switch FileSystem.listing(of: configuration.directory) {
        case .success(let found): names = found
        case .failure(let problem):
            refuse(problem, log)
            return inheritance
        }
        for name in names {
            let path = "\(configuration.directory)/\(name)"
            guard path != own.path, FileSystem.isDirectory(path) else { continue }
            let directory: SpoolDirectory
            switch SpoolDirectory.adopt(path) {
            case .success(let adopted?): directory = adopted
            case .success(nil): continue
            case .failure(let problem):
                refuse(problem, log)
                continue
            }
            recover(directory, formats, log, &inheritance)
            let files: [SpoolFile]
            switch directory.bodies() {
            case .success(let found): files = found
            case .failure(let problem):
                refuse(problem, log)
                continue
            }
            if files.isEmpty {
                directory.removeIfEmpty()
            } else {
                state.withLock { state in
                    state.adopted.append(directory)
                    state.bytes += files.reduce(0) { $0 + $1.byteCount }
                }
                inheritance.files += files
            }
        }
        return inheritance
    }

    /// Logs once that a path could not be read. It is tried again every minute.
    private func refuse(_ problem: SystemFailure, _ log: ProfilerLog) {
        guard state.withLock({ $0.refused.insert(problem.path).inserted }) else { return }
        log(.warning, "\(problem); the spans there are not sent yet; retrying every minute; check its permissions")
    }

    private func recover(
        _ directory: SpoolDirectory,
        _ formats: RecoveryFormats,
        _ log: ProfilerLog,
        _ inheritance: inout Inheritance
    ) {
        guard FileSystem.attributes(directory.regionPath) != nil else { return directory.removeTemporaryFiles() }
        let region: RegionReader
        do {
            region = try RegionReader(path: directory.regionPath)
        } catch {
            switch error {
            case .unused: FileSystem.remove(directory.regionPath)
            case .otherFormat(let version):
                log(
                    .warning,
                    "\(directory.regionPath): was written by another version of SpanKit (format \(version)) and is kept; run that version with this spool to send its spans"
                )
            case .notARegion:
                log(.warning, "\(directory.regionPath): is damaged; the file is deleted and its spans are lost")
                FileSystem.remove(directory.regionPath)
            case .system(let number):
                log(
                    .warning,
                    "\(directory.regionPath): \(FileSystem.describe(number)); "
                        + "its spans are not sent yet; check the file's permissions"
                )
            }
            return
        }
        if let batch = region.journal.unfinishedBatch { directory.publish(batch: batch) }
        region.rollForward()
        directory.removeTemporaryFiles()
        let resource = Resource(attributes: region.resource)
        if region.exportsSpans {
            let (format, encoder) = (formats.spans, formats.spans.encoder(resource))
            for source in [region, region.openSpans] as [any SpanSource] {
                let recovered = recover(directory, region, source, encoder, .traces, format.encoding, format.compressor)
                {
                    encoder.encode(source, spanLimit: 8_192, byteLimit: 4 * 1_024 * 1_024)
                }
                guard let recovered else { return logUnwritable(directory, .traces, log) }
                if source !== region { inheritance.unfinishedSpans += recovered }
            }
        }
        if region.exportsLogRecords {
            let (format, encoder) = (formats.logRecords, formats.logRecords.encoder(resource))
            let source = region.logRecords
            let recovered = recover(directory, region, source, encoder, .logs, format.encoding, format.compressor) {
                encoder.encode(source, recordLimit: 8_192, byteLimit: 4 * 1_024 * 1_024)
            }
            guard recovered != nil else { return logUnwritable(directory, .logs, log) }
        }
        FileSystem.remove(directory.regionPath)
    }

    /// Writes the records of a source to files.
    /// - Parameter encode: encodes the next records and returns what was read.
    /// - Returns: the number of records; nil if a file cannot be written.
    private func recover(
        _ directory: SpoolDirectory,
        _ region: RegionReader,
        _ source: any RecordSource,
        _ encoder: any RecordEncoder,
        _ signal: OTLPSignal,
        _ encoding: Encoding,
        _ compressor: GzipCompressor?,
        encode: () -> [LogStretch]
    ) -> Int? {
        var count = 0
        while true {
            let stretches = encode()
            guard encoder.spanCount > 0 else {
                // Skips records that cannot be read.
                source.consume(stretches)
                return count
            }
            let body = Body(encoder, encoding, signal, compressor: compressor)
            let stored = store(
                [body],
                stretches: stretches,
                source: source,
                journal: region.journal,
                in: directory,
                synchronously: true
            ) { source.consume(stretches) }
            guard case .success(let files) = stored else { return nil }
            // They are counted again with all bodies of the folder.
            state.withLock { state in state.bytes -= files.reduce(0) { $0 + $1.byteCount } }
            count += body.spanCount
        }
    }

    private func logUnwritable(_ directory: SpoolDirectory, _ signal: OTLPSignal, _ log: ProfilerLog) {
        log(
            .warning,
            "\(directory.path): "
                + "\(signal.noun)s cannot be recovered yet because a file cannot be written; check the directory's permissions and free space"
        )
    }

    // MARK: The end

    /// Releases the locks in a forked child, without changing the parent's folders.
    ///
    /// If a thread of the parent held the lock of the spool's state during the fork, the adopted folders stay locked until the child ends.
    package func releaseInChild() {
        let adopted = state.withLockIfFree { $0.adopted } ?? []
        for directory in adopted + [own] { directory.release() }
    }

    /// Synchronizes the bodies, removes empty folders, and releases the locks. Removes the region if `isDrained`.
    /// - Parameter isDrained: whether the log is empty.
    func close(isDrained: Bool) {
        if isDrained { FileSystem.remove(own.regionPath) }
        let adopted = state.withLock { $0.adopted }
        for directory in adopted + [own] {
            for file in (try? directory.bodies().get()) ?? [] { FileSystem.synchronize(file.path) }
            FileSystem.synchronize(directory.path)
            directory.removeIfEmpty()
            directory.release()
        }
    }
}
