import CSpanKitZlib
import SpanKitPlatform
import SpanKitShipping

/// The bytes of a file or of standard input, piece by piece; gzip and zstd are undone on the way.
///
/// Belongs to one thread at a time.
package final class InputBytes {
    /// Why there is nothing more to read.
    package struct Problem: Error, CustomStringConvertible {
        package let description: String
    }

    private let name: String
    private let descriptor: Int32
    private var raw = [UInt8](repeating: 0, count: 64 * 1_024)
    private var inflater: UnsafeMutablePointer<z_stream>?
    private var zstandard: Zstandard?
    private var isFirst = true
    private var hasEnded = false
    /// Compressed bytes that were read and not yet undone.
    private var pending: [UInt8] = []
    private var isWithinMember = false
    /// Thrown by the next call, behind what came before the damage.
    private var damage: Problem?

    /// Opens a file; `-` is standard input.
    package init(path: String) throws(Problem) {
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Problem(description: "\(path): \(FileSystem.describe(errno))") }
        if FileSystem.isDirectory(path) { throw Problem(description: "\(path): is a directory; give its files") }
    }

    deinit {
        if descriptor > STDERR_FILENO { close(descriptor) }
        if let inflater {
            inflateEnd(inflater)
            inflater.deallocate()
        }
    }

    /// The next bytes; nil at the end.
    ///
    /// A compressed stream that is damaged or cut short throws there; everything before it has been handed out.
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
                // A pipe may bring the first bytes one by one; four tell zstd from text, two tell gzip.
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

    private func readRaw() throws(Problem) -> [UInt8]? {
        while true {
            let count = raw.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { return Array(raw[..<count]) }
            if count == 0 { return nil }
            if errno != EINTR { throw Problem(description: "\(name): \(FileSystem.describe(errno))") }
        }
    }

    private func beginGzip() throws(Problem) {
        // In memory of its own: zlib keeps the address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard spankit_inflate_init(stream) == Z_OK else {
            stream.deallocate()
            throw Problem(description: "\(name): zlib finds no memory")
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
            damage = Problem(description: "\(name): \(error.reason); what came before is kept")
        } catch {
            damage = error as? Problem
        }
        if damage == nil, !zstandard.isBetweenFrames {
            damage = Problem(description: "\(name): the zstd stream ends too early; what came before is kept")
        }
        if let damage { throw damage }
        return nil
    }

    private func inflateNext() throws(Problem) -> [UInt8]? {
        guard let inflater else { return nil }
        if pending.isEmpty {
            guard let bytes = try readRaw() else {
                hasEnded = true
                if isWithinMember {
                    throw Problem(description: "\(name): the gzip stream ends too early; what came before is kept")
                }
                return nil
            }
            pending = bytes
        }
        if !isWithinMember {
            // Another member may follow, as from `cat a.gz b.gz`; anything else is padding.
            guard pending.first == 0x1F, inflateReset(inflater) == Z_OK else {
                hasEnded = true
                return nil
            }
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
            damage = Problem(description: "\(name): the gzip stream is damaged; what came before is kept")
        }
        return plain.isEmpty ? nil : plain
    }
}
