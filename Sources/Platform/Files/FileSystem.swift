/// The file operations that SpanKit needs. Errors are `errno` values.
package enum FileSystem {
    // MARK: Directories

    /// Creates a directory and its parents, accessible to this user only. Returns the error, or nil.
    package static func makeDirectory(_ path: String) -> Int32? {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return isDirectory(path) ? nil : ENOTDIR }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return errno }
        if let problem = makeDirectory(String(path[..<slash])) { return problem }
        return mkdir(path, 0o700) == 0 || errno == EEXIST ? nil : errno
    }

    /// The directories that ``makeDirectory(_:)`` would create, the innermost first.
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

    /// The sorted names in a directory, without `.` and `..`. Empty for a directory that cannot be read.
    package static func names(in path: String) -> [String] { (try? listing(of: path).get()) ?? [] }

    /// The sorted names in a directory, without `.` and `..`.
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

    /// The size of a regular file in bytes, and the time of its last change in Unix seconds; nil if there is no such file.
    package static func attributes(_ path: String) -> (bytes: Int, changed: Int64)? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return (Int(status.st_size), status.changed)
    }

    /// The bytes of a file. Files whose content the system generates (`/proc`, `/sys`) can also be read.
    /// - Parameters:
    ///   - limit: the largest number of bytes; a larger file fails with EFBIG.
    ///   - mayBePipe: whether to read pipes and devices to their end; otherwise they fail with EINVAL.
    package static func read(
        _ path: String,
        limit: Int = 1 << 31,
        mayBePipe: Bool = false
    ) -> Result<[UInt8], SystemFailure> {
        func failure(_ code: Int32) -> Result<[UInt8], SystemFailure> { .failure(.init(path, code)) }
        // Without O_NONBLOCK, opening a pipe that has no writer would block.
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

    /// Writes a new file.
    /// - Parameters:
    ///   - mode: the permissions; by default only this user can read the file.
    ///   - ignoresMask: whether to apply the mode regardless of the host program's umask.
    ///   - replaces: whether to overwrite an existing file or follow a link; otherwise the call fails with EEXIST.
    ///   - synchronously: whether to wait until the content is on the disk.
    /// - Returns: the error, or nil. After an error, no part of the file is left.
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
        // EINVAL: this kind of file cannot be synchronized, and does not need to be.
        if synchronously, problem == nil, fsync(descriptor) != 0, errno != EINVAL { problem = errno }
        // Network file systems report a full disk here.
        if close(descriptor) != 0, errno != EINTR, problem == nil { problem = errno }
        if problem != nil { unlink(path) }
        return problem
    }

    /// Writes all bytes to an open file. Returns the error, or nil.
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

    /// Waits until a file, or the list of entries in a directory, is on the disk, so that it survives a power cut.
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

    /// The system's text for an error number.
    package static func describe(_ code: Int32) -> String { String(cString: strerror(code)).withLowerCaseStart }
}

// Outside the type, because its own functions have the same names.
private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}

private func writeBytes(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}

private func renameFile(_ old: String, _ new: String) -> Int32 {
    rename(old, new)
}

/// A failed operation on a file, with the error number of the system call.
package struct SystemFailure: Error, CustomStringConvertible {
    package let path: String
    package let code: Int32

    package init(_ path: String, _ code: Int32) {
        self.path = path
        self.code = code
    }

    package var description: String { "\(path): \(FileSystem.describe(code))" }
}
