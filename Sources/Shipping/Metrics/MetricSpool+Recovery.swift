import SpanKitMetrics
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The metrics of processes that have ended.
extension MetricSpool {
    /// The next body of an ended process that a reader sends.
    func nextLeft(of reader: Int) -> SpoolFile? {
        state.withLock { state in
            guard state.left[reader]?.isEmpty == false else { return nil }
            return state.left[reader]?.removeFirst()
        }
    }

    /// Puts a body back that cannot be read now.
    func putBack(_ file: SpoolFile, of reader: Int) {
        state.withLock { $0.left[reader, default: []].append(file) }
    }

    /// Takes over the metrics of processes that have ended, at most once a minute.
    /// - Parameter count: called with a number of data points that are lost, and why.
    func adopt(_ now: ContinuousClock.Instant, lost: (DropReason, Int) -> Void) {
        let isDue = state.withLock { state in
            guard now >= state.nextAdoption else { return false }
            state.nextAdoption = now.advanced(by: .seconds(60))
            return true
        }
        guard isDue, targets.contains(where: \.isSpooled), FileSystem.isDirectory(folder.root) else { return }
        for name in FileSystem.names(in: folder.root) {
            let path = "\(folder.root)/\(name)"
            guard path != folder.current?.path, FileSystem.isDirectory(path) else { continue }
            switch SpoolDirectory.adopt(path) {
            case .success(let directory?): adopt(directory, lost: lost)
            case .success(nil): continue
            case .failure(let problem):
                guard isNew(problem.path) else { continue }
                log(.warning, "spool: \(problem); the metrics there are not sent yet; check its permissions")
            }
        }
    }

    private func adopt(_ directory: SpoolDirectory, lost: (DropReason, Int) -> Void) {
        recover(directory, lost: lost)
        guard case .success(let files) = directory.bodies() else { return }
        let oldest = UnixTime.seconds() - Int64(clamping: keepsFor.components.seconds)
        var kept: [SpoolFile] = []
        for file in files {
            if (FileSystem.attributes(file.path)?.changed ?? .max) < oldest {
                FileSystem.remove(file.path)
                lost(.spoolExpired, file.spanCount)
            } else {
                kept.append(file)
            }
        }
        guard !kept.isEmpty else { return directory.removeIfEmpty() }
        let points = kept.reduce(0) { $0 + $1.spanCount }
        log(.info, "spool: \(points) \(points == 1 ? "data point" : "data points") of an earlier process will be sent")
        state.withLock { state in
            state.adopted.append(directory)
            for file in kept.sorted(by: { $0.batch < $1.batch }) {
                state.left[target(of: Int(file.batch / Self.batchesOfReader)), default: []].append(file)
            }
        }
    }

    /// The reader of this process that sends what a reader of another process has left: the one with the same number, or the first.
    private func target(of reader: Int) -> Int {
        if targets.indices.contains(reader), targets[reader].isSpooled { return reader }
        return targets.firstIndex(where: \.isSpooled) ?? 0
    }

    /// Makes bodies of what a killed process has counted.
    private func recover(_ directory: SpoolDirectory, lost: (DropReason, Int) -> Void) {
        let path = "\(directory.path)/\(Self.fileName)"
        if FileSystem.exists("\(directory.path)/\(Self.recoveredName)") {
            directory.publish { _ in true }
            return removeCounts(in: directory)
        }
        let states = readStates(in: directory)
        for (reader, state) in states {
            directory.publish {
                $0.batch / Self.batchesOfReader == UInt64(reader) && $0.batch % Self.batchesOfReader <= state.last
            }
            if let replaced = state.replaced { FileSystem.remove("\(directory.path)/\(replaced)") }
        }
        directory.removeTemporaryFiles()
        guard FileSystem.exists(path) else { return removeCounts(in: directory) }
        let left: MetricFileReader
        do { left = try MetricFileReader(path: path) } catch {
            switch error {
            case .unused: FileSystem.remove(path)
            case .damaged:
                log(.warning, "\(path): is damaged; the file is deleted, and what its process counted last is lost")
                FileSystem.remove(path)
            case .otherFormat(let version):
                guard isNew(path) else { return }
                log(
                    .warning,
                    "\(path): has the format \(version & 0xFFFF) of another SpanKit version; its metrics are sent when a process with that version starts"
                )
            case .system(let number):
                guard isNew(path) else { return }
                log(
                    .warning,
                    "\(path): \(FileSystem.describe(number)); its metrics are not sent yet; check its permissions"
                )
            }
            return
        }
        let recovery = MetricRecovery(left, states.mapValues(\.attributes))
        for (reader, metrics) in recovery.metrics {
            let target = targets[target(of: reader)]
            let bodies = MetricBodies(
                format: target.format,
                resource: recovery.process.resource,
                scope: recovery.process.scope,
                limit: target.limit
            )
            let known = directory.lastBatch(of: reader)
            for (number, body) in bodies.bodies(of: metrics, isDelta: true).enumerated() {
                let batch = max(known, UInt64(reader) * Self.batchesOfReader) + UInt64(number) + 1
                guard case .failure(let problem) = directory.write(body.body, batch: batch, synchronously: true) else {
                    continue
                }
                directory.removeTemporaryFiles()
                guard isNew("recover") else { return }
                return log(
                    .warning,
                    "spool: \(problem); the metrics of an earlier process cannot be recovered yet; check the spool's permissions and free space"
                )
            }
        }
        _ = FileSystem.rename(path, "\(directory.path)/\(Self.recoveredName)")
        for remark in recovery.remarks { log(.warning, "\(path): \(remark)") }
        lost(.file, left.lostSeries)
        directory.publish { _ in true }
        removeCounts(in: directory)
    }

    private struct StoredState {
        /// The number of the last body.
        var last: UInt64
        /// The name of a body in whose place others were stored.
        var replaced: String?
        var attributes: [Attribute]
    }

    private func readStates(in directory: SpoolDirectory) -> [Int: StoredState] {
        var states: [Int: StoredState] = [:]
        for name in FileSystem.names(in: directory.path) {
            guard name.hasPrefix("state-"), let reader = Int(name.dropFirst(6)),
                let bytes = try? FileSystem.read("\(directory.path)/\(name)").get(), bytes.count > 4
            else { continue }
            let content = Array(bytes.dropFirst(4))
            let checksum = CRC32C.checksum(content)
            guard withUnsafeBytes(of: checksum.littleEndian, { Array($0) }) == Array(bytes.prefix(4)) else { continue }
            let attributes = content.withUnsafeBytes { Entries($0).attributes { _ in .empty } }
            guard case .int(let last)? = attributes.value("last") else { continue }
            var replaced: String?
            if case .string(let name)? = attributes.value("replaced"), !name.contains("/") { replaced = name }
            states[reader] = StoredState(last: UInt64(max(0, last)), replaced: replaced, attributes: attributes)
        }
        return states
    }
}

extension SpoolDirectory {
    /// The batch of the last body of a reader.
    fileprivate func lastBatch(of reader: Int) -> UInt64 {
        let files = (try? bodies().get()) ?? []
        return files.map(\.batch).filter { $0 / MetricSpool.batchesOfReader == UInt64(reader) }.max() ?? 0
    }
}
