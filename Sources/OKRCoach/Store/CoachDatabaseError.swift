import GRDB

/// Why a database cannot be used. Each says what to do; the file has not been changed.
public enum CoachDatabaseError: Error, Equatable, CustomStringConvertible {
    /// The path names a directory.
    case isDirectory(path: String)
    /// The directory that should hold the file is not there.
    case directoryMissing(path: String)
    /// The file or its directory may not be read or written.
    case noPermission(path: String)
    /// The file is something else, or damaged.
    case notADatabase(path: String, reason: String)
    /// The file is a SQLite database of another program.
    case foreign(path: String)
    /// The file was written by a newer version of this program.
    case newer(path: String, version: Int, supported: Int)
    /// There is no space left.
    case diskFull(path: String)
    /// Another program keeps it locked.
    case locked(path: String)
    /// Anything else SQLite reports.
    case other(path: String, reason: String)

    /// One line: what, where, what to do.
    public var description: String {
        switch self {
        case .isDirectory(let path): "\(path) is a directory; name a file in it"
        case .directoryMissing(let path): "the directory of \(path) does not exist; create it first"
        case .noPermission(let path):
            "\(path) cannot be read and written; check its permissions and those of its directory"
        case .notADatabase(let path, let reason):
            "\(path) is not a usable SQLite database (\(reason)); it was left as it is, choose another file or restore a backup"
        case .foreign(let path): "\(path) is a database of another program; it was left as it is, choose another file"
        case .newer(let path, let version, let supported):
            "\(path) has version \(version), this program knows up to \(supported); update the program or choose another file"
        case .diskFull(let path): "there is no space left for \(path); free some and try again"
        case .locked(let path): "\(path) is locked by another program; stop that or choose another file"
        case .other(let path, let reason): "\(path): \(reason)"
        }
    }

    init(_ error: any Error, path: String) {
        if let own = error as? CoachDatabaseError {
            self = own
            return
        }
        guard let error = error as? DatabaseError else {
            self = .other(path: path, reason: "\(error)")
            return
        }
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .notADatabase(path: path, reason: error.message ?? "damaged")
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM: self = .noPermission(path: path)
        case .SQLITE_FULL: self = .diskFull(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(path: path)
        default: self = .other(path: path, reason: error.message ?? "SQLite error \(error.resultCode.rawValue)")
        }
    }
}
