#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the spool and the file destination ask of the file system. Errors are the system's numbers.
package enum FileSystem {
    /// Makes a directory and those above it, for this user alone.
    static func makeDirectory(_ path: String) -> Int32? {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return isDirectory(path) ? nil : ENOTDIR }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return errno }
        if let problem = makeDirectory(String(path[..<slash])) { return problem }
        return mkdir(path, 0o700) == 0 || errno == EEXIST ? nil : errno
    }

    /// What ``makeDirectory(_:)`` would have to make, the innermost first.
    static func missingDirectories(_ path: String) -> [String] {
        var missing: [String] = []
        var path = path[...]
        while !path.isEmpty, access(String(path), F_OK) != 0 {
            missing.append(String(path))
            path = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
        }
        return missing
    }

    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    package static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

    /// The names in a directory, in order, without `.` and `..`; none where it cannot be looked into.
    static func names(in path: String) -> [String] { (try? listing(of: path).get()) ?? [] }

    /// The names in a directory, in order, without `.` and `..`.
    static func listing(of path: String) -> Result<[String], SpoolProblem> {
        guard let directory = opendir(path) else { return .failure(.init(path, errno)) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return .success(names.sorted())
    }

    /// Size and time of the last change (Unix seconds); nil when there is no such file.
    static func attributes(_ path: String) -> (bytes: Int, changed: Int64)? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        #if canImport(Darwin)
            return (Int(status.st_size), Int64(status.st_mtimespec.tv_sec))
        #else
            return (Int(status.st_size), Int64(status.st_mtim.tv_sec))
        #endif
    }

    /// The bytes of a file, also of one that the system makes up as it is read (`/proc`, `/sys`).
    /// - Parameters:
    ///   - limit: of bytes, 2 GiB by default; EFBIG for more.
    ///   - mayBePipe: whether a pipe or a device is read to its end as well; EINVAL for one otherwise.
    package static func read(
        _ path: String,
        limit: Int = 1 << 31,
        mayBePipe: Bool = false
    ) -> Result<[UInt8], SpoolProblem> {
        func failure(_ code: Int32) -> Result<[UInt8], SpoolProblem> { .failure(.init(path, code)) }
        // Without O_NONBLOCK a pipe that nobody writes to would not even open.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (mayBePipe ? 0 : O_NONBLOCK))
        guard descriptor >= 0 else { return failure(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return failure(errno) }
        guard mayBePipe || status.st_mode & S_IFMT == S_IFREG else { return failure(EINVAL) }
        guard status.st_size <= limit else { return failure(EFBIG) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(status.st_size))
        var piece = [UInt8](repeating: 0, count: 64 * 1_024)
        while true {
            let count = readBytes(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return failure(errno) }
            guard count > 0 else { return .success(bytes) }
            bytes += piece[..<count]
            guard bytes.count <= limit else { return failure(EFBIG) }
        }
    }

    /// Writes a new file for this user alone. - Returns: what went wrong; nothing of the file is left then.
    static func write(_ bytes: UnsafeRawBufferPointer, to path: String, synchronously: Bool = false) -> Int32? {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return errno }
        var problem = append(bytes, to: descriptor)
        if synchronously, problem == nil, fsync(descriptor) != 0 { problem = errno }
        if close(descriptor) != 0, problem == nil { problem = errno }
        if problem != nil { unlink(path) }
        return problem
    }

    /// Writes all bytes to an open file.
    static func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
        var written = 0
        while written < bytes.count {
            let count = writeBytes(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return errno }
            written += count
        }
        return nil
    }

    /// Makes sure that a file, or the names in a directory, survive a power cut.
    static func synchronize(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    static func rename(_ old: String, _ new: String) -> Int32? {
        renameFile(old, new) == 0 ? nil : errno
    }

    static func remove(_ path: String) {
        unlink(path)
    }

    static func removeDirectory(_ path: String) {
        rmdir(path)
    }

    /// The system's words for an error number.
    package static func describe(_ number: Int32) -> String {
        let text = String(cString: strerror(number))
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

// Outside of the type, whose own functions have these names.
private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}

private func writeBytes(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}

private func renameFile(_ old: String, _ new: String) -> Int32 {
    rename(old, new)
}
