/// What SpanKit asks of the file system. Errors are the system's numbers.
package enum FileSystem {
    // MARK: Directories

    /// Makes a directory and those above it, for this user alone.
    package static func makeDirectory(_ path: String) -> Int32? {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return isDirectory(path) ? nil : ENOTDIR }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return errno }
        if let problem = makeDirectory(String(path[..<slash])) { return problem }
        return mkdir(path, 0o700) == 0 || errno == EEXIST ? nil : errno
    }

    /// What ``makeDirectory(_:)`` would have to make, the innermost first.
    package static func missingDirectories(_ path: String) -> [String] {
        var missing: [String] = []
        var path = path[...]
        while !path.isEmpty, !exists(String(path)) {
            missing.append(String(path))
            path = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
        }
        return missing
    }

    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a directory, in order, without `.` and `..`; none where it cannot be looked into.
    package static func names(in path: String) -> [String] { (try? listing(of: path).get()) ?? [] }

    /// The names in a directory, in order, without `.` and `..`.
    package static func listing(of path: String) -> Result<[String], SystemFailure> {
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

    package static func removeDirectory(_ path: String) {
        rmdir(path)
    }

    // MARK: Files

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    package static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

    /// Size and time of the last change (Unix seconds); nil when there is no such file.
    package static func attributes(_ path: String) -> (bytes: Int, changed: Int64)? {
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
    ) -> Result<[UInt8], SystemFailure> {
        func failure(_ code: Int32) -> Result<[UInt8], SystemFailure> { .failure(.init(path, code)) }
        // Without O_NONBLOCK, opening a pipe without a writer would block.
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

    /// Writes a new file. - Returns: what went wrong; nothing of the file is left then.
    /// - Parameters:
    ///   - mode: who may read it: this user alone by default.
    ///   - ignoresMask: whether the mode stays as it is whatever the host program's umask.
    ///   - replaces: whether a file or a link of that name may be there; EEXIST otherwise.
    ///   - synchronously: whether the content is on the disk when the call returns.
    package static func write(
        _ bytes: UnsafeRawBufferPointer,
        to path: String,
        mode: mode_t = 0o600,
        ignoresMask: Bool = false,
        replaces: Bool = true,
        synchronously: Bool = false
    ) -> Int32? {
        let flags = replaces ? O_TRUNC : O_EXCL | O_NOFOLLOW
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, mode)
        guard descriptor >= 0 else { return errno }
        var problem = ignoresMask && fchmod(descriptor, mode) != 0 ? errno : append(bytes, to: descriptor)
        // EINVAL: what cannot be synchronized needs none.
        if synchronously, problem == nil, fsync(descriptor) != 0, errno != EINVAL { problem = errno }
        // Network file systems tell here that the disk is full.
        if close(descriptor) != 0, errno != EINTR, problem == nil { problem = errno }
        if problem != nil { unlink(path) }
        return problem
    }

    /// Writes all bytes to an open file.
    package static func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
        var written = 0
        while written < bytes.count {
            let count = writeBytes(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? ENOSPC : errno }
            written += count
        }
        return nil
    }

    /// Makes sure that a file, or the names in a directory, survive a power cut.
    package static func synchronize(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    package static func rename(_ old: String, _ new: String) -> Int32? {
        renameFile(old, new) == 0 ? nil : errno
    }

    package static func remove(_ path: String) {
        unlink(path)
    }

    /// The system's words for an error number.
    package static func describe(_ code: Int32) -> String { String(cString: strerror(code)).withLowerCaseStart }
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
