import SpanKitPlatform
import Synchronization

/// The folder of one process in the spool: `lock`, `region` (the log, shared with the process's memory) and bodies.
///
/// Whoever holds the lock owns the folder; the system takes the lock from a process that is gone. Belongs to one thread at a
/// time, but for ``remove(_:)``, which any may call.
final class SpoolDirectory: Sendable {
    let path: String
    /// The open lock file; -1 once it is given up. Atomic, so that the child of a fork can give it up whoever was doing so.
    private let lock: Atomic<Int32>

    private init(path: String, lock: Int32) {
        self.path = path
        self.lock = Atomic(lock)
    }

    deinit { release() }

    /// Lets another process, or another exporter of this one, take the folder over.
    func release() {
        let descriptor = lock.exchange(-1, ordering: .acquiringAndReleasing)
        if descriptor >= 0 { close(descriptor) }
    }

    var regionPath: String { "\(path)/\(SpoolConfiguration.regionFileName)" }

    /// Makes a folder of its own for this process.
    static func make(in root: String) -> Result<SpoolDirectory, SystemFailure> {
        if let problem = FileSystem.makeDirectory(root) { return .failure(.init(root, problem)) }
        var random = SystemRandomNumberGenerator()
        var taken = SystemFailure(root, EWOULDBLOCK)
        // Until it is locked, another process may take a new folder for one that was left behind, and remove it: then another one.
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

    /// Takes over a folder; nil for one that somebody owns, or that is none of a spool.
    static func adopt(_ path: String) -> Result<SpoolDirectory?, SystemFailure> {
        own(path, making: false)
    }

    /// Whether a process that is alive owns the folder.
    static func isOwned(_ path: String) -> Bool {
        let descriptor = open("\(path)/lock", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0
    }

    private static func own(_ path: String, making: Bool) -> Result<SpoolDirectory?, SystemFailure> {
        let descriptor = open("\(path)/lock", O_RDWR | O_CLOEXEC | (making ? O_CREAT : 0), 0o600)
        guard descriptor >= 0 else {
            return errno == ENOENT && !making ? .success(nil) : .failure(.init("\(path)/lock", errno))
        }
        // Its last owner may have removed the folder between our opening and our locking.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, access("\(path)/lock", F_OK) == 0 else {
            close(descriptor)
            return .success(nil)
        }
        return .success(SpoolDirectory(path: path, lock: descriptor))
    }

    /// Opens a new region file; nil when it cannot be made.
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

    /// Throws away what was being written when the last owner ended.
    func removeTemporaryFiles() {
        for name in FileSystem.names(in: path) where name.hasPrefix(Self.temporary) {
            FileSystem.remove("\(path)/\(name)")
        }
    }

    /// Writes a body under a temporary name; ``publish(_:)`` gives it its own.
    /// - Parameter synchronously: whether it is to survive a power cut.
    func write(_ body: Body, batch: UInt64, synchronously: Bool) -> Result<SpoolFile, SystemFailure> {
        let file = SpoolFile(directory: self, batch: batch, body)
        return write(body, as: file, synchronously: synchronously).map { .failure($0) } ?? .success(file)
    }

    /// Writes the body of a file under the temporary name.
    func write(_ body: Body, as file: SpoolFile, synchronously: Bool) -> SystemFailure? {
        body.bytes.withUnsafeBytes {
            FileSystem.write($0, to: temporaryPath(of: file), synchronously: synchronously)
        }.map { SystemFailure(path, $0) }
    }

    /// Gives a body its name: from now on it is there, whatever happens to the process.
    func publish(_ file: SpoolFile) {
        _ = FileSystem.rename(temporaryPath(of: file), file.path)
    }

    /// Publishes the temporary file of a batch, whatever its name says otherwise. For a batch whose journal was begun.
    func publish(batch: UInt64) {
        for name in FileSystem.names(in: path) where name.hasPrefix(Self.temporary) {
            let own = String(name.dropFirst(Self.temporary.count))
            guard SpoolFile(directory: self, name: own, byteCount: 0)?.batch == batch else { continue }
            _ = FileSystem.rename("\(path)/\(name)", "\(path)/\(own)")
        }
    }

    /// Removes the folder if nothing is left in it.
    func removeIfEmpty() {
        // A folder without its lock would be nobody's: not where it cannot be looked into.
        guard case .success(let names) = FileSystem.listing(of: path), names.allSatisfy({ $0 == "lock" }) else {
            return
        }
        FileSystem.remove("\(path)/lock")
        FileSystem.removeDirectory(path)
    }

    private static let temporary = ".writing-"

    private func temporaryPath(of file: SpoolFile) -> String {
        "\(path)/\(Self.temporary)\(file.name)"
    }
}
