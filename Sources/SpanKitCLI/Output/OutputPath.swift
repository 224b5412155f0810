import Foundation
import SpanKitPlatform

/// Where a command is told to write.
package struct OutputPath {
    package let path: String

    package init(_ path: String) {
        self.path = path
    }

    /// Looks whether a file can be written there, before work is done that would be lost otherwise.
    /// - Parameter option: which names the path, such as `--otlp-file`.
    /// - Throws: ``CommandFailure`` with status 73.
    package func checkFile(_ option: String) throws(CommandFailure) {
        if FileSystem.isDirectory(path) { throw failure(option, "is a directory; give the name of a file") }
        if FileSystem.exists(path) {
            guard access(path, W_OK) == 0 else { throw failure(option, "cannot be written: \(Self.lastError)") }
            return
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        try OutputPath(folder).checkDirectory(option)
    }

    /// Looks whether files can be made in a directory.
    /// - Parameter option: which names the path.
    /// - Throws: ``CommandFailure`` with status 73.
    package func checkDirectory(_ option: String) throws(CommandFailure) {
        guard FileSystem.exists(path) else { throw failure(option, "\(Self.lastError); make the directory first") }
        guard FileSystem.isDirectory(path) else { throw failure(option, "is no directory") }
        guard access(path, W_OK | X_OK) == 0 else { throw failure(option, "cannot be written: \(Self.lastError)") }
    }

    /// Writes a file as a whole: who reads it meanwhile reads the old one. What is no file, such as a pipe, stays what it is.
    /// - Throws: ``CommandFailure`` with status 73.
    func write(_ text: String) throws(CommandFailure) {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: isReplaceable ? .atomic : [])
        } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            let reason = cause.map { FileSystem.describe(Int32($0.code)) }
            throw failure("--out", "cannot be written: \(reason ?? error.localizedDescription.withLowerCaseStart)")
        }
    }

    private var isReplaceable: Bool {
        var status = stat()
        return lstat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }

    private func failure(_ option: String, _ reason: String) -> CommandFailure {
        CommandFailure(.cannotCreate, "\(option): \(path): \(reason)")
    }

    private static var lastError: String { FileSystem.describe(errno) }
}
