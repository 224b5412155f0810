import Foundation
import SpanKitReports

/// A temporary folder with the database of a query and links to its input.
///
/// The engine takes a path with wildcards. The links have plain names, so that no character in the name of a file is a wildcard, and names
/// that say how the content is compressed.
struct SQLFolder {
    let path: String
    /// The links and the files as the user named them.
    private var links: [(link: String, file: String)] = []

    /// - Throws: ``CommandFailure`` with status 73.
    init() throws(CommandFailure) {
        let parent = FileManager.default.temporaryDirectory.path
        path = "\(parent)/spankit-sql-\(UUID().uuidString)"
        for folder in [path, "\(path)/input"] where mkdir(folder, 0o700) != 0 {
            throw CommandFailure(.cannotCreate, "\(folder): cannot be created: \(systemError(errno)); set TMPDIR")
        }
    }

    /// Removes the folder. The linked files stay.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Links files into the folder. Copies what is not a file, such as standard input.
    /// - Returns: A path with a wildcard that matches the files.
    /// - Throws: ``CommandFailure`` with status 65 if a file cannot be read.
    mutating func link(_ files: [String]) throws(CommandFailure) -> String {
        for (number, file) in files.enumerated() { try link(file, number) }
        return "\(path)/input/*"
    }

    /// A message of the engine in which links are replaced by the names of the files.
    func naming(_ message: String) -> String {
        links.reversed().reduce(message) { $0.replacing($1.link, with: $1.file == "-" ? "standard input" : $1.file) }
    }

    private mutating func link(_ file: String, _ number: Int) throws(CommandFailure) {
        let descriptor = file == "-" ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandFailure(.data, "\(file): cannot be read: \(systemError(errno))") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        fstat(descriptor, &status)
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw CommandFailure(.data, "\(file): is a folder; give its files")
        }
        let isFile = status.st_mode & S_IFMT == S_IFREG && file != "-"
        do {
            var head = try handle.read(upToCount: 4) ?? Data()
            let name = "\(path)/input/\(number).jsonl\(Self.suffix(head))"
            links.append((name, file))
            if isFile {
                let target = URL(filePath: file).standardizedFileURL.path
                return try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: target)
            }
            guard FileManager.default.createFile(atPath: name, contents: nil) else {
                throw CocoaError(.fileWriteUnknown)
            }
            let copy = try FileHandle(forWritingTo: URL(filePath: name))
            while !head.isEmpty {
                try copy.write(contentsOf: head)
                head = try handle.read(upToCount: 1 << 20) ?? Data()
            }
            try copy.close()
        } catch {
            throw CommandFailure(.data, "\(file): cannot be read: \(error.localizedDescription)")
        }
    }

    /// The suffix of the compression that the first bytes of a file show.
    private static func suffix(_ head: Data) -> String {
        if head.starts(with: [0x1F, 0x8B]) { return ".gz" }
        return head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) ? ".zst" : ""
    }
}
