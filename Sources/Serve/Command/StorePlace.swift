import Foundation
import SpanKitCLI
import SpanKitPlatform

/// The file of a store: one that the user named and that is kept, or one that is removed at the end.
struct StorePlace {
    let path: String
    let isTemporary: Bool

    /// - Parameter file: The file that is kept; nil for a temporary one in `$XDG_RUNTIME_DIR/spankit`, or in the folder for temporary
    ///   files without that variable.
    init(_ file: String?) throws(CommandFailure) {
        if let file {
            path = file
            isTemporary = false
            return
        }
        let folder = Self.folder(ProcessInfo.processInfo.environment)
        if let failure = Self.prepare(folder) {
            throw CommandFailure(.cannotCreate, "\(folder): \(failure); give --store FILE, or set XDG_RUNTIME_DIR")
        }
        Self.removeLeftBehind(in: folder)
        path = "\(folder)/serve-\(getpid()).sqlite"
        isTemporary = true
        remove()
    }

    /// The folder of temporary stores.
    static func folder(_ environment: [String: String]) -> String {
        func folder(_ variable: String) -> String? {
            guard var path = environment[variable], !path.isEmpty else { return nil }
            // The path is printed, so it has no double slash.
            while path.count > 1, path.last == "/" { path.removeLast() }
            return path == "/" ? "" : path
        }
        if let runtime = folder("XDG_RUNTIME_DIR") { return "\(runtime)/spankit" }
        return "\(folder("TMPDIR") ?? "/tmp")/spankit-\(getuid())"
    }

    /// Removes the files of a temporary store.
    func remove() {
        guard isTemporary else { return }
        for suffix in ["", "-wal", "-shm"] { FileSystem.remove(path + suffix) }
    }

    /// Creates the folder, or checks that it belongs to the user and that no other user can use it.
    /// - Returns: Why it cannot be used.
    private static func prepare(_ folder: String) -> String? {
        if mkdir(folder, 0o700) != 0, errno != EEXIST { return FileSystem.describe(errno) }
        var status = stat()
        guard lstat(folder, &status) == 0 else { return FileSystem.describe(errno) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(), status.st_mode & 0o077 == 0 else {
            return "is not a folder that only you can use"
        }
        return nil
    }

    /// Removes the stores of processes that were killed.
    private static func removeLeftBehind(in folder: String) {
        for name in FileSystem.names(in: folder) where name.hasPrefix("serve-") {
            guard let process = pid_t(name.dropFirst(6).prefix { $0.isNumber }) else { continue }
            if kill(process, 0) != 0, errno == ESRCH { FileSystem.remove("\(folder)/\(name)") }
        }
    }
}
