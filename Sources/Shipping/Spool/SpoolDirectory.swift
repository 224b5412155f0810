import SpanKitPlatform
import Synchronization

/// The folder of one process in the spool. It contains `lock`, `region` (the memory-mapped span log) and bodies.
///
/// The process that holds the lock owns the folder. The system releases the lock when the process ends. Used by one
/// thread at a time, except ``release()``.
final class SpoolDirectory: Sendable {
    let path: String
    /// The descriptor of the lock file; -1 after its release. Atomic, so that a forked child can release it at any
    /// time.
    private let lock: Atomic<Int32>

    private init(path: String, lock: Int32) {
        self.path = path
        self.lock = Atomic(lock)
    }

    deinit { release() }

    /// Releases the folder, so that another process or exporter can take it over.
    func release() {
        let descriptor = lock.exchange(-1, ordering: .acquiringAndReleasing)
        if descriptor >= 0 { close(descriptor) }
    }

    var regionPath: String { "\(path)/\(SpoolConfiguration.regionFileName)" }

    /// Creates a folder for this process.
    static func make(in root: String) -> Result<SpoolDirectory, SystemFailure> {
        if let problem = FileSystem.makeDirectory(root) { return .failure(.init(root, problem)) }
        var random = SystemRandomNumberGenerator()
        var taken = SystemFailure(root, EWOULDBLOCK)
        // Before a new folder is locked, another process may take it for an abandoned one and remove it. In that case,
        // another name is tried.
        for _ in 0..<10 {
            let path = "\(root)/\(getpid())-\(String(random.next() as UInt32, radix: 16))"
            if let problem = FileSystem.makeDirectory(path) { return .failure(.init(path, problem)) }
            switch own(path, making: true) {
            case .success(let directory?): return .success(directory)
            case .success(nil): taken = SystemFailure(path, EWOULDBLOCK)
            case .failure(let problem) where problem.code == ENOENT: taken = problem
            case .failure(let problem): return .failure(problem)
            }
        }
        return .failure(taken)
    }

    /// Takes over a folder; nil if another process owns it, or if it has no lock file.
    static func adopt(_ path: String) -> Result<SpoolDirectory?, SystemFailure> {
        own(path, making: false)
    }

    private static func own(_ path: String, making: Bool) -> Result<SpoolDirectory?, SystemFailure> {
        let descriptor = open("\(path)/lock", O_RDWR | O_CLOEXEC | (making ? O_CREAT : 0), 0o600)
        guard descriptor >= 0 else {
            return errno == ENOENT && !making ? .success(nil) : .failure(.init("\(path)/lock", errno))
        }
        // Its last owner may have removed the folder before it was locked here.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, access("\(path)/lock", F_OK) == 0 else {
            close(descriptor)
            return .success(nil)
        }
        return .success(SpoolDirectory(path: path, lock: descriptor))
    }

    /// Creates the region file; nil if that fails.
    func makeRegionFile() -> Int32? {
        let descriptor = open(regionPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        return descriptor >= 0 ? descriptor : nil
    }

    /// The bodies in the folder, oldest first.
    func bodies() -> Result<[SpoolFile], SystemFailure> {
        FileSystem.listing(of: path).map { names in
            names.compactMap { name in
                guard let (bytes, _) = FileSystem.attributes("\(path)/\(name)") else { return nil }
                return SpoolFile(directory: self, name: name, byteCount: bytes)
            }
        }
    }

    /// Removes the files that the last owner had not finished.
    func removeTemporaryFiles() {
        for name in FileSystem.names(in: path) where name.hasPrefix(Self.temporary) {
            FileSystem.remove("\(path)/\(name)")
        }
    }

    /// Writes a body under a temporary name, for ``publish(_:)``.
    /// - Parameter synchronously: whether the file must survive a power cut.
    func write(_ body: Body, batch: UInt64, synchronously: Bool) -> Result<SpoolFile, SystemFailure> {
        let file = SpoolFile(directory: self, batch: batch, body)
        return write(body, as: file, synchronously: synchronously).map { .failure($0) } ?? .success(file)
    }

    /// Writes a body under the temporary name of a file.
    func write(_ body: Body, as file: SpoolFile, synchronously: Bool) -> SystemFailure? {
        body.bytes.withUnsafeBytes {
            FileSystem.write($0, to: temporaryPath(of: file), synchronously: synchronously)
        }.map { SystemFailure(path, $0) }
    }

    /// Renames a written file to its final name. From now on it survives a crash.
    func publish(_ file: SpoolFile) {
        _ = FileSystem.rename(temporaryPath(of: file), file.path)
    }

    /// Publishes the temporary files of a batch that the journal names as unfinished.
    func publish(batch: UInt64) { publish { $0.batch == batch } }

    /// Publishes the temporary files of some bodies.
    func publish(where condition: (SpoolFile) -> Bool) {
        for name in FileSystem.names(in: path) where name.hasPrefix(Self.temporary) {
            let own = String(name.dropFirst(Self.temporary.count))
            guard let file = SpoolFile(directory: self, name: own, byteCount: 0), condition(file) else { continue }
            publish(file)
        }
    }

    /// Removes the temporary file of a body.
    func discard(_ file: SpoolFile) { FileSystem.remove(temporaryPath(of: file)) }

    /// Replaces a file as a whole.
    func replace(_ name: String, with bytes: [UInt8]) -> SystemFailure? {
        let temporary = "\(path)/\(Self.temporary)\(name)"
        let problem =
            bytes.withUnsafeBytes { FileSystem.write($0, to: temporary) }
            ?? FileSystem.rename(temporary, "\(path)/\(name)")
        return problem.map { SystemFailure(path, $0) }
    }

    /// Removes the folder if it contains only its lock.
    func removeIfEmpty() {
        // A folder that cannot be listed is kept with its lock file: without that file, no process would take it over.
        guard case .success(let names) = FileSystem.listing(of: path), names.allSatisfy({ $0 == "lock" }) else {
            return
        }
        FileSystem.remove("\(path)/lock")
        FileSystem.removeDirectory(path)
    }

    /// The number of the batch of a temporary file; nil for other names.
    static func batch(ofTemporaryFile name: String) -> UInt64? {
        guard name.hasPrefix(temporary) else { return nil }
        return UInt64(name.dropFirst(temporary.count).prefix { $0.isNumber })
    }

    private static let temporary = ".writing-"

    private func temporaryPath(of file: SpoolFile) -> String {
        "\(path)/\(Self.temporary)\(file.name)"
    }
}
