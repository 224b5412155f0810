import Foundation
import SpanKitPlatform

/// A path on the command line that a command writes to.
package struct OutputPath {
    package let path: String

    package init(_ path: String) {
        self.path = path
    }

    /// Checks whether a file can be written, before the command computes its content.
    /// - Parameter option: The option with the path, such as `--otlp-file`.
    /// - Throws: ``CommandFailure`` with status 73.
    package func checkFile(_ option: String) throws(CommandFailure) {
        if FileSystem.isDirectory(path) { throw failure(option, "is a directory; give the path of a file") }
        if FileSystem.exists(path) {
            guard access(path, W_OK) == 0 else { throw failure(option, "cannot be written: \(Self.lastError)") }
            return
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        try OutputPath(folder).checkDirectory(option)
    }

    /// Checks whether files can be created in a directory.
    /// - Parameter option: The option with the path.
    /// - Throws: ``CommandFailure`` with status 73.
    package func checkDirectory(_ option: String) throws(CommandFailure) {
        guard FileSystem.exists(path) else { throw failure(option, "\(Self.lastError); create the directory first") }
        guard FileSystem.isDirectory(path) else { throw failure(option, "is not a directory") }
        guard access(path, W_OK | X_OK) == 0 else { throw failure(option, "cannot be written: \(Self.lastError)") }
    }

    /// Replaces a file atomically. Writes directly to anything else, such as a pipe.
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
