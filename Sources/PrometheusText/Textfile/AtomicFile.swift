#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is replaced as a whole: a reader sees the old content or the new, never a part.
///
/// The content goes to a temporary file beside it, which rename(2) then puts in place. The temporary name begins with a
/// dot and ends with `.tmp`: node_exporter reads hidden files too, but only those that end with `.prom`.
struct AtomicFile: Sendable {
    let directory: String
    let name: String

    var path: String { "\(directory)/\(name)" }

    private var temporaryPrefix: String { ".\(name)." }
    private static let temporarySuffix = ".tmp"

    /// Replaces the file; after a failure the old one stands as before.
    /// - Parameter synchronizes: whether the content is on the disk when the call returns.
    func replace(with bytes: [UInt8], synchronizes: Bool) throws(SystemFailure) {
        let temporary = "\(directory)/\(temporaryPrefix)\(getpid())\(Self.temporarySuffix)"
        do throws(SystemFailure) {
            try write(bytes, to: temporary, synchronizes: synchronizes)
            guard rename(temporary, path) == 0 else { throw SystemFailure() }
        } catch {
            unlink(temporary)
            throw error
        }
        if synchronizes { synchronizeDirectory() }
    }

    /// Removes the file; that there is none is no failure.
    func remove() throws(SystemFailure) {
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemFailure() }
    }

    private func write(_ bytes: [UInt8], to temporary: String, synchronizes: Bool) throws(SystemFailure) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        var descriptor = open(temporary, flags, 0o644)
        if descriptor < 0, errno == EEXIST, unlink(temporary) == 0 {
            // Left over by a process that had our number and was killed.
            descriptor = open(temporary, flags, 0o644)
        }
        guard descriptor >= 0 else { throw SystemFailure() }
        do throws(SystemFailure) {
            // The umask of the host program may keep node_exporter's user out.
            guard fchmod(descriptor, 0o644) == 0 else { throw SystemFailure() }
            try write(bytes, to: descriptor)
            if synchronizes {
                guard fsync(descriptor) == 0 || errno == EINVAL else { throw SystemFailure() }
            }
        } catch {
            close(descriptor)
            throw error
        }
        // Network file systems tell here that the disk is full.
        guard close(descriptor) == 0 || errno == EINTR else { throw SystemFailure() }
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw count == 0 ? SystemFailure(code: ENOSPC) : SystemFailure() }
            written += count
        }
    }

    private func synchronizeDirectory() {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Removes temporary files that processes left here that no longer run.
    func removeLeftovers() {
        for entry in DirectoryListing.names(in: directory)
        where entry.hasPrefix(temporaryPrefix) && entry.hasSuffix(Self.temporarySuffix) {
            let number = entry.dropFirst(temporaryPrefix.count).dropLast(Self.temporarySuffix.count)
            guard let process = pid_t(number), process > 0, process != getpid() else { continue }
            // Another container may use the number in its own way: its file is a moment old at most.
            guard kill(process, 0) != 0, errno == ESRCH, age(of: "\(directory)/\(entry)") > 60 else { continue }
            unlink("\(directory)/\(entry)")
        }
    }

    private func age(of path: String) -> Int {
        var status = stat()
        guard lstat(path, &status) == 0 else { return 0 }
        #if canImport(Darwin)
            return time(nil) - status.st_mtimespec.tv_sec
        #else
            return time(nil) - status.st_mtim.tv_sec
        #endif
    }
}

/// The names in a directory.
enum DirectoryListing {
    /// Sorted; empty when it cannot be read.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The content of a file, nil when it cannot be read or is larger than `limit`.
    static func content(of path: String, limit: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
            return nil
        }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while content.count <= limit {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? content : nil }
            content.append(contentsOf: chunk[..<count])
        }
        return nil
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
