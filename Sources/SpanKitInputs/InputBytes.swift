import CSpanKitZlib
import SpanKitPlatform
import SpanKitShipping

/// Reads a file or standard input piece by piece and decompresses gzip and zstd.
///
/// An instance must be used by one thread at a time.
package final class InputBytes {
    /// The reason why the input cannot be read any further.
    package struct Problem: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    /// The path of the file, or `standard input`.
    package let name: String
    private let descriptor: Int32
    private var raw = [UInt8](repeating: 0, count: 64 * 1_024)
    private var inflater: UnsafeMutablePointer<z_stream>?
    private var zstandard: Zstandard?
    /// Whether the next bytes are the first ones, which show how the input is compressed.
    private var isFirst: Bool
    private var hasEnded = false
    /// Compressed bytes that were read but not decompressed yet.
    private var pending: [UInt8] = []
    private var isWithinMember = false
    /// The error that the next call throws. The bytes before the damage are returned first.
    private var damage: Problem?
    /// Why the bytes ended, if that was before their end.
    private let cause: () -> Problem?

    /// Opens a file; `-` is standard input.
    /// - Parameter decompresses: Whether to decompress gzip and zstd.
    package init(path: String, decompresses: Bool = true) throws(Problem) {
        isFirst = decompresses
        cause = { nil }
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Problem(description: "\(path): \(FileSystem.describe(errno))") }
        if FileSystem.isDirectory(path) { throw Problem(description: "\(path): is a directory; give its files") }
    }

    /// Reads from a file descriptor, which is closed with this object.
    /// - Parameter cause: Called when there are no more bytes. Says why, if bytes are missing.
    package init(name: String, descriptor: Int32, cause: @escaping () -> Problem?) {
        (self.name, self.descriptor, self.cause) = (name, descriptor, cause)
        isFirst = true
    }

    deinit {
        if descriptor > STDERR_FILENO { close(descriptor) }
        endGzip()
    }

    private func endGzip() {
        guard let inflater else { return }
        inflateEnd(inflater)
        inflater.deallocate()
        self.inflater = nil
    }

    /// Returns the next bytes, or `nil` at the end.
    /// - Throws: ``Problem`` if a compressed stream is damaged or cut off. The bytes before that point are returned
    ///   first.
    package func next() throws(Problem) -> [UInt8]? {
        while true {
            if let damage { throw damage }
            if inflater != nil {
                if let bytes = try inflateNext() { return bytes }
                if hasEnded { return nil }
                continue
            }
            if let zstandard { return try decompressedNext(zstandard) }
            guard var bytes = try readRaw() else { return nil }
            if isFirst {
                isFirst = false
                // Two bytes identify gzip, four zstd. A pipe may deliver them one by one.
                while bytes == [0x1F] || bytes.count < 4 && Zstandard.isStart(bytes), let more = try readRaw() {
                    bytes += more
                }
                if bytes.count >= 4, Zstandard.isStart(bytes) {
                    pending = bytes
                    do { zstandard = try Zstandard() } catch { throw Problem(description: "\(name): \(error.reason)") }
                    continue
                }
                if bytes.count >= 2, bytes[0] == 0x1F, bytes[1] == 0x8B {
                    pending = bytes
                    try beginGzip()
                    continue
                }
            }
            return bytes
        }
    }

    /// Whether ``next()`` would have to wait for input. False if compressed bytes were read already, even if they are
    /// too few to decompress.
    package var wouldWait: Bool {
        guard pending.isEmpty else { return false }
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) == 0
    }

    private func readRaw() throws(Problem) -> [UInt8]? {
        while true {
            let count = raw.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { return Array(raw[..<count]) }
            if count == 0 {
                if let problem = cause() { throw problem }
                return nil
            }
            if errno != EINTR { throw Problem(description: "\(name): \(FileSystem.describe(errno))") }
        }
    }

    private func beginGzip() throws(Problem) {
        // Allocated separately because zlib keeps the address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard spankit_inflate_init(stream) == Z_OK else {
            stream.deallocate()
            throw Problem(description: "\(name): zlib could not allocate memory")
        }
        inflater = stream
        isWithinMember = true
    }

    private func decompressedNext(_ zstandard: Zstandard) throws(Problem) -> [UInt8]? {
        do {
            while true {
                if let bytes = try zstandard.next() { return bytes }
                guard let bytes = try pending.isEmpty ? readRaw() : pending else { break }
                zstandard.append(bytes)
                pending = []
            }
        } catch let error as Zstandard.Failure {
            damage = Problem(description: "\(name): \(error.reason); everything before that is kept")
        } catch {
            damage = error as? Problem
        }
        if damage == nil, !zstandard.isBetweenFrames {
            damage = Problem(description: "\(name): the zstd stream is cut off; everything before that is kept")
        }
        if let damage { throw damage }
        return nil
    }

    /// Reads bytes that follow a gzip member and are not another member, as in the output of `cat a.gz b`.
    ///
    /// Text is read as part of the input. Other bytes are skipped, and their number is reported.
    private func bytesAfterGzip() throws(Problem) -> [UInt8]? {
        let isText = pending.prefix(64).allSatisfy { $0 >= 0x20 && $0 != 0x7F || [0x09, 0x0A, 0x0D].contains($0) }
        if isText {
            endGzip()
            defer { pending = [] }
            return pending
        }
        var count = pending.count
        while let more = try readRaw() { count += more.count }
        let bytes = count == 1 ? "1 byte" : "\(count) bytes"
        damage = Problem(
            description: "\(name): the gzip stream is followed by \(bytes) of other data, which is left out"
        )
        return nil
    }

    private func inflateNext() throws(Problem) -> [UInt8]? {
        guard let inflater else { return nil }
        if pending.isEmpty {
            guard let bytes = try readRaw() else {
                hasEnded = true
                if isWithinMember {
                    throw Problem(description: "\(name): the gzip stream is cut off; everything before that is kept")
                }
                return nil
            }
            pending = bytes
        }
        if !isWithinMember {
            // Zeros are padding, as gzip treats them.
            pending.removeFirst(pending.prefix { $0 == 0 }.count)
            guard let first = pending.first else { return nil }
            guard first == 0x1F, inflateReset(inflater) == Z_OK else { return try bytesAfterGzip() }
            isWithinMember = true
        }
        var status = Z_OK
        var left = 0
        let plain = pending.withUnsafeMutableBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: 64 * 1_024) { buffer, count in
                inflater.pointee.next_in = source.baseAddress
                inflater.pointee.avail_in = UInt32(source.count)
                inflater.pointee.next_out = buffer.baseAddress
                inflater.pointee.avail_out = UInt32(buffer.count)
                status = inflate(inflater, Z_NO_FLUSH)
                left = Int(inflater.pointee.avail_in)
                count = buffer.count - Int(inflater.pointee.avail_out)
            }
        }
        pending.removeFirst(pending.count - left)
        if status == Z_STREAM_END {
            isWithinMember = false
        } else if status != Z_OK, status != Z_BUF_ERROR {
            damage = Problem(description: "\(name): the gzip stream is damaged; everything before that is kept")
        }
        return plain.isEmpty ? nil : plain
    }
}
