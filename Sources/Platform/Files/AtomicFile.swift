/// A file that is replaced as a whole: a reader sees the old content or the new, never a part.
///
/// The content goes to a temporary file beside it, which rename(2) then puts in place. The temporary name begins with a
/// dot and ends with `.tmp`: node_exporter reads hidden files too, but only those that end with `.prom`.
package struct AtomicFile: Sendable {
    package let directory: String
    package let name: String

    package init(directory: String, name: String) {
        self.directory = directory
        self.name = name
    }

    package var path: String { "\(directory)/\(name)" }

    private var temporaryPrefix: String { ".\(name)." }
    private static let temporarySuffix = ".tmp"

    /// Replaces the file, readable for everyone; after a failure the old file is unchanged.
    /// - Parameter synchronizes: whether the content is on the disk when the call returns.
    package func replace(with bytes: [UInt8], synchronizes: Bool) throws(SystemFailure) {
        let temporary = "\(directory)/\(temporaryPrefix)\(getpid())\(Self.temporarySuffix)"
        func write() -> Int32? {
            bytes.withUnsafeBytes {
                FileSystem.write(
                    $0,
                    to: temporary,
                    mode: 0o644,
                    ignoresMask: true,
                    replaces: false,
                    synchronously: synchronizes
                )
            }
        }
        var problem = write()
        if problem == EEXIST {
            // Left over by a process that had our number and was killed.
            FileSystem.remove(temporary)
            problem = write()
        }
        problem = problem ?? FileSystem.rename(temporary, path)
        if let problem {
            FileSystem.remove(temporary)
            throw SystemFailure(path, problem)
        }
        if synchronizes { FileSystem.synchronize(directory) }
    }

    /// Removes the file. A missing file is not a failure.
    package func remove() throws(SystemFailure) {
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemFailure(path, errno) }
    }

    /// Removes temporary files that processes left here that no longer run.
    package func removeLeftovers() {
        for entry in FileSystem.names(in: directory)
        where entry.hasPrefix(temporaryPrefix) && entry.hasSuffix(Self.temporarySuffix) {
            let number = entry.dropFirst(temporaryPrefix.count).dropLast(Self.temporarySuffix.count)
            guard let process = pid_t(number), process > 0, !isRunning(process: process),
                // Another container may use the number in its own way: its file is a moment old at most.
                let changed = FileSystem.attributes("\(directory)/\(entry)")?.changed,
                UnixTime.seconds() - changed > 60
            else { continue }
            FileSystem.remove("\(directory)/\(entry)")
        }
    }
}
