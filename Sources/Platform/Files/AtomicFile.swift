/// A file that is replaced as a whole: a reader sees either the old content or the new content.
///
/// The content is written to a temporary file in the same directory, which rename(2) then moves into place. The temporary name
/// starts with a dot and ends with `.tmp`. node_exporter also reads hidden files, but only those that end with `.prom`.
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

    /// Replaces the file and makes it readable for every user. If it fails, the old file is unchanged.
    /// - Parameter synchronizes: whether to wait until the content is on the disk.
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
            // A process with the same number left it behind when it was killed.
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

    /// Removes the file. A missing file is not an error.
    package func remove() throws(SystemFailure) {
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemFailure(path, errno) }
    }

    /// Removes the temporary files of processes that no longer run.
    package func removeLeftovers() {
        for entry in FileSystem.names(in: directory)
        where entry.hasPrefix(temporaryPrefix) && entry.hasSuffix(Self.temporarySuffix) {
            let number = entry.dropFirst(temporaryPrefix.count).dropLast(Self.temporarySuffix.count)
            guard let process = pid_t(number), process > 0, !isRunning(process: process),
                // In another container the number may belong to a running process. Its file is only a moment old.
                let changed = FileSystem.attributes("\(directory)/\(entry)")?.changed,
                UnixTime.seconds() - changed > 60
            else { continue }
            FileSystem.remove("\(directory)/\(entry)")
        }
    }
}
