import SpanKitPlatform

/// A process's claim on a file name, so that two processes of one name do not overwrite each other's file in turn.
///
/// A lock on a hidden file beside it, which the system takes back when the process ends, however it ends.
final class NameClaim: Sendable {
    let file: AtomicFile
    /// 1 for the first process of a name, 2 for the second…
    let slot: Int
    private let descriptor: Int32

    private init(file: AtomicFile, slot: Int, descriptor: Int32) {
        self.file = file
        self.slot = slot
        self.descriptor = descriptor
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static let maximumSlots = 64

    /// Claims the first name that no other process holds, and removes the files of those after it that nobody holds.
    static func claim(_ name: String, in directory: String) throws(SystemFailure) -> NameClaim {
        for slot in 1...maximumSlots {
            guard let claim = try claim(name, slot: slot, in: directory) else { continue }
            removeAbandoned(name, after: slot, in: directory)
            return claim
        }
        throw SystemFailure("\(directory)/\(name)", EBUSY)
    }

    /// A name that is taken as it is, whoever else may write it.
    static func unchecked(_ name: String, in directory: String) -> NameClaim {
        NameClaim(file: AtomicFile(directory: directory, name: name), slot: 1, descriptor: -1)
    }

    /// Nil when another process holds it.
    private static func claim(_ name: String, slot: Int, in directory: String) throws(SystemFailure) -> NameClaim? {
        let file = AtomicFile(directory: directory, name: TextfileName.name(name, slot: slot))
        let descriptor = open(lockPath(of: file), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw SystemFailure(file.path, errno) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            return nil
        }
        // Where the file system knows no locks, the name is taken as it is.
        return NameClaim(file: file, slot: slot, descriptor: descriptor)
    }

    /// What a second process left behind would be served for ever.
    private static func removeAbandoned(_ name: String, after slot: Int, in directory: String) {
        for later in (slot + 1)..<(maximumSlots + 1) {
            let file = AtomicFile(directory: directory, name: TextfileName.name(name, slot: later))
            guard FileSystem.exists(lockPath(of: file)) else { break }
            guard let claim = try? claim(name, slot: later, in: directory) else { continue }
            try? claim.file.remove()
        }
    }

    private static func lockPath(of file: AtomicFile) -> String {
        "\(file.directory)/.\(file.name).lock"
    }
}

extension SystemFailure {
    /// What a person can do, for a directory that should take a file.
    func advice(directory: String) -> String {
        switch code {
        case ENOENT: "the directory \(directory) does not exist; create it"
        case ENOTDIR: "\(directory) is not a directory; choose another"
        case EACCES, EPERM: "no permission to write into \(directory); give it to this user or choose another"
        case EROFS: "\(directory) is on a file system that is read-only; choose another"
        case ENOSPC, EDQUOT: "no space is left in \(directory); free some"
        case EISDIR: "a directory has the name of the file; move it away"
        case ENAMETOOLONG: "the name is too long; choose a shorter one"
        default: String(cString: strerror(code))
        }
    }
}
