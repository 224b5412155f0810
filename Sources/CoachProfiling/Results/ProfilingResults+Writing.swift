import Foundation
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

extension ProfilingResults {
    /// The results as JSON: indented, keys sorted, ending with a line feed. The same results give the same bytes.
    package func json() throws -> [UInt8] {
        try readableJSON(self)
    }

    /// Writes the results as `profiling-results-{timestamp}.json`.
    ///
    /// A file of that name is never replaced: the next free of `-2`, `-3`… is taken. The file appears at once and complete,
    /// or not at all.
    /// - Parameters:
    ///   - directory: where; it has to exist.
    ///   - timestamp: such as `20261123T174026Z`.
    /// - Returns: the path of the file.
    /// - Throws: ``ResultsFileError/cannotWrite(directory:reason:)``.
    package func write(inDirectory directory: String, timestamp: String) throws(ResultsFileError) -> String {
        let bytes: [UInt8]
        do { bytes = try json() } catch {
            throw .cannotWrite(directory: directory, reason: "\(error)")
        }
        let base = directory.hasSuffix("/") ? directory : directory + "/"
        let temporary = "\(base).profiling-results-\(timestamp)-\(getpid()).tmp"
        if let problem = bytes.withUnsafeBytes({
            FileSystem.write($0, to: temporary, mode: 0o644, synchronously: true)
        }) {
            throw .cannotWrite(directory: directory, reason: systemError(problem))
        }
        defer { unlink(temporary) }
        for attempt in 1...9_999 {
            let path = "\(base)profiling-results-\(timestamp)\(attempt == 1 ? "" : "-\(attempt)").json"
            // A hard link is the one way to put a complete file in place that never replaces another.
            if link(temporary, path) == 0 { return path }
            guard errno == EEXIST else { return try moved(temporary, to: path, directory) }
        }
        throw .cannotWrite(directory: directory, reason: "there are too many results of this second")
    }

    /// For file systems without hard links: the name is taken first, then filled.
    private func moved(_ temporary: String, to path: String, _ directory: String) throws(ResultsFileError) -> String {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .cannotWrite(directory: directory, reason: systemError(errno)) }
        close(descriptor)
        guard rename(temporary, path) == 0 else {
            throw .cannotWrite(directory: directory, reason: systemError(errno))
        }
        return path
    }
}
