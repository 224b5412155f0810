import SpanKitInputs
import SpanKitPlatform

/// Reads a file that grows, or standard input, piece by piece. If the file is replaced or emptied, it is read from its start.
///
/// Nothing is decompressed. One thread uses it at a time.
package struct GrowingFile {
    package enum Part {
        /// The next bytes.
        case bytes([UInt8])
        /// The bytes that follow are those of another file with the same name, or of the same one after it was emptied.
        case restart(wasEmptied: Bool)
    }

    private let path: String
    private var input: InputBytes
    private var file: (device: dev_t, number: ino_t)?
    private var byteCount = 0
    /// Whether everything that is in the file so far was read.
    package private(set) var isAtEnd = false
    /// Whether no more can come: standard input was closed.
    package private(set) var hasEnded = false

    /// - Parameter path: `-` is standard input.
    package init(_ path: String) throws(InputBytes.Problem) {
        self.path = path
        input = try InputBytes(path: path, decompresses: false)
        file = Self.identity(of: path)?.file
    }

    /// Reads the next bytes.
    /// - Returns: What was read; `nil` if there are no bytes now.
    package mutating func next() throws(InputBytes.Problem) -> Part? {
        guard !hasEnded else { return nil }
        if isStream, input.wouldWait {
            isAtEnd = true
            return nil
        }
        guard let bytes = try input.next() else {
            isAtEnd = true
            if isStream { hasEnded = true } else { return try reopen() }
            return nil
        }
        isAtEnd = false
        byteCount += bytes.count
        return .bytes(bytes)
    }

    /// Whether bytes are the beginning of a gzip or zstd stream.
    package static func isCompressed(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x1F, 0x8B]) || bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
    }

    /// Opens the file again if another one has its name or if it was emptied.
    private mutating func reopen() throws(InputBytes.Problem) -> Part? {
        guard let now = Self.identity(of: path), let file else { return nil }
        let isSame = file.device == now.file.device && file.number == now.file.number
        guard !isSame || now.size < byteCount else { return nil }
        input = try InputBytes(path: path, decompresses: false)
        (self.file, byteCount) = (now.file, 0)
        return .restart(wasEmptied: isSame)
    }

    /// Whether the input is a pipe or a terminal. Its end is final, because it cannot grow later.
    package var isStream: Bool { path == "-" || file == nil }

    /// The identity and the size of a regular file; `nil` for anything else.
    private static func identity(of path: String) -> (file: (device: dev_t, number: ino_t), size: Int)? {
        var status = stat()
        guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return ((status.st_dev, status.st_ino), Int(status.st_size))
    }
}
