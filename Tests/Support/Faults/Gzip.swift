import CSpanKitZlib

/// gzip for tests: whole bodies in memory.
public enum Gzip {
    /// Compresses.
    public static func compress(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] {
        compress(count: 1, level: level) { _ in bytes }
    }

    /// `{}` and spaces, compressed: `count` bytes of JSON in about a thousandth of the size.
    public static func bomb(inflatingTo count: Int) -> [UInt8] {
        let chunk = 1 << 20
        let spaces = [UInt8](repeating: UInt8(ascii: " "), count: chunk)
        let chunks = max(1, (count + chunk - 1) / chunk)
        return compress(count: chunks, level: 9) { index in
            let size = index == chunks - 1 ? max(2, count - index * chunk) : chunk
            var piece = Array(spaces[..<size])
            if index == 0 { piece.replaceSubrange(0..<2, with: "{}".utf8) }
            return piece
        }
    }

    /// Reads gzip or zlib.
    /// - Returns: nil if it is broken, truncated, followed by other bytes, or larger than `limit`.
    public static func decompress(_ bytes: [UInt8], limit: Int = 1 << 28) -> [UInt8]? {
        var stream = z_stream()
        guard spankit_inflate_init(&stream) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        return input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            while true {
                let (status, count) = buffer.withUnsafeMutableBufferPointer { target in
                    stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(target.count)
                    let status = inflate(&stream, Z_NO_FLUSH)
                    return (status, target.count - Int(stream.avail_out))
                }
                guard status == Z_OK || status == Z_STREAM_END, output.count + count <= limit else { return nil }
                output += buffer[..<count]
                if status == Z_STREAM_END { return stream.avail_in == 0 ? output : nil }
            }
        }
    }

    private static func compress(count: Int, level: Int32, _ piece: (Int) -> [UInt8]) -> [UInt8] {
        var stream = z_stream()
        guard spankit_gzip_init(&stream, level) == Z_OK else { return [] }
        defer { deflateEnd(&stream) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        for index in 0..<count {
            var input = piece(index)
            input.withUnsafeMutableBufferPointer { source in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                var isFull = true
                while isFull {
                    let written = buffer.withUnsafeMutableBufferPointer { target in
                        stream.next_out = target.baseAddress
                        stream.avail_out = UInt32(target.count)
                        deflate(&stream, index == count - 1 ? Z_FINISH : Z_NO_FLUSH)
                        return target.count - Int(stream.avail_out)
                    }
                    output += buffer[..<written]
                    isFull = stream.avail_out == 0
                }
            }
        }
        return output
    }
}
