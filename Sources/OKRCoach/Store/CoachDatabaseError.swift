import GRDB

/// The error for a database that cannot be used. The file is unchanged.
public enum CoachDatabaseError: Error, Equatable, CustomStringConvertible {
    /// The path names a directory.
    case isDirectory(path: String)
    /// The directory of the file does not exist.
    case directoryMissing(path: String)
    /// There is no permission to read and write the file or its directory.
    case noPermission(path: String)
    /// The file is not a SQLite database or is damaged.
    case notADatabase(path: String, reason: String)
    /// The file is a SQLite database of another program.
    case foreign(path: String)
    /// The file was written by a newer version of this program.
    case newer(path: String, version: Int, supported: Int)
    /// There is no space left on the device.
    case diskFull(path: String)
    /// Another program has locked the database.
    case locked(path: String)
    /// Another error of SQLite.
    case other(path: String, reason: String)

    /// What happened, where, and what to do, in one line.
    public var description: String {
        switch self {
        case .isDirectory(let path): "\(path) is a directory; give the path of a file"
        case .directoryMissing(let path): "the directory of \(path) does not exist; create it"
        case .noPermission(let path):
            "\(path) cannot be opened for reading and writing; check its permissions and those of its directory"
        case .notADatabase(let path, let reason):
            "\(path) is not a usable SQLite database (\(reason)); the file is unchanged; choose another file or restore a backup"
        case .foreign(let path):
            "\(path) is the database of another program; the file is unchanged; choose another file"
        case .newer(let path, let version, let supported):
            "\(path) has version \(version), but this program reads only up to version \(supported); update the program or choose another file"
        case .diskFull(let path): "there is no space left for \(path); free some space and try again"
        case .locked(let path): "\(path) is locked by another program; stop that program or choose another file"
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
