import SpanKitPlatform

/// A process's exclusive right to write a file, so that two processes with the same name do not overwrite each other's
/// file.
///
/// The claim is a lock on a hidden file in the same directory. The system releases it when the process ends, even after
/// a crash.
final class NameClaim: Sendable {
    let file: AtomicFile
    /// 1 for the first process with a name, 2 for the second, and so on.
    let slot: Int
    private let descriptor: Int32

    private init(file: AtomicFile, slot: Int, descriptor: Int32) {
        self.file = file
        self.slot = slot
        self.descriptor = descriptor
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static let maximumSlots = 64

    /// Claims the first name that no other process holds, and removes files with later names that no process holds.
    static func claim(_ name: String, in directory: String) throws(SystemFailure) -> NameClaim {
        for slot in 1...maximumSlots {
            guard let claim = try claim(name, slot: slot, in: directory) else { continue }
            removeAbandoned(name, after: slot, in: directory)
            return claim
        }
        throw SystemFailure("\(directory)/\(name)", EBUSY)
    }

    /// A claim on exactly this name, without a lock.
    static func unchecked(_ name: String, in directory: String) -> NameClaim {
        NameClaim(file: AtomicFile(directory: directory, name: name), slot: 1, descriptor: -1)
    }

    /// Nil if another process holds the name.
    private static func claim(_ name: String, slot: Int, in directory: String) throws(SystemFailure) -> NameClaim? {
        let file = AtomicFile(directory: directory, name: TextfileName.name(name, slot: slot))
        let descriptor = open(lockPath(of: file), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw SystemFailure(file.path, errno) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            return nil
        }
        // A file system without locks gives no protection, but the file can be written.
        return NameClaim(file: file, slot: slot, descriptor: descriptor)
    }

    /// Removes files of processes that have ended. node_exporter would serve them forever.
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
    /// The failure in words and what to do, for a directory that a file is written to.
    func advice(directory: String) -> String {
        switch code {
        case ENOENT: "the directory \(directory) does not exist; create it"
        case ENOTDIR: "\(directory) is not a directory; choose another"
        case EACCES, EPERM:
            "no permission to write into \(directory); "
                + "grant this user write access or choose another directory"
        case EROFS: "\(directory) is on a file system that is read-only; choose another"
        case ENOSPC, EDQUOT: "no space is left in \(directory); free some"
        case EISDIR: "a directory has the name of the file; move it away"
        case ENAMETOOLONG: "the name is too long; choose a shorter one"
        case EBUSY:
            "every file name that this process could use in \(directory) is taken by another process; choose another process name"
        default: FileSystem.describe(code)
        }
    }
}

/// Makes file names from the names of processes.
enum TextfileName {
    /// `NAME.prom`. Characters other than letters, digits, `.`, `-` and `_` become `_`. Never a hidden file and never a
    /// path.
    static func name(forProcess process: String) -> String {
        var bytes = process.utf8.prefix(100).map { byte -> UInt8 in
            let isKept = MetricName.isNameByte(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            return isKept ? byte : UInt8(ascii: "_")
        }
        while let first = bytes.first, first == UInt8(ascii: ".") || first == UInt8(ascii: "-") { bytes.removeFirst() }
        let name = String(decoding: bytes, as: UTF8.self)
        let stem = name.hasSuffix(".prom") ? String(name.dropLast(5)) : name
        return "\(stem.isEmpty ? "spankit" : stem).prom"
    }

    /// The name for the second, third, … process with the same name.
    static func name(_ name: String, slot: Int) -> String {
        slot == 1 ? name : "\(name.dropLast(5))-\(slot).prom"
    }
}
